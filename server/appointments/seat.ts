/**
 * Seats of a group visit (ARCHITECTURE, "Data"): whose seat a wish concerns, and moving or giving up one of them. Cal.com
 * does neither with a host's key (MEASURED "Bookings"), so both are asked for without any; the seat uid is the secret.
 */
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import { bookingUid, eventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow, ParticipantRow } from './appointment-store.ts';
import { currentBooking, recordAnswer, recorded, refused, refusedBy, type Attempt, type DeskOptions, type Done } from './booking-steps.ts';
import { outcomeUnknown, refusalOf } from './calcom-refusal.ts';
import { invalidInput, notAllowed, notFound, type Failure } from './failure.ts';

/** One of the participants, or everybody who takes part. */
export type Concerned = { kind: 'SEAT'; participant: ParticipantRow } | { kind: 'EVERYBODY'; people: ParticipantRow[] };

/** Patients: always the own seat. Staff: the participant named, else the whole visit. */
export function whoIsConcerned(caller: Caller, row: AppointmentRow, participantId: string | null): Result<Concerned, Failure> {
  const own = caller.viewer.role === 'PATIENT';
  const theirs = own ? row.participants.filter((one) => one.userId === caller.viewer.userId) : row.participants;
  const named = participantId === null ? undefined : theirs.find((one) => one.id === participantId);
  if (participantId !== null && named === undefined) return fail(notFound('The participant'));
  const active = theirs.filter((one) => one.state === 'ACTIVE');
  if (!row.seated) return ok({ kind: 'EVERYBODY', people: active });
  const participant = named ?? (own ? (active[0] ?? theirs[0]) : undefined);
  if (participant !== undefined) return ok({ kind: 'SEAT', participant });
  return own ? fail(notAllowed('You have no place in this group.')) : ok({ kind: 'EVERYBODY', people: active });
}

