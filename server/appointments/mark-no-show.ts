/**
 * Staff mark that somebody did not come, or take it back: told to Cal.com, which wants it after the start and from the host
 * alone, and shown as the care state. `setCareState` moves the care state without telling Cal.com.
 */
import { maySetCareState } from '../auth/authorize.ts';
import { bookingUid } from '../kernel/ids.ts';
import type { BookingDesk, Caller, NoShowInput } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import { mayBecome, type CareState } from './appointment.ts';
import type { AppointmentRow, ParticipantRow } from './appointment-store.ts';
import { changing, currentBooking, keyedChange, recordAnswer, refused, refusedBy, type DeskOptions, type Done } from './booking-steps.ts';
import { notConnected, outcomeUnknown } from './calcom-refusal.ts';
import { invalidInput, notAllowed, notFound, type Failure } from './failure.ts';

export function createMarkNoShow(options: DeskOptions): BookingDesk['markNoShow'] {
  return (caller, input) =>
    keyedChange(options, caller, 'markNoShow', input, (attempt) =>
      changing(options, caller, input, attempt, (row, host) => mark(options, caller, input, row, host)),
    );
}

async function mark(
  options: DeskOptions,
  caller: Caller,
  input: NoShowInput,
  row: AppointmentRow,
  host: ClinicianCredential | null,
): Promise<Done> {
  if (!maySetCareState(caller.viewer, row)) return refused(notAllowed('Only the clinic marks who did not come.'));
  const active = row.participants.filter((one) => one.state === 'ACTIVE');
  if (row.seated && input.participantId === null)
    return refused(invalidInput({ path: 'participantId', message: 'This is a group visit: say which participant is meant.' }));
  const participant = input.participantId === null ? active[0] : active.find((one) => one.id === input.participantId);
  if (participant === undefined) return refused(notFound('The participant'));
  const objection = objectionTo(options, input, row, participant);
  if (objection !== null) return refused(objection);
  if (host === null) return refused(notConnected);

  const told = await tellCalcom(options, caller, row, participant, input.absent, host);
  if (told !== null) return told;
  // Cal.com may have known it all along; then no answer has moved the care state.
  const wanted: CareState = input.absent ? 'NO_SHOW' : 'EXPECTED';
  const order = { appointmentId: row.id, participantId: row.seated ? participant.id : null, careState: wanted };
  await options.care.record({ ...order, expectedVersion: null, actorId: caller.viewer.userId });
  return { ok: true, appointmentIds: [row.id] };
}

function objectionTo(options: DeskOptions, input: NoShowInput, row: AppointmentRow, participant: ParticipantRow): Failure | null {
  if (row.status !== 'CONFIRMED')
    return invalidInput({ path: 'appointmentId', message: 'Only at a confirmed appointment can somebody be missing.' });
  if (row.startsAt > options.clock.now())
    return invalidInput({ path: 'appointmentId', message: 'Somebody can be marked absent only after the appointment has begun.' });
  const from = participant.careState ?? row.careState ?? 'EXPECTED';
  const to: CareState = input.absent ? 'NO_SHOW' : 'EXPECTED';
  if (from === to || ((input.absent || from === 'NO_SHOW') && mayBecome(row.status, from, to))) return null;
  return { kind: 'InvalidTransition', message: `A visit cannot go from ${from} to ${to}.`, from, to };
}

/** Null: Cal.com has it so. Setting it again does no harm, so a lost answer is looked up and, failing that, asked for anew. */
async function tellCalcom(
  options: DeskOptions,
  caller: Caller,
  row: AppointmentRow,
  participant: ParticipantRow,
  absent: boolean,
  host: ClinicianCredential,
): Promise<Done | null> {
  // The address that Cal.com knows is not always shown here, and may have been made up.
  const before = await currentBooking(options, caller, host, row.bookingUid);
  if (!before.ok) return refusedBy(before.failure);
  const attendees = before.value.attendees ?? [];
  const meant = row.seated ? attendees.find((one) => one.seatUid === participant.seatUid) : attendees[0];
  if (meant?.email == null) return refused(notFound('The participant'));
  if (meant.absent === absent) return null;
  const { email } = meant;
  const answer = await options.client.markAbsent(host, bookingUid(row.bookingUid), { attendees: [{ email, absent }] });
  if (answer.ok) {
    // The answer lacks the seats of a group.
    if (row.seated) await currentBooking(options, caller, host, row.bookingUid);
    else await recordAnswer(options, caller, answer.value, host);
    return null;
  }
  if (answer.failure.kind !== 'OutcomeUnknown') return refusedBy(answer.failure);
  const after = await currentBooking(options, caller, host, row.bookingUid);
  const isSo = after.ok && (after.value.attendees ?? []).some((one) => one.email === email && one.absent === absent);
  return isSo ? null : refused(outcomeUnknown);
}
