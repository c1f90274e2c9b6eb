/** A person cancels: a whole appointment, the rest of a series, or the own seat of a group visit. */
import { mayChange } from '../auth/authorize.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import { bookingUid } from '../kernel/ids.ts';
import { fail, ok } from '../kernel/result.ts';
import type { BookingDesk, Caller } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow } from './appointment-store.ts';
import {
  changing,
  currentBooking,
  keyed,
  recordAnswer,
  refused,
  refusedBy,
  versionConflict,
  visible,
  type Attempt,
  type DeskOptions,
  type Done,
} from './booking-steps.ts';
import { outcomeUnknown } from './calcom-refusal.ts';
import { invalidInput, notAllowed } from './failure.ts';
import { ownSeat } from './reschedule-appointment.ts';

type CancelInput = Parameters<BookingDesk['cancel']>[1];

const LONGEST_REASON = 1_000;

export function createCancelAppointment(options: DeskOptions): BookingDesk['cancel'] {
  return async (caller, input) => {
    const done = await keyed(options, caller, 'cancelAppointment', input, (attempt) =>
      changing(options, caller, input, attempt, (row, host) => cancel(options, caller, input, { row, host, attempt })),
    );
    if (!done.ok) return done;
    const row = done.value.find((one) => one.id === input.appointmentId) ?? done.value[0];
    return row === undefined ? fail(outcomeUnknown) : ok(row);
  };
}

interface Ending {
  row: AppointmentRow;
  host: ClinicianCredential | null;
  attempt: Attempt;
}

async function cancel(options: DeskOptions, caller: Caller, input: CancelInput, { row, host, attempt }: Ending): Promise<Done> {
  const itself: Done = { ok: true, appointmentIds: [row.id] };
  if (attempt.repeated && row.status === 'CANCELLED') return itself;
  const permission = mayChange(caller.viewer, row, options.clock.now(), options.config);
  if (!permission.allowed) return refused(notAllowed(permission.because));
  if (row.status === 'CANCELLED')
    return refused(invalidInput({ path: 'appointmentId', message: 'This appointment has already been cancelled.' }));
  if (row.status === 'DECLINED')
    return refused(invalidInput({ path: 'appointmentId', message: 'This request was declined; there is nothing to cancel.' }));
  if (input.wholeSeries && row.seriesId === null)
    return refused(invalidInput({ path: 'wholeSeries', message: 'This appointment is not part of a series.' }));
  const reason = input.reason?.trim() ?? '';
  if (reason.length > LONGEST_REASON)
    return refused(invalidInput({ path: 'reason', message: `Please keep the reason below ${LONGEST_REASON} characters.` }));

  const uid = bookingUid(row.bookingUid);
  const seat = row.seated ? ownSeat(caller, row) : undefined;
  if (seat?.seatUid != null) return giveUpSeat(options, caller, row, seat.seatUid, host);

  const answer = await options.client.cancel(host, uid, {
    // With the host's key Cal.com insists on a reason (132).
    reason: reason === '' ? (caller.viewer.role === 'PATIENT' ? 'Cancelled by the patient.' : 'Cancelled by the clinic.') : reason,
    ...(input.wholeSeries ? { subsequent: true } : {}),
  });
  if (answer.ok) return appointmentsOf(options, caller, row, answer.value, host);
  switch (answer.failure.kind) {
    case 'OutcomeUnknown': {
      const now = await currentBooking(options, caller, host, uid);
      if (now.ok && now.value.status === 'CANCELLED') return itself;
      return refused(outcomeUnknown);
    }
    case 'AlreadyCancelled':
    case 'AlreadyRescheduled': {
      const now = await currentBooking(options, caller, host, uid);
      if (now.ok && now.value.status === 'CANCELLED') return itself;
      const heir = now.ok ? now.value.rescheduledToUid : null;
      if (heir != null) await currentBooking(options, caller, host, heir);
      return refused(versionConflict((await visible(options, caller, row.id)) ?? row));
    }
    default:
      return refusedBy(answer.failure);
  }
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

/**
 * Cal.com cannot do this with the host's key, and without one it answers 404 although the seat is gone, and sends no
 * webhook (MEASURED "Bookings"): only reading the booking afterwards tells.
 */
async function giveUpSeat(
  options: DeskOptions,
  caller: Caller,
  row: AppointmentRow,
  seatUid: string,
  host: ClinicianCredential | null,
): Promise<Done> {
  const answer = await options.client.cancel(null, bookingUid(row.bookingUid), { seatUid });
  const now = await currentBooking(options, caller, host, row.bookingUid);
  if (!now.ok) return refused(outcomeUnknown);
  const stillThere = now.value.status !== 'CANCELLED' && (now.value.attendees ?? []).some((attendee) => attendee.seatUid === seatUid);
  if (!stillThere) return { ok: true, appointmentIds: [row.id] };
  return answer.ok ? refused(outcomeUnknown) : refusedBy(answer.failure);
}
