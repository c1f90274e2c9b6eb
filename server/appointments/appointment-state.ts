/**
 * The appointment that follows from what is known of its latest booking, from what it was before, and from who our
 * people are. Pure: this is the merge that the convergence property is about.
 */
import {
  careAfterAbsence,
  careAfterReschedule,
  clinicDay,
  type AppointmentStatus,
  type CareState,
  type ConsultationType,
} from './appointment.ts';
import type { BookingFacts, FactAttendee } from './booking-facts.ts';
import type { BookingUid, UserId } from '../kernel/ids.ts';
import { shownEmail } from './placeholder-email.ts';
import type { ChangeKind, ChangeSnapshot } from '../live/change-log.ts';
import { unreachable } from '../kernel/result.ts';

export type DescribedFacts = BookingFacts & { status: NonNullable<BookingFacts['status']>; startsAt: number; endsAt: number };

export interface HostState {
  calcomUserId: number | null;
  userId: UserId | null;
  name: string;
  email: string | null;
  organizer: boolean;
}

export interface ParticipantState {
  /** UUIDv7. */
  id: string;
  seatUid: string | null;
  userId: UserId | null;
  /** Staff said who this is, or (without `userId`) that it is nobody of ours: no rule changes that. */
  linkDecided: boolean;
  name: string;
  email: string | null;
  phone: string | null;
  timeZone: string;
  locale: string | null;
  careState: CareState | null;
  careChangedAt: number | null;
  absent: boolean;
  state: 'ACTIVE' | 'CANCELLED' | 'MOVED';
}

/** Everything of an Appointment that follows from upstream or from care; instants are Unix ms. */
export interface AppointmentState {
  bookingUid: BookingUid;
  bookingId: number | null;
  eventTypeId: number | null;
  metadata: Record<string, string | number | boolean> | null;
  startsAt: number;
  endsAt: number;
  timeZone: string;
  status: AppointmentStatus;
  careState: CareState | null;
  careChangedAt: number | null;
  consultationType: ConsultationType;
  title: string;
  description: string | null;
  reason: string | null;
  location: string | null;
  cancellationReason: string | null;
  rejectionReason: string | null;
  reschedulingReason: string | null;
  seated: boolean;
  forked: boolean;
  seriesId: string | null;
  payment: 'PENDING' | 'PAID' | null;
  meetingStartedAt: number | null;
  meetingEndedAt: number | null;
  clinicianId: UserId | null;
  patientId: UserId | null;
  hasConflict: boolean;
  hosts: HostState[];
  participants: ParticipantState[];
}

/** Staff's word on who a participant is. */
export type LinkDecision = Pick<ParticipantState, 'userId'> & { linkDecided: true };

/** Who is who, looked up before the merge. */
export interface People {
  clinicianOf(host: { calcomUserId: number | null; email: string | null }): UserId | null;
  patientOf(attendee: { name: string; email: string | null }, metadataPatientId: string | null): UserId | null;
  /** Whether this clinician was found by e-mail because we did not know the Cal.com id yet. */
  lacksCalcomId(clinician: UserId): boolean;
}

export interface Surroundings {
  people: People;
  clinicTimeZone: string;
  /** Unix ms. */
  now: number;
  /** Ids of new rows; they sort in the order of the calls. */
  newId(): string;
  /** What staff decided about a seat while it belonged to another appointment; null when nothing. */
  seatDecision(seatUid: string | null): LinkDecision | null;
  /** What the event type offers when neither metadata nor the location says. */
  eventTypeDefault(eventTypeId: number | null): ConsultationType;
}

export function projectAppointment(
  facts: DescribedFacts,
  before: AppointmentState | null,
  forked: boolean,
  around: Surroundings,
): AppointmentState {
  const hosts = facts.hosts.map(
    (host, index): HostState => ({
      calcomUserId: host.calcomUserId,
      userId: around.people.clinicianOf(host),
      name: host.name,
      email: host.email,
      organizer: index === 0,
    }),
  );
  const moved = before !== null && before.bookingUid !== facts.uid;
  const sameDay = before !== null && clinicDay(before.startsAt, around.clinicTimeZone) === clinicDay(facts.startsAt, around.clinicTimeZone);
  const care = { moved, sameDay, now: around.now };
  const participants = facts.seated
    ? seats(facts.attendees, before?.participants ?? [], care, around)
    : onePerson(facts, before?.participants ?? [], care, around);
  const person = facts.seated ? null : (participants[0] ?? null);

  return {
    bookingUid: facts.uid,
    bookingId: facts.bookingId,
    eventTypeId: facts.eventTypeId,
    metadata: facts.metadata,
    startsAt: facts.startsAt,
    endsAt: facts.endsAt,
    timeZone: facts.hosts[0]?.timeZone ?? before?.timeZone ?? 'UTC',
    status: statusOf(facts, before),
    careState: facts.seated ? null : (person?.careState ?? 'EXPECTED'),
    careChangedAt: person?.careChangedAt ?? null,
    consultationType: consultationTypeOf(facts, around),
    title: facts.title,
    description: facts.description,
    reason: facts.reason,
    location: facts.location,
    cancellationReason: facts.cancellationReason,
    rejectionReason: facts.rejectionReason,
    reschedulingReason: facts.reschedulingReason,
    seated: facts.seated,
    forked,
    seriesId: facts.seriesId,
    payment: facts.payment,
    meetingStartedAt: facts.meetingStartedAt,
    meetingEndedAt: facts.meetingEndedAt,
    clinicianId: hosts[0]?.userId ?? null,
    patientId: person?.userId ?? null,
    hasConflict: before?.hasConflict ?? false,
    hosts,
    participants,
  };
}

