/** A person moves an appointment: Cal.com makes a new booking in place of the old one, ours keeps its id. */
import { mayChange, mayConfirm } from '../auth/authorize.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import { bookingUid, eventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { BookingDesk, Caller } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow, ParticipantRow } from './appointment-store.ts';
import {
  changing,
  currentBooking,
  keyed,
  recorded,
  refused,
  refusedBy,
  versionConflict,
  visible,
  type Attempt,
  type DeskOptions,
  type Done,
} from './booking-steps.ts';
import { outcomeUnknown, refusalOf } from './calcom-refusal.ts';
import { claimTime, letGo } from './claim-time.ts';
import { invalidInput, notAllowed } from './failure.ts';

type RescheduleInput = Parameters<BookingDesk['reschedule']>[1];

export function createRescheduleAppointment(options: DeskOptions): BookingDesk['reschedule'] {
  return async (caller, input) => {
    const done = await keyed(options, caller, 'rescheduleAppointment', input, (attempt) =>
      changing(options, caller, input, attempt, (row, host) => reschedule(options, caller, input, { row, host, attempt })),
    );
    if (!done.ok) return done;
    const [row] = done.value;
    return row === undefined ? fail(outcomeUnknown) : ok(row);
  };
}

interface Move {
  row: AppointmentRow;
  host: ClinicianCredential | null;
  attempt: Attempt;
}

async function reschedule(options: DeskOptions, caller: Caller, input: RescheduleInput, move: Move): Promise<Done> {
  const { row, host, attempt } = move;
  const startsAt = input.startsAt.getTime();
  if (attempt.repeated && row.startsAt.getTime() === startsAt) return { ok: true, appointmentIds: [row.id] };
  const permission = mayChange(caller.viewer, row, options.clock.now(), options.config);
  if (!permission.allowed) return refused(notAllowed(permission.because));
  if (row.status !== 'CONFIRMED' && row.status !== 'REQUESTED')
    return refused(invalidInput({ path: 'appointmentId', message: 'Only an appointment that is confirmed or requested can be moved.' }));
  if (row.careState === 'DONE')
    return refused(invalidInput({ path: 'appointmentId', message: 'This visit has taken place and cannot be moved.' }));
  if (input.startsAt <= options.clock.now())
    return refused(invalidInput({ path: 'startsAt', message: 'This time has passed. Please choose a later one.' }));
  if (row.seated) return moveSeat(options, caller, input, move);

  const uid = bookingUid(row.bookingUid);
  if (attempt.repeated) {
    const made = await madeBooking(options, caller, row, startsAt, host);
    if (!made.ok) return refused(outcomeUnknown);
    if (made.value !== null) return recorded(options, caller, made.value, host);
  }
  const nearest = async () =>
    row.eventTypeId === null ? [] : options.slots.nearest(caller.viewer, eventTypeId(row.eventTypeId), input.startsAt, null, row.id);
  const { clinician } = row;
  let claim: string | null = null;
  if (clinician !== null) {
    // Cal.com gives the moved booking the event type's own length (402).
    const minutes = row.eventType?.durationMinutes ?? Math.round((row.endsAt.getTime() - row.startsAt.getTime()) / 60_000);
    const wanted = {
      holdId: input.holdId,
      eventTypeId: row.eventTypeId ?? 0,
      clinicianId: clinician.id,
      startsAt: input.startsAt,
      minutes,
      seated: false,
    };
    claim = await claimTime(options, caller.viewer.userId, wanted);
    if (claim === null)
      return refused({ kind: 'SlotTaken', message: 'Somebody else is booking this time at the moment.', nearest: await nearest() });
  }

  // Only the host's own address makes Cal.com accept the move at once where approval is needed (158, 308).
  const rescheduledBy = mayConfirm(caller.viewer, row, options.config).allowed ? (host?.calcomEmail ?? undefined) : undefined;
  const answer = await options.client.reschedule(host, uid, {
    startsAt,
    ...(input.reason === null || input.reason.trim() === '' ? {} : { reason: input.reason.trim() }),
    ...(rescheduledBy === undefined ? {} : { rescheduledBy }),
  });
  if (answer.ok) {
    const done = await recorded(options, caller, answer.value, host);
    await letGo(options, claim);
    return done;
  }
  const { failure } = answer;
  if (failure.kind === 'OutcomeUnknown') {
    const made = await madeBooking(options, caller, row, startsAt, host);
    if (!made.ok) {
      // An unknown booking is a 500 here and a 404 when it is read (122).
      if (made.failure.kind === 'NotFound') return refusedBy(made.failure);
      return refused(outcomeUnknown);
    }
    if (made.value === null) return refused(outcomeUnknown);
    const done = await recorded(options, caller, made.value, host);
    await letGo(options, claim);
    return done;
  }
  await letGo(options, claim);
  if (failure.kind === 'AlreadyRescheduled' || failure.kind === 'AlreadyCancelled') {
    await currentBooking(options, caller, host, uid);
    if (failure.movedToUid !== null) await currentBooking(options, caller, host, failure.movedToUid);
    const current = await visible(options, caller, row.id);
    return refused(versionConflict(current ?? row));
  }
  return refused(await refusalOf(failure, nearest));
}

/** Whether an attempt whose answer was lost has worked: the old booking names its heir, except in a series. */
async function madeBooking(
  options: DeskOptions,
  caller: Caller,
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

/** A group visit: the patient's own seat moves, nobody else's; no key is needed for that. */
async function moveSeat(options: DeskOptions, caller: Caller, input: RescheduleInput, move: Move): Promise<Done> {
  const seat = ownSeat(caller, move.row);
  if (seat?.seatUid == null)
    return refused(
      invalidInput({ path: 'appointmentId', message: 'A group visit is moved person by person, by each of them or in Cal.com.' }),
    );
  const answer = await options.client.reschedule(null, bookingUid(move.row.bookingUid), {
    startsAt: input.startsAt.getTime(),
    seatUid: seat.seatUid,
  });
  if (!answer.ok) return refusedBy(answer.failure);
  const done = await recorded(options, caller, answer.value, move.host);
  await currentBooking(options, caller, move.host, move.row.bookingUid);
  return done;
}

export function ownSeat(caller: Caller, row: AppointmentRow): ParticipantRow | undefined {
  if (caller.viewer.role !== 'PATIENT') return undefined;
  return row.participants.find((participant) => participant.userId === caller.viewer.userId && participant.state === 'ACTIVE');
}
