/**
 * The appointment that follows from what is known of its latest booking, from what it was before, and from who our
 * people are. Pure: this is the merge that the convergence property is about.
 */
import { careAfterAbsence, careAfterReschedule, clinicDay, type AppointmentStatus, type ConsultationType } from './appointment.ts';
import {
  type AppointmentState,
  decisionOf,
  type HostState,
  inOrder,
  type LinkDecision,
  type ParticipantState,
} from './appointment-state.ts';
import type { BookingFacts, FactAttendee } from './booking-facts.ts';
import type { UserId } from '../kernel/ids.ts';
import { unreachable } from '../kernel/result.ts';
import { shownEmail } from './placeholder-email.ts';

export type DescribedFacts = BookingFacts & { status: NonNullable<BookingFacts['status']>; startsAt: number; endsAt: number };

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

function carried(previous: ParticipantState, absent: boolean, care: CareMove): ParticipantState {
  const from = previous.careState ?? 'EXPECTED';
  const to = care.moved
    ? careAfterAbsence(careAfterReschedule(from, care.sameDay), false, absent)
    : careAfterAbsence(from, previous.absent, absent);
  return { ...previous, careState: to, careChangedAt: to === from ? previous.careChangedAt : care.now, absent };
}