interface SeatChange {
  row: AppointmentRow;
  participant: ParticipantRow;
  host: ClinicianCredential | null;
  attempt: Attempt;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** That person moves to the group at `startsAt`, which is opened when there is none; nobody else's place changes. */
export async function moveSeat(options: DeskOptions, caller: Caller, startsAt: Date, change: SeatChange): Promise<Done> {
  const { row, participant, host, attempt } = change;
  const { seatUid } = participant;
  if (participant.state !== 'ACTIVE' || seatUid === null) {
    const now = attempt.repeated ? await placeNow(options, participant, startsAt) : null;
    if (now !== null) return { ok: true, appointmentIds: [now] };
    return refused(invalidInput({ path: 'participantId', message: 'This person no longer takes part in this group.' }));
  }
  const seat = { uid: seatUid, email: participant.email };
  if (attempt.repeated) {
    const made = await whereSeatIs(options, row, seat, startsAt, host);
    if (!made.ok) return refused(outcomeUnknown);
    if (made.value !== null) return arrived(options, caller, made.value, host);
  }
  const answer = await options.client.reschedule(null, bookingUid(row.bookingUid), { startsAt: startsAt.getTime(), seatUid });
  if (answer.ok) {
    const done = await recorded(options, caller, answer.value, host);
    // The group that was left is in no answer.
    await currentBooking(options, caller, host, row.bookingUid);
    return done;
  }
  if (answer.failure.kind === 'OutcomeUnknown') {
    const made = await whereSeatIs(options, row, seat, startsAt, host);
    return made.ok && made.value !== null ? arrived(options, caller, made.value, host) : refused(outcomeUnknown);
  }
  const nearest = async () =>
    row.eventTypeId === null ? [] : options.slots.nearest(caller.viewer, eventTypeId(row.eventTypeId), startsAt, null);
  return refused(await refusalOf(answer.failure, nearest));
}

interface SeatFound {
  target: BookingObservation[];
  /** The group that was left, as it is now. */
  left: BookingObservation[];
}

/** The seat is recorded where it is before it is missed where it was: then it has moved, and was not given up. */
async function arrived(options: DeskOptions, caller: Caller, found: SeatFound, host: ClinicianCredential | null): Promise<Done> {
  const done = await recorded(options, caller, found.target, host);
  await recordAnswer(options, caller, found.left, host);
  return done;
}

/** The appointment in which the same person has a seat at that time. */
async function placeNow(options: DeskOptions, participant: ParticipantRow, startsAt: Date) {
  if (participant.userId === null) return null;
  const result = await options.pool.query<{ id: AppointmentRow['id'] }>(
    `SELECT a."id" FROM "Appointment" a JOIN "AppointmentParticipant" p ON p."appointmentId" = a."id" AND p."state" = 'ACTIVE' AND p."userId" = $1
     WHERE a."seated" AND a."startsAt" = $2 AND a."status" IN ('CONFIRMED','REQUESTED') LIMIT 1`,
    [participant.userId, startsAt],
  );
  return result.rows[0]?.id ?? null;
}

/** Both groups, when the seat has arrived at that time; null: certainly not moved. Neither names the other, so the list is searched. */
async function whereSeatIs(
  options: DeskOptions,
  row: AppointmentRow,
  seat: { uid: string; email: string | null },
  startsAt: Date,
  host: ClinicianCredential | null,
): Promise<Result<SeatFound | null, CalcomFailure>> {
  const old = await options.client.getBooking(host, bookingUid(row.bookingUid));
  if (!old.ok) return old;
  const group = old.value[0];
  if (group !== undefined && holds(group, seat.uid))
    return ok(group.startsAt === startsAt.getTime() ? { target: old.value, left: [] } : null);
  const notFoundYet = {
    kind: 'OutcomeUnknown',
    status: null,
    message: 'The seat is in no group.',
    retryAfterMs: null,
    movedToUid: null,
  } as const;
  if (host === null) return fail(notFoundYet);
  const listed = await options.client.listBookings(host, {
    ...(seat.email === null ? {} : { attendeeEmail: seat.email }),
    afterStart: startsAt.getTime() - MINUTE_MS,
    beforeEnd: startsAt.getTime() + DAY_MS,
    take: 100,
    skip: 0,
  });
  if (!listed.ok) return listed;
  const target = listed.value.bookings.find(
    (booking) =>
      booking.startsAt === startsAt.getTime() &&
      (holds(booking, seat.uid) ||
        (booking.eventTypeId === row.eventTypeId && seat.email !== null && booking.attendees?.some((one) => one.email === seat.email))),
  );
  return target === undefined ? fail(notFoundYet) : ok({ target: [target], left: old.value });
}

function holds(booking: BookingObservation, seatUid: string): boolean {
  return booking.status !== 'CANCELLED' && (booking.attendees ?? []).some((attendee) => attendee.seatUid === seatUid);
}

/**
 * Without a key Cal.com answers 404 although the seat is gone, and sends no webhook (MEASURED "Bookings"): only reading
 * the booking afterwards tells.
 */
export async function giveUpSeat(options: DeskOptions, caller: Caller, change: SeatChange): Promise<Done> {
  const { row, participant, host, attempt } = change;
  const { seatUid } = participant;
  const itself: Done = { ok: true, appointmentIds: [row.id] };
  if (participant.state !== 'ACTIVE' || seatUid === null) {
    if (attempt.repeated && participant.state === 'CANCELLED') return itself;
    return refused(invalidInput({ path: 'participantId', message: 'This person no longer takes part in this group.' }));
  }
  if (attempt.repeated) {
    const before = await currentBooking(options, caller, host, row.bookingUid);
    if (!before.ok) return refused(outcomeUnknown);
    if (!holds(before.value, seatUid)) return itself;
  }
  const answer = await options.client.cancel(null, bookingUid(row.bookingUid), { seatUid });
  const now = await currentBooking(options, caller, host, row.bookingUid);
  if (!now.ok) return refused(outcomeUnknown);
  if (!holds(now.value, seatUid)) return itself;
  return answer.ok || answer.failure.kind === 'NotFound' ? refused(outcomeUnknown) : refusedBy(answer.failure);
}

/** The whole group, as its host; most releases refuse that in a sentence (SeatNeeded). Its uid stays. */
export async function moveGroup(
  options: DeskOptions,
  caller: Caller,
  to: { startsAt: Date; reason: string | null },
  { row, host }: Pick<SeatChange, 'row' | 'host'>,
): Promise<Done> {
  const answer = await options.client.reschedule(host, bookingUid(row.bookingUid), {
    startsAt: to.startsAt.getTime(),
    ...(to.reason === null ? {} : { reason: to.reason }),
    ...(host?.calcomEmail == null ? {} : { rescheduledBy: host.calcomEmail }),
  });
  if (answer.ok) {
    const done = await recorded(options, caller, answer.value, host);
    await recordOld(options, caller, row, host);
    return done;
  }
  const { failure } = answer;
  if (failure.kind === 'OutcomeUnknown') {
    const now = await currentBooking(options, caller, host, row.bookingUid);
    if (now.ok && now.value.startsAt === to.startsAt.getTime()) return { ok: true, appointmentIds: [row.id] };
    return refused(outcomeUnknown);
  }
  const nearest = async () =>
    row.eventTypeId === null ? [] : options.slots.nearest(caller.viewer, eventTypeId(row.eventTypeId), to.startsAt, null);
  return refused(await refusalOf(failure, nearest));
}

async function recordOld(options: DeskOptions, caller: Caller, row: AppointmentRow, host: ClinicianCredential | null): Promise<void> {
  const old = await options.client.getBooking(host, bookingUid(row.bookingUid));
  if (old.ok) await recordAnswer(options, caller, old.value, host);
}
