/** A person moves an appointment: Cal.com makes a new booking in place of the old one, ours keeps its id. */
import { mayChange, mayConfirm } from '../auth/authorize.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import { bookingUid, eventTypeId } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { BookingDesk, Caller, RescheduleInput } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow } from './appointment-store.ts';
import {
  changing,
  currentBooking,
  keyedChange,
  recorded,
  refused,
  refusedBy,
  versionConflict,
  visible,
  withWarnings,
  type Attempt,
  type DeskOptions,
  type Done,
} from './booking-steps.ts';
import { type BookingWarning, lengthReset, minutesBetween, notifyWarnings } from './booking-warning.ts';
import { notConnected, outcomeUnknown, refusalOf } from './calcom-refusal.ts';
import { claimTime, letGo } from './claim-time.ts';
import { invalidInput, notAllowed } from './failure.ts';
import { moveGroup, moveSeat, whoIsConcerned } from './seat.ts';
import { slotGone } from './slot-gone.ts';

const LONGEST_REASON = 1_000;

export function createRescheduleAppointment(options: DeskOptions): BookingDesk['reschedule'] {
  return (caller, input) =>
    keyedChange(options, caller, 'rescheduleAppointment', input, (attempt) =>
      changing(options, caller, input, attempt, (row, host) => reschedule(options, caller, input, { row, host, attempt })),
    );
}

interface Move {
  row: AppointmentRow;
  host: ClinicianCredential | null;
  attempt: Attempt;
}

async function reschedule(options: DeskOptions, caller: Caller, input: RescheduleInput, move: Move): Promise<Done> {
  const { row, host, attempt } = move;
  const startsAt = input.startsAt.getTime();
  const concerned = whoIsConcerned(caller, row, input.participantId);
  if (!concerned.ok) return refused(concerned.failure);
  const { value } = concerned;
  if (value.kind === 'SEAT' && attempt.repeated && value.participant.state !== 'ACTIVE')
    return moveSeat(options, caller, input.startsAt, { ...move, participant: value.participant });
  if (value.kind === 'EVERYBODY' && attempt.repeated && row.startsAt.getTime() === startsAt) return { ok: true, appointmentIds: [row.id] };
  const permission = mayChange(caller.viewer, row, options.clock.now(), options.config);
  if (!permission.allowed) return refused(notAllowed(permission.because));
  if (row.status !== 'CONFIRMED' && row.status !== 'REQUESTED')
    return refused(invalidInput({ path: 'appointmentId', message: 'Only an appointment that is confirmed or requested can be moved.' }));
  if (row.careState === 'DONE' || (value.kind === 'SEAT' && value.participant.careState === 'DONE'))
    return refused(invalidInput({ path: 'appointmentId', message: 'This visit has taken place and cannot be moved.' }));
  if (input.startsAt <= options.clock.now())
    return refused(invalidInput({ path: 'startsAt', message: 'This time has passed. Please choose a later one.' }));
  const reason = input.reason?.trim() ?? '';
  if (reason.length > LONGEST_REASON)
    return refused(invalidInput({ path: 'reason', message: `Please keep the reason below ${LONGEST_REASON} characters.` }));

  if (value.kind === 'SEAT') {
    const done = await moveSeat(options, caller, input.startsAt, { ...move, participant: value.participant });
    return withWarnings(done, notifyWarnings([value.participant]));
  }
  const tell = notifyWarnings(value.people);
  if (!row.seated) return withWarnings(await moveBooking(options, caller, { ...input, reason: reason === '' ? null : reason }, move), tell);
  if (host === null) return refused(notConnected);
  return withWarnings(await moveGroup(options, caller, { startsAt: input.startsAt, reason: reason === '' ? null : reason }, move), tell);
}

