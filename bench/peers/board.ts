/** The board's subscription as every peer serves it. What happened is there already: nothing is read from a database. */
export const typeDefs = /* GraphQL */ `
  scalar DateTime
  scalar Cursor
  enum Kind { CREATED RESCHEDULED STATUS_CHANGED CARE_CHANGED CLINICIAN_CHANGED MERGED UPDATED LEFT_FILTER REMOVED POSITION RESYNC }
  enum Status { PENDING CONFIRMED CANCELLED DECLINED }
  enum CareState { EXPECTED ARRIVED IN_ROOM WITH_CLINICIAN DONE NO_SHOW }
  type Person { id: ID! name: String! }
  type EventType { id: ID! title: String! }
  type Participant { name: String! careState: CareState! }
  type Appointment {
    id: ID! version: Int! startsAt: DateTime! endsAt: DateTime! durationMinutes: Int! timeZone: String! status: Status!
    careState: CareState consultationType: String! reason: String hasConflict: Boolean!
    clinician: Person patient: Person eventType: EventType participants: [Participant!]!
  }
  type Trace { receivedAt: DateTime recordedAt: DateTime appliedAt: DateTime publishedAt: DateTime }
  type Update {
    kind: Kind! cursor: Cursor! appointmentId: ID version: Int changedFields: [String!]! trace: Trace appointment: Appointment
  }
  input AppointmentLiveFilter { startsBefore: DateTime }
  type Query { ok: Boolean! }
  type Subscription { appointmentUpdated(filter: AppointmentLiveFilter, since: Cursor): Update! }
`;

export const TOPIC = 'appointmentUpdated';
