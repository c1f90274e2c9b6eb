/**
 * What confirming and declining have in common. Cal.com only refuses when the booking is accepted already: it would revive
 * a cancelled one and decline a cancelled one (MEASURED "Bookings"), so its state is read first, with the host's own key.
 */
import { mayConfirm } from '../auth/authorize.ts';
import type { BookingObservation, BookingStatus } from '../calcom/booking.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import { bookingUid, type AppointmentId, type BookingUid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow } from './appointment-store.ts';
import { inTurn } from './appointment-turn.ts';
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
import { notConnected, outcomeUnknown } from './calcom-refusal.ts';
import { invalidInput, notAllowed, type Failure } from './failure.ts';

export interface Decision {
  mutation: string;
  /** What the appointment has become once it worked. */
  outcome: Extract<BookingStatus, 'CONFIRMED' | 'DECLINED'>;
  /** A reason against it, apart from the state. */
  objection(row: AppointmentRow): Promise<Failure | null>;
  ask(host: ClinicianCredential, uid: BookingUid): Promise<Result<BookingObservation[], CalcomFailure>>;
}

export async function decideRequest(
  options: DeskOptions,
  caller: Caller,
  input: { clientMutationKey: string; appointmentId: AppointmentId; expectedVersion: number | null },
  decision: Decision,
): Promise<Result<AppointmentRow, Failure>> {
  const done = await keyed(options, caller, decision.mutation, input, (attempt) =>
    changing(options, caller, input, attempt, async (row, host) => {
      const permission = mayConfirm(caller.viewer, row, options.config);
      if (!permission.allowed) return refused(notAllowed(permission.because));
      if (attempt.repeated && row.status === decision.outcome) return { ok: true, appointmentIds: [row.id] };
      if (row.status !== 'REQUESTED') return refused(invalidInput({ path: 'appointmentId', message: notWaiting(row) }));
      if (host === null) return refused(notConnected);
      const decided = await inTurn(options.pool, { clinician: host.ownerId }, options.clock.now(), () =>
        decide(options, caller, { row, host, attempt, decision }),
      );
      if (decided !== null) return decided;
      return refused(
        { ...versionConflict(row), message: 'Another request of this clinician is being answered at this moment. Please repeat.' },
        true,
      );
    }),
  );
  if (!done.ok) return done;
  const [row] = done.value;
  return row === undefined ? fail(outcomeUnknown) : ok(row);
}

interface Question {
  row: AppointmentRow;
  host: ClinicianCredential;
  attempt: Attempt;
  decision: Decision;
}

/** One request of a clinician at a time: two that overlap must see each other. */
async function decide(options: DeskOptions, caller: Caller, { row, host, attempt, decision }: Question): Promise<Done> {
  const objection = await decision.objection(row);
  if (objection !== null) return refused(objection);
  const uid = bookingUid(row.bookingUid);
  const before = await currentBooking(options, caller, host, uid);
  if (!before.ok) return refusedBy(before.failure);
  if (before.value.status === decision.outcome && attempt.repeated) return { ok: true, appointmentIds: [row.id] };
  if (before.value.status !== 'REQUESTED') return refused(versionConflict((await visible(options, caller, row.id)) ?? row));

  const answer = await decision.ask(host, uid);
  if (answer.ok) return recorded(options, caller, answer.value, host);
  const after = await currentBooking(options, caller, host, uid);
  if (after.ok && after.value.status === decision.outcome) return { ok: true, appointmentIds: [row.id] };
  if (answer.failure.kind === 'OutcomeUnknown') return refused(outcomeUnknown);
  return refusedBy(answer.failure);
}

function notWaiting(row: AppointmentRow): string {
  switch (row.status) {
    case 'CONFIRMED':
      return 'This appointment is already confirmed.';
    case 'CANCELLED':
      return 'This appointment has been cancelled.';
    case 'DECLINED':
      return 'This request has already been declined.';
    case 'REQUESTED':
      return 'This appointment is waiting for an answer.';
  }
}
