/**
 * What confirming and declining have in common. Cal.com only refuses when the booking is accepted already: it would revive
 * a cancelled one and decline a cancelled one (MEASURED "Bookings"), so its state is read first, with the host's own key.
 */
import { mayConfirm } from '../auth/authorize.ts';
import type { BookingObservation, BookingStatus } from '../calcom/booking.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import { bookingUid, type BookingUid, type UserId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Caller, ChangeInput, Changed } from '../services.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow } from './appointment-store.ts';
import { inTurn } from './appointment-turn.ts';
import {
  changing,
  currentBooking,
  keyedChange,
  recordAnswer,
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
import { minutesBetween, notifyWarnings } from './booking-warning.ts';
import { notConnected, outcomeUnknown } from './calcom-refusal.ts';
import { claimTime, letGo } from './claim-time.ts';
import { invalidInput, notAllowed, type Failure } from './failure.ts';

export interface Decision {
  mutation: string;
  /** What the appointment has become once it worked. */
  outcome: Extract<BookingStatus, 'CONFIRMED' | 'DECLINED'>;
  /** A reason against it, apart from the state. */
  objection(row: AppointmentRow, clinicianId: UserId): Promise<Failure | null>;
  ask(host: ClinicianCredential, uid: BookingUid): Promise<Result<BookingObservation[], CalcomFailure>>;
}

export async function decideRequest(
  options: DeskOptions,
  caller: Caller,
  input: ChangeInput,
  decision: Decision,
): Promise<Result<Changed, Failure>> {
  return keyedChange(options, caller, decision.mutation, input, (attempt) =>
    changing(options, caller, input, attempt, async (row, host) => {
      const permission = mayConfirm(caller.viewer, row, options.config);
      if (!permission.allowed) return refused(notAllowed(permission.because));
      if (attempt.repeated && row.status === decision.outcome) return { ok: true, appointmentIds: [row.id] };
      if (row.status !== 'REQUESTED') return refused(invalidInput({ path: 'appointmentId', message: notWaiting(row) }));
      if (host === null) return refused(notConnected);
      const decided = await inTurn(options.pool, { clinician: host.ownerId }, options.clock.now(), () =>
        decideInItsTime(options, caller, { row, host, attempt, decision }),
      );
      if (decided !== null) return withWarnings(decided, notifyWarnings(row.participants));
      return refused(
        { ...versionConflict(row), message: 'Another request of this clinician is being answered at this moment. Please repeat.' },
        true,
      );
    }),
  );
}

interface Question {
  row: AppointmentRow;
  host: ClinicianCredential;
  attempt: Attempt;
  decision: Decision;
}

/** A request does not block its time: while it is being confirmed, nobody else may book that time here. */
async function decideInItsTime(options: DeskOptions, caller: Caller, question: Question): Promise<Done> {
  const { row, host, attempt, decision } = question;
  if (decision.outcome !== 'CONFIRMED' || row.seated) return decide(options, caller, question);
  const claim = await claimTime(options, caller.viewer.userId, attempt, {
    holdId: null,
    eventTypeId: row.eventTypeId ?? 0,
    clinicianId: host.ownerId,
    startsAt: row.startsAt,
    minutes: minutesBetween(row.startsAt, row.endsAt),
    seated: false,
  });
  if (claim === null) {
    const message = 'Somebody is booking this very time at the moment. Look again in a few minutes, then confirm or decline.';
    return refused({ ...versionConflict(row), message }, true);
  }
  try {
    return await decide(options, caller, question);
  } finally {
    await letGo(options, claim);
  }
}

/** One request of a clinician at a time: two that overlap must see each other. */
async function decide(options: DeskOptions, caller: Caller, { row, host, attempt, decision }: Question): Promise<Done> {
  const objection = await decision.objection(row, host.ownerId);
  if (objection !== null) return refused(objection);
  const uid = bookingUid(row.bookingUid);
  const before = await currentBooking(options, caller, host, uid);
  if (!before.ok) return refusedBy(before.failure);
  if (before.value.status === decision.outcome && attempt.repeated) return decided(options, caller, row, host);
  if (before.value.status !== 'REQUESTED') return refused(versionConflict((await visible(options, caller, row.id)) ?? row));

  const answer = await decision.ask(host, uid);
  if (answer.ok) {
    const done = await recorded(options, caller, answer.value, host);
    return done.ok ? decided(options, caller, row, host) : done;
  }
  const after = await currentBooking(options, caller, host, uid);
  if (after.ok && after.value.status === decision.outcome) return decided(options, caller, row, host);
  // Somebody else decided it in Cal.com itself.
  if (after.ok && after.value.status !== 'REQUESTED') return refused(versionConflict((await visible(options, caller, row.id)) ?? row));
  if (answer.failure.kind === 'OutcomeUnknown') return refused(outcomeUnknown);
  return refusedBy(answer.failure);
}

/** The rest of a series was decided with it, and neither answer nor webhook has them all. */
async function decided(options: DeskOptions, caller: Caller, row: AppointmentRow, host: ClinicianCredential): Promise<Done> {
  if (row.seriesId !== null) {
    const series = await options.client.getBooking(host, row.seriesId);
    if (series.ok) await recordAnswer(options, caller, series.value, host);
  }
  return { ok: true, appointmentIds: [row.id] };
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
