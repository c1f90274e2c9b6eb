/** The board's query and other lists, as a peer serves them: one SQL statement each, plain objects, the library's own resolvers. */
import pg from 'pg';
import { BOARD_ROWS_SQL } from '../queries/board.ts';
import { CLINICIANS_SQL, PATIENTS_SQL } from '../queries/lists.ts';

export const boardTypes = /* GraphQL */ `
  scalar DateTime
  enum Status { REQUESTED CONFIRMED CANCELLED DECLINED }
  enum CareState { EXPECTED ARRIVED IN_ROOM WITH_CLINICIAN DONE NO_SHOW }
  type Person { id: ID! name: String! }
  type EventType { id: ID! title: String! durationMinutes: Int! }
  type Participant { id: ID! name: String! careState: CareState }
  type Appointment {
    id: ID! version: Int! startsAt: DateTime! endsAt: DateTime! status: Status! careState: CareState hasConflict: Boolean!
    clinician: Person patient: Person eventType: EventType participants: [Participant!]!
  }
  type AppointmentConnection { nodes: [Appointment!]! }
  input AppointmentFilter { startsAfter: DateTime startsBefore: DateTime }
  type OfferedEventType { id: ID! slug: String! title: String! durationMinutes: Int! }
  type Clinician { id: ID! name: String! timeZone: String! eventTypes: [OfferedEventType!]! }
  type Patient { id: ID! name: String! email: String phone: String timeZone: String! locale: String! }
  type PatientConnection { nodes: [Patient!]! }
  type Query {
    appointments(first: Int!, filter: AppointmentFilter!): AppointmentConnection!
    clinicians: [Clinician!]!
    patients(search: String!, first: Int!): PatientConnection!
  }
`;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10, options: '-c timezone=UTC' });

interface Arguments {
  first: number;
  filter: { startsAfter: string; startsBefore: string };
}

export const boardResolvers = {
  Query: {
    async appointments(_root: unknown, { first, filter }: Arguments) {
      const values = [filter.startsAfter, filter.startsBefore, first];
      return { nodes: (await pool.query({ name: 'board', text: BOARD_ROWS_SQL, values })).rows };
    },
    clinicians: async () => (await pool.query({ name: 'clinicians', text: CLINICIANS_SQL })).rows,
    async patients(_root: unknown, { search, first }: { search: string; first: number }) {
      return { nodes: (await pool.query({ name: 'patients', text: PATIENTS_SQL, values: [search, first] })).rows };
    },
  },
};