async function moveBooking(options: DeskOptions, caller: Caller, input: RescheduleInput, move: Move): Promise<Done> {
  const { row, host, attempt } = move;
  const startsAt = input.startsAt.getTime();
  const uid = bookingUid(row.bookingUid);
  const moved = async (made: readonly BookingObservation[]) =>
    withWarnings(await recorded(options, caller, made, host), resetIn(row, made, startsAt));
  if (attempt.repeated) {
    const made = await madeBooking(options, row, startsAt, host);
    if (!made.ok) return refused(outcomeUnknown);
    if (made.value !== null) return moved(made.value);
  }
  const nearest = async () =>
    row.eventTypeId === null ? [] : options.slots.nearest(caller.viewer, eventTypeId(row.eventTypeId), input.startsAt, null, row.id);
  const { clinician } = row;
  let claim: string | null = null;
  if (clinician !== null) {
    // Cal.com gives the moved booking the event type's own length (402).
    const minutes = row.eventType?.durationMinutes ?? minutesBetween(row.startsAt, row.endsAt);
    const wanted = {
      holdId: input.holdId,
      eventTypeId: row.eventTypeId ?? 0,
      clinicianId: clinician.id,
      startsAt: input.startsAt,
      minutes,
      seated: false,
    };
    claim = await claimTime(options, caller.viewer.userId, attempt, wanted);
    if (claim === null)
      return refused({ kind: 'SlotTaken', message: 'This time is being booked at the moment.', nearest: await nearest() });
  }

  // Only the host's own address makes Cal.com accept the move at once where approval is needed (158, 308).
  const rescheduledBy = mayConfirm(caller.viewer, row, options.config).allowed ? (host?.calcomEmail ?? undefined) : undefined;
  const answer = await options.client.reschedule(host, uid, {
    startsAt,
    ...(input.reason === null ? {} : { reason: input.reason }),
    ...(rescheduledBy === undefined ? {} : { rescheduledBy }),
  });
  if (answer.ok) {
    const done = await moved(answer.value);
    await letGo(options, claim);
    return done;
  }
  const { failure } = answer;
  if (failure.kind === 'OutcomeUnknown') {
    const made = await madeBooking(options, row, startsAt, host);
    if (!made.ok) {
      // An unknown booking is a 500 here and a 404 when it is read (122).
      if (made.failure.kind === 'NotFound') return refusedBy(made.failure);
      return refused(outcomeUnknown);
    }
    if (made.value === null) return notMoved(options, caller, input, move, failure, claim);
    const done = await moved(made.value);
    await letGo(options, claim);
    return done;
  }
  await letGo(options, claim);
  if (failure.kind === 'AlreadyRescheduled' || failure.kind === 'AlreadyCancelled') {
    return changedElsewhere(options, caller, row, host);
  }
  return refused(await refusalOf(failure, nearest));
}

/** What somebody did in Cal.com itself, recorded and shown. */
async function changedElsewhere(options: DeskOptions, caller: Caller, row: AppointmentRow, host: CalcomCredential | null): Promise<Done> {
  const old = await currentBooking(options, caller, host, row.bookingUid);
  const heir = old.ok ? old.value.rescheduledToUid : null;
  if (heir != null) await currentBooking(options, caller, host, heir);
  return refused(versionConflict((await visible(options, caller, row.id)) ?? row));
}

/** The old booking does not lead to the wanted time. After a timeout Cal.com may still be at it; after a 500 it is not. */
async function notMoved(
  options: DeskOptions,
  caller: Caller,
  input: RescheduleInput,
  { row, host }: Move,
  failure: CalcomFailure,
  claim: string | null,
): Promise<Done> {
  const old = await currentBooking(options, caller, host, row.bookingUid);
  if (old.ok && old.value.status !== 'CONFIRMED' && old.value.status !== 'REQUESTED') return changedElsewhere(options, caller, row, host);
  if (failure.status !== 500) return refused(outcomeUnknown);
  await letGo(options, claim);
  if (row.eventTypeId === null || row.clinician === null) return refused(outcomeUnknown);
  const asked = {
    clinicianId: row.clinician.id,
    eventTypeId: eventTypeId(row.eventTypeId),
    startsAt: input.startsAt,
    durationMinutes: null,
    rescheduling: row.id,
  };
  return refused((await slotGone(options, caller, failure, asked)) ?? outcomeUnknown, true);
}

function resetIn(row: AppointmentRow, made: readonly BookingObservation[], startsAt: number): BookingWarning[] {
  const before = minutesBetween(row.startsAt, row.endsAt);
  const heir = made.find((booking) => booking.startsAt === startsAt && booking.uid !== row.bookingUid);
  const after = heir?.endsAt === undefined ? before : minutesBetween(startsAt, heir.endsAt);
  return after === before ? [] : [lengthReset(before, after)];
}

/** Whether an attempt whose answer was lost has worked: the old booking names its heir, except in a series. */
async function madeBooking(
  options: Pick<DeskOptions, 'client'>,
  row: AppointmentRow,
  startsAt: number,
  host: CalcomCredential | null,
): Promise<Result<BookingObservation[] | null, CalcomFailure>> {
  const old = await options.client.getBooking(host, bookingUid(row.bookingUid));
  if (!old.ok) return old;
  const before = old.value.find((booking) => booking.uid === row.bookingUid) ?? old.value[0];
  if (before === undefined || before.status === 'CONFIRMED' || before.status === 'REQUESTED') return ok(null);
  if (before.rescheduledToUid != null) {
    const heir = await options.client.getBooking(host, before.rescheduledToUid);
    if (!heir.ok) return heir;
    return ok(heir.value.some((booking) => booking.startsAt === startsAt) ? [...heir.value, ...old.value] : null);
  }
  const email = before.attendees?.[0]?.email;
  if (before.seriesId == null || email == null || host === null) return ok(null);
  const listed = await options.client.listBookings(host, {
    attendeeEmail: email,
    afterStart: startsAt - 60_000,
    beforeEnd: startsAt + 86_400_000,
    take: 100,
    skip: 0,
  });
  if (!listed.ok) return listed;
  const heir = listed.value.bookings.find((booking) => booking.startsAt === startsAt && booking.rescheduledFromUid === before.uid);
  return ok(heir === undefined ? null : [heir, ...old.value]);
}