function statusOf(facts: DescribedFacts, before: AppointmentState | null): AppointmentStatus {
  switch (facts.status) {
    // The head of a chain is MOVED only while its heir is unknown: a move is not a status.
    case 'MOVED':
      return before?.status ?? 'CONFIRMED';
    case 'REQUESTED':
    case 'CONFIRMED':
    case 'CANCELLED':
    case 'DECLINED':
      return facts.status;
    default:
      return unreachable(facts.status);
  }
}

const CONSULTATION_TYPES: readonly ConsultationType[] = ['VIDEO', 'AUDIO', 'IN_PERSON'];

function consultationTypeOf(facts: DescribedFacts, around: Surroundings): ConsultationType {
  const ours = facts.metadata?.fintanConsultationType;
  const known = CONSULTATION_TYPES.find((type) => type === ours);
  if (known !== undefined) return known;
  const location = facts.location?.trim() ?? '';
  if (location === '') return around.eventTypeDefault(facts.eventTypeId);
  if (location.startsWith('integrations:') || /^https?:\/\//i.test(location)) return 'VIDEO';
  if (/^\+?[\d\s().-]{6,}$/.test(location) || location === 'phone' || location === 'userPhone') return 'AUDIO';
  return 'IN_PERSON';
}

interface CareMove {
  moved: boolean;
  sameDay: boolean;
  now: number;
}

function onePerson(facts: DescribedFacts, before: ParticipantState[], care: CareMove, around: Surroundings): ParticipantState[] {
  const previous = before.find((participant) => participant.state === 'ACTIVE') ?? null;
  const attendee = facts.attendees[0];
  // A cancelled booking may come back without its attendees; who it was for is not forgotten.
  if (attendee === undefined) return previous === null ? [] : [carried(previous, previous.absent, care)];
  const userId = around.people.patientOf(attendee, namedPatient(facts.metadata));
  return [participant(attendee, previous, userId, care, around)];
}

/** The patient's id as we sent it when the booking was made here. */
function namedPatient(metadata: BookingFacts['metadata'] | undefined): string | null {
  const id = metadata?.fintanPatientId;
  return typeof id === 'string' ? id : null;
}

function seats(attendees: FactAttendee[], before: ParticipantState[], care: CareMove, around: Surroundings): ParticipantState[] {
  const present = attendees.filter((attendee) => attendee.seatUid !== null);
  const active = present.map((attendee) => {
    const previous = before.find((known) => known.seatUid === attendee.seatUid) ?? null;
    return participant(attendee, previous, around.people.patientOf(attendee, namedPatient(attendee.metadata)), care, around);
  });
  const gone = before.filter((known) => !present.some((attendee) => attendee.seatUid === known.seatUid));
  return inOrder([
    ...active,
    ...gone.map((known): ParticipantState => ({ ...known, state: known.state === 'ACTIVE' ? 'CANCELLED' : known.state })),
  ]);
}

/** One order for the same people, wherever they were read from. */
export function inOrder(participants: readonly ParticipantState[]): ParticipantState[] {
  const key = (participant: ParticipantState) => `${participant.seatUid ?? '~'} ${participant.id}`;
  return participants.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function participant(
  attendee: FactAttendee,
  previous: ParticipantState | null,
  userId: UserId | null,
  care: CareMove,
  around: Surroundings,
): ParticipantState {
  const carriedOn = previous === null ? null : carried(previous, attendee.absent, care);
  return {
    id: previous?.id ?? around.newId(),
    seatUid: attendee.seatUid,
    ...(decisionOf(previous) ??
      around.seatDecision(attendee.seatUid) ?? {
        // A link made at booking time is not undone by a payload that lacks our id.
        userId: userId ?? previous?.userId ?? null,
        linkDecided: false,
      }),
    name: attendee.name,
    email: shownEmail(attendee.email),
    phone: attendee.phone ?? previous?.phone ?? null,
    timeZone: attendee.timeZone,
    locale: attendee.locale,
    careState: carriedOn?.careState ?? (attendee.absent ? 'NO_SHOW' : 'EXPECTED'),
    careChangedAt: carriedOn?.careChangedAt ?? null,
    absent: attendee.absent,
    state: 'ACTIVE',
  };
}

/** Null while the rules decide. */
export function decisionOf(participant: ParticipantState | null): LinkDecision | null {
  return participant?.linkDecided === true ? { userId: participant.userId, linkDecided: true } : null;
}

/**
 * The state before a merge, with what staff decided about the same person in the appointments that it absorbs: a decision
 * is of the person, whichever of the rows it was made on. Its own goes first.
 */
export function withDecisionsOf(state: AppointmentState, absorbed: readonly AppointmentState[]): AppointmentState {
  const others = absorbed.flatMap((other) => other.participants.filter((participant) => participant.linkDecided));
  if (others.length === 0) return state;
  const participants = state.participants.map((participant) => {
    if (participant.linkDecided) return participant;
    const same = others.find((other) => (state.seated ? other.seatUid === participant.seatUid : true));
    return { ...participant, ...decisionOf(same ?? null) };
  });
  return { ...state, participants };
}

function carried(previous: ParticipantState, absent: boolean, care: CareMove): ParticipantState {
  const from = previous.careState ?? 'EXPECTED';
  const to = care.moved
    ? careAfterAbsence(careAfterReschedule(from, care.sameDay), false, absent)
    : careAfterAbsence(from, previous.absent, absent);
  return { ...previous, careState: to, careChangedAt: to === from ? previous.careChangedAt : care.now, absent };
}

/** The part of a state that may stand in the change log: ids, times, statuses. */
export function snapshotOf(state: AppointmentState): ChangeSnapshot {
  const active = state.participants.filter((participant) => participant.state === 'ACTIVE');
  const hostIds = state.hosts.flatMap((host) => (host.userId === null ? [] : [host.userId]));
  return {
    startsAt: state.startsAt,
    endsAt: state.endsAt,
    status: state.status,
    careStates: state.seated
      ? active.flatMap((participant) => participant.careState ?? [])
      : state.careState === null
        ? []
        : [state.careState],
    clinicianId: state.clinicianId,
    hostIds: [...new Set(hostIds)],
    patientIds: [...new Set(active.flatMap((participant) => participant.userId ?? []))],
    eventTypeId: state.eventTypeId,
    hasConflict: state.hasConflict,
    ...(state.seated ? { careStateOf: careStatesByUser(active) } : {}),
  };
}

function careStatesByUser(participants: readonly ParticipantState[]): Record<string, string> {
  return Object.fromEntries(
    participants.flatMap(({ userId, careState }) => (userId === null || careState === null ? [] : [[userId, careState]])),
  );
}

/** What a change is of: the schema's field names, never their values. */
export function changedFields(before: AppointmentState, after: AppointmentState): string[] {
  const fields: string[] = [];
  const plain = [
    'startsAt',
    'endsAt',
    'timeZone',
    'status',
    'careState',
    'consultationType',
    'title',
    'description',
    'reason',
    'location',
    'cancellationReason',
    'rejectionReason',
    'reschedulingReason',
    'seated',
    'hasConflict',
    'seriesId',
    'payment',
    'meetingStartedAt',
    'meetingEndedAt',
  ] as const;
  for (const field of plain) if (before[field] !== after[field]) fields.push(field);
  if (before.clinicianId !== after.clinicianId) fields.push('clinician');
  if (before.patientId !== after.patientId) fields.push('patient');
  if (before.eventTypeId !== after.eventTypeId) fields.push('eventType');
  if (!sameJson(before.hosts, after.hosts)) fields.push('hosts');
  if (!sameJson(before.participants.map(withoutBookkeeping), after.participants.map(withoutBookkeeping))) fields.push('participants');
  return fields;
}

function withoutBookkeeping(participant: ParticipantState): unknown {
  const { id: _id, careChangedAt: _careChangedAt, linkDecided: _linkDecided, ...shown } = participant;
  return shown;
}

/** The one word for a change that may be several. */
export function kindOf(before: AppointmentState, after: AppointmentState): ChangeKind {
  if (before.bookingUid !== after.bookingUid && before.startsAt !== after.startsAt) return 'RESCHEDULED';
  if (before.startsAt !== after.startsAt || before.endsAt !== after.endsAt) return 'RESCHEDULED';
  if (before.clinicianId !== after.clinicianId) return 'CLINICIAN_CHANGED';
  if (before.status !== after.status) return 'STATUS_CHANGED';
  if (!sameJson(careOf(before), careOf(after))) return 'CARE_CHANGED';
  return 'UPDATED';
}

function careOf(state: AppointmentState): unknown {
  return state.seated
    ? state.participants
        .filter((participant) => participant.state === 'ACTIVE')
        .map((participant) => [participant.seatUid, participant.careState])
    : state.careState;
}

/** Equality of plain JSON values, whatever the order of their keys (JSONB does not keep it). */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
