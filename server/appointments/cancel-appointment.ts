/** A person cancels: a whole appointment, the rest of a series, or one seat of a group visit. */
import { mayChange } from '../auth/authorize.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import { bookingUid } from '../kernel/ids.ts';
import type { BookingDesk, Caller, CancelInput } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow } from './appointment-store.ts';
import {
  changing,
  currentBooking,
  keyedChange,
  recordAnswer,
  refused,
  refusedBy,
  versionConflict,
  visible,
  withWarnings,
  type Attempt,
  type DeskOptions,
  type Done,
} from './booking-steps.ts';
import { notifyWarnings } from './booking-warning.ts';
import { outcomeUnknown } from './calcom-refusal.ts';
import { invalidInput, notAllowed } from './failure.ts';
import { giveUpSeat, whoIsConcerned } from './seat.ts';

const LONGEST_REASON = 1_000;
/** With the host's key Cal.com insists on a reason (132), and the host reads it. */
const PATIENTS_REASON = 'Cancelled by the patient.';

export function createCancelAppointment(options: DeskOptions): BookingDesk['cancel'] {
  return (caller, input) =>
    keyedChange(options, caller, 'cancelAppointment', input, (attempt) =>
      changing(options, caller, input, attempt, (row, host) => cancel(options, caller, input, { row, host, attempt })),
    );
}

interface Ending {
  row: AppointmentRow;
  host: ClinicianCredential | null;
  attempt: Attempt;
}

async function cancel(options: DeskOptions, caller: Caller, input: CancelInput, ending: Ending): Promise<Done> {
  const { row, attempt } = ending;
  const concerned = whoIsConcerned(caller, row, input.participantId);
  if (!concerned.ok) return refused(concerned.failure);
  const { value } = concerned;
  if (attempt.repeated && value.kind === 'SEAT' && value.participant.state !== 'ACTIVE')
    return giveUpSeat(options, caller, { ...ending, participant: value.participant });
  if (attempt.repeated && row.status === 'CANCELLED' && !input.wholeSeries) return { ok: true, appointmentIds: [row.id] };
  const permission = mayChange(caller.viewer, row, options.clock.now(), options.config);
  if (!permission.allowed) return refused(notAllowed(permission.because));
  if (row.status === 'CANCELLED' && !attempt.repeated)
    return refused(invalidInput({ path: 'appointmentId', message: 'This appointment has already been cancelled.' }));
  if (row.status === 'DECLINED')
    return refused(invalidInput({ path: 'appointmentId', message: 'This request was declined; there is nothing to cancel.' }));
  if (input.wholeSeries && row.seriesId === null)
    return refused(invalidInput({ path: 'wholeSeries', message: 'This appointment is not part of a series.' }));
  const reason = input.reason?.trim() ?? '';
  if (reason.length > LONGEST_REASON)
    return refused(invalidInput({ path: 'reason', message: `Please keep the reason below ${LONGEST_REASON} characters.` }));
  const ownWish = caller.viewer.role === 'PATIENT';
  if (reason === '' && !ownWish) return refused(invalidInput({ path: 'reason', message: 'Please give a reason: the patient is told.' }));

  if (value.kind === 'SEAT')
    return withWarnings(
      await giveUpSeat(options, caller, { ...ending, participant: value.participant }),
      notifyWarnings([value.participant]),
    );
  const done = await cancelBooking(options, caller, { reason: reason === '' ? PATIENTS_REASON : reason, rest: input.wholeSeries }, ending);
  return withWarnings(done, notifyWarnings(value.people));
}

interface Wish {
  reason: string;
  /** Also every later visit of the series. */
  rest: boolean;
}

async function cancelBooking(options: DeskOptions, caller: Caller, wish: Wish, { row, host, attempt }: Ending): Promise<Done> {
  const uid = bookingUid(row.bookingUid);
  if (attempt.repeated) {
    const ended = await hasEnded(options, caller, row, host, wish.rest);
    if (ended === null) return refused(outcomeUnknown);
    if (ended) return { ok: true, appointmentIds: [row.id] };
  }
  const answer = await options.client.cancel(host, uid, { reason: wish.reason, ...(wish.rest ? { subsequent: true } : {}) });
  if (answer.ok) return appointmentsOf(options, caller, row, answer.value, host);
  switch (answer.failure.kind) {
    case 'OutcomeUnknown':
      return (await hasEnded(options, caller, row, host, wish.rest)) === true
        ? { ok: true, appointmentIds: [row.id] }
        : refused(outcomeUnknown);
    case 'AlreadyCancelled':
    case 'AlreadyRescheduled': {
      const now = await currentBooking(options, caller, host, uid);
      if (now.ok && now.value.status === 'CANCELLED' && !wish.rest) return { ok: true, appointmentIds: [row.id] };
      const heir = now.ok ? now.value.rescheduledToUid : null;
      if (heir != null) await currentBooking(options, caller, host, heir);
      return refused(versionConflict((await visible(options, caller, row.id)) ?? row));
    }
    default:
      return refusedBy(answer.failure);
  }
}

/** Whether it is cancelled at Cal.com, and the later visits with it where they were meant; null: it cannot be asked. Recorded. */
async function hasEnded(
  options: DeskOptions,
  caller: Caller,
  row: AppointmentRow,
  host: ClinicianCredential | null,
  rest: boolean,
): Promise<boolean | null> {
  if (!rest || row.seriesId === null) {
    const now = await currentBooking(options, caller, host, row.bookingUid);
    return now.ok ? now.value.status === 'CANCELLED' : null;
  }
  // One webhook tells of the first visit only (140), so the series is read as a whole.
  const series = await options.client.getBooking(host, row.seriesId);
  if (!series.ok) return null;
  await recordAnswer(options, caller, series.value, host);
  const meant = series.value.filter((visit) => (visit.startsAt ?? 0) >= row.startsAt.getTime());
  return meant.every((visit) => visit.status !== 'CONFIRMED' && visit.status !== 'REQUESTED');
}

/** The answer to `cancelSubsequentBookings` has the whole series; the one that was asked about comes first. */
async function appointmentsOf(
  options: DeskOptions,
  caller: Caller,
  row: AppointmentRow,
  observations: BookingObservation[],
  host: ClinicianCredential | null,
): Promise<Done> {
  const ids = await recordAnswer(options, caller, observations, host);
  return { ok: true, appointmentIds: [...new Set([row.id, ...ids])] };
}
