/** Steps that every use case of the booking desk takes: honour the key, find the row, record what Cal.com answered, read back. */
import type pg from 'pg';
import { appointmentScope, isStaff } from '../auth/authorize.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomClient, CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import { bookingUid, userId, type AppointmentId, type BookingUid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Booked, Caller, Changed } from '../services.ts';
import type { SlotDeskWithin } from '../slots/slot-desk.ts';
import type { CalcomCredentials, ClinicianCredential } from '../users/calcom-credentials.ts';
import type { AppointmentRow, AppointmentStore } from './appointment-store.ts';
import { isLive } from './appointment.ts';
import { inTurn } from './appointment-turn.ts';
import { type BookingWarning, overlaps } from './booking-warning.ts';
import { outcomeUnknown, refusalOf } from './calcom-refusal.ts';
import { invalidInput, notFound, type Failure } from './failure.ts';
import { answerKey, claimKey, forgetKey, hashOfInput, releaseKey, type KeyOwner } from './mutation-key.ts';
import type { BookingRecorder } from './record-booking.ts';
import type { CareRecorder } from './record-care.ts';

export interface DeskOptions {
  pool: Pick<pg.Pool, 'query'>;
  client: CalcomClient;
  credentials: CalcomCredentials;
  recorder: BookingRecorder;
  care: CareRecorder;
  appointments: AppointmentStore;
  slots: SlotDeskWithin;
  clock: Clock;
  log: Log;
  config: Pick<Config, 'patientChangeCutoffMinutes' | 'frontDeskMayConfirm' | 'placeholderEmailDomain'>;
}

export type Done =
  | { ok: true; appointmentIds: AppointmentId[]; warnings?: BookingWarning[] }
  | { ok: false; failure: Failure; again?: boolean };

export interface Attempt {
  /** Goes into the booking's metadata, and is found there again. */
  requestId: string;
  /** An earlier attempt with this key may have reached Cal.com. */
  repeated: boolean;
}

/** Refused, and the same key may be used again. */
export const refused = (failure: Failure, again = false): Done => ({ ok: false, failure, again });

/** It worked, and the person should know this besides. */
export const withWarnings = (done: Done, warnings: BookingWarning[]): Done =>
  done.ok ? { ...done, warnings: [...(done.warnings ?? []), ...warnings] } : done;

interface StoredAnswer {
  appointmentIds?: AppointmentId[];
  warnings?: BookingWarning[];
  failure?: Failure;
  currentId?: AppointmentId;
}

/** Carries `work` out once per key, and answers with the rows as they are now. */
export async function keyed(
  options: DeskOptions,
  caller: Caller,
  mutation: string,
  input: { clientMutationKey: string },
  work: (attempt: Attempt) => Promise<Done>,
): Promise<Result<Booked, Failure>> {
  const { pool, clock } = options;
  const { clientMutationKey, ...wish } = input;
  if (clientMutationKey.trim() === '' || clientMutationKey.length > 200)
    return fail(invalidInput({ path: 'clientMutationKey', message: 'The key of a mutation has 1 to 200 characters.' }));
  const owner: KeyOwner = { viewerId: caller.viewer.userId, key: clientMutationKey };
  const claim = await claimKey(pool, owner, { mutation, inputHash: hashOfInput({ ...wish }) }, clock.now());
  switch (claim.kind) {
    case 'OTHER_INPUT':
      return fail(invalidInput({ path: 'clientMutationKey', message: 'This key was used for another wish. Use a new key for each.' }));
    case 'RUNNING':
      return fail(outcomeUnknown);
    case 'ANSWERED':
      return replayed(options, caller, claim.answer as StoredAnswer);
    case 'CLAIMED':
      break;
  }

  let done: Done;
  try {
    done = await work({ requestId: claim.requestId, repeated: claim.repeated });
  } catch (error) {
    await releaseKey(pool, owner, claim.claimant);
    throw error;
  }
  if (done.ok) {
    const { appointmentIds, warnings = [] } = done;
    await answerKey(pool, owner, claim.claimant, { appointmentIds, warnings } satisfies StoredAnswer);
    return rowsOf(options, caller, appointmentIds, warnings);
  }
  const { failure } = done;
  if (failure.kind === 'CalcomUnavailable' || failure.kind === 'OutcomeUnknown' || done.again === true)
    await releaseKey(pool, owner, claim.claimant);
  else if (failure.kind === 'InvalidInput') await forgetKey(pool, owner, claim.claimant);
  else await answerKey(pool, owner, claim.claimant, storedFailure(failure));
  return fail(failure);
}

/** As `keyed`, for a change of one appointment. */
export async function keyedChange(
  options: DeskOptions,
  caller: Caller,
  mutation: string,
  input: { clientMutationKey: string; appointmentId: AppointmentId },
  work: (attempt: Attempt) => Promise<Done>,
): Promise<Result<Changed, Failure>> {
  const done = await keyed(options, caller, mutation, input, work);
  if (!done.ok) return done;
  const { appointments, warnings } = done.value;
  const appointment = appointments.find((row) => row.id === input.appointmentId) ?? appointments[0];
  return appointment === undefined ? fail(outcomeUnknown) : ok({ appointment, warnings });
}

function storedFailure(failure: Failure): StoredAnswer {
  if (failure.kind !== 'VersionConflict') return { failure };
  const { current, ...rest } = failure;
  return { failure: { ...rest, current: { id: current.id } as AppointmentRow }, currentId: current.id };
}

async function replayed(options: DeskOptions, caller: Caller, answer: StoredAnswer): Promise<Result<Booked, Failure>> {
  if (answer.appointmentIds !== undefined) return rowsOf(options, caller, answer.appointmentIds, answer.warnings ?? []);
  const failure = answer.failure ?? outcomeUnknown;
  if (failure.kind === 'SlotTaken') {
    const nearest = failure.nearest.map((slot) => ({ ...slot, startsAt: new Date(slot.startsAt), endsAt: new Date(slot.endsAt) }));
    return fail({ ...failure, nearest });
  }
  if (failure.kind !== 'VersionConflict' || answer.currentId === undefined) return fail(failure);
  const current = await visible(options, caller, answer.currentId);
  return current === null ? fail(notFound('The appointment')) : fail({ ...failure, current });
}

async function rowsOf(
  options: DeskOptions,
  caller: Caller,
  ids: readonly AppointmentId[],
  warnings: readonly BookingWarning[],
): Promise<Result<Booked, Failure>> {
  const rows = await options.appointments.byIds(appointmentScope(caller.viewer), ids);
  const hidden = ids.filter((_, index) => rows[index] == null);
  // What a person has just booked is shown although the booking was not (yet) linked to that person.
  const others = hidden.length === 0 ? [] : await options.appointments.byIds({ all: true }, hidden);
  const found = [...rows, ...others].filter((row) => row != null);
  if (found.length === 0) return fail(notFound('The appointment'));
  // Only the first occurrence of a series is checked by Cal.com (CONTRACT 4). Whose the other appointment is concerns staff.
  const conflict = isStaff(caller.viewer) && found.some((row) => row.hasConflict && isLive(row.status));
  return ok({
    appointments: [...new Map(found.map((row) => [row.id, row])).values()],
    warnings: [...warnings, ...(conflict ? [overlaps] : [])],
  });
}

/** The row, if this viewer may see it. */
export async function visible(
  options: Pick<DeskOptions, 'appointments'>,
  caller: Caller,
  id: AppointmentId,
): Promise<AppointmentRow | null> {
  const [row] = await options.appointments.byIds(appointmentScope(caller.viewer), [id]);
  return row ?? null;
}

/** Also a group that this patient has left: by the attempt whose end was not known. */
async function visibleOrLeft(
  options: Pick<DeskOptions, 'appointments'>,
  caller: Caller,
  id: AppointmentId,
): Promise<AppointmentRow | null> {
  const row = await visible(options, caller, id);
  if (row !== null || caller.viewer.role !== 'PATIENT') return row;
  const [left] = await options.appointments.byIds({ all: true }, [id]);
  return left?.participants.some((participant) => participant.userId === caller.viewer.userId) === true ? left : null;
}

/** A change of one appointment: seen, at the expected version, and nobody else at it. */
export async function changing(
  options: DeskOptions,
  caller: Caller,
  input: { appointmentId: AppointmentId; expectedVersion: number | null },
  attempt: Attempt,
  work: (row: AppointmentRow, host: ClinicianCredential | null) => Promise<Done>,
): Promise<Done> {
  const read = (id: AppointmentId) => (attempt.repeated ? visibleOrLeft(options, caller, id) : visible(options, caller, id));
  const seen = await read(input.appointmentId);
  if (seen === null) return refused(notFound('The appointment'));
  // Who asked before somebody else's change was done has not seen that change.
  const expectedVersion = input.expectedVersion ?? seen.version;
  const done = await inTurn(options.pool, { appointment: seen.id }, options.clock.now(), async () => {
    const row = await read(seen.id);
    if (row === null) return refused(notFound('The appointment'));
    // After an attempt whose end is unknown the version may have risen because of that attempt.
    if (expectedVersion !== row.version && !attempt.repeated) return refused(versionConflict(row));
    return work(row, await hostCredential(options, row));
  });
  if (done !== null) return done;
  return refused(
    { ...versionConflict(seen), message: 'Somebody is changing this appointment at this moment. Look at it again, then repeat.' },
    true,
  );
}

export function versionConflict(current: AppointmentRow): Extract<Failure, { kind: 'VersionConflict' }> {
  return { kind: 'VersionConflict', message: 'Somebody changed this appointment in the meantime. Look at it again, then repeat.', current };
}

async function hostCredential(options: DeskOptions, row: AppointmentRow): Promise<ClinicianCredential | null> {
  const organizer = row.clinician?.id ?? row.hosts.find((host) => host.organizer)?.userId ?? null;
  return organizer === null ? null : options.credentials.of(userId(organizer));
}

/** Through the one door for writes; then whatever it could not decide by itself is read from Cal.com and recorded too. */
export async function recordAnswer(
  options: DeskOptions,
  caller: Caller,
  observations: readonly BookingObservation[],
  credential: CalcomCredential | null,
): Promise<AppointmentId[]> {
  const context = { cause: 'MUTATION' as const, actorId: caller.viewer.userId };
  const first = await options.recorder.record(observations, context);
  for (const uid of first.refetch.slice(0, 5)) {
    const read = await options.client.getBooking(credential, uid);
    if (read.ok) await options.recorder.record(read.value, context);
  }
  if (first.waitingForHost) options.log.error('booking.host.unknown', { requestId: caller.requestId });
  return [...new Set(first.appointmentIds.filter((id) => id !== null))];
}

/** Success, or `OutcomeUnknown` when the booking exists upstream and could not be stored: the sweep will bring it. */
export async function recorded(
  options: DeskOptions,
  caller: Caller,
  observations: readonly BookingObservation[],
  credential: CalcomCredential | null,
): Promise<Done> {
  const appointmentIds = await recordAnswer(options, caller, observations, credential);
  return appointmentIds.length === 0 ? refused(outcomeUnknown) : { ok: true, appointmentIds };
}

/** The booking as Cal.com has it now, recorded. */
export async function currentBooking(
  options: DeskOptions,
  caller: Caller,
  credential: CalcomCredential | null,
  uid: BookingUid | string,
): Promise<Result<BookingObservation, CalcomFailure>> {
  const wanted = bookingUid(uid);
  const read = await options.client.getBooking(credential, wanted);
  if (!read.ok) return read;
  await recordAnswer(options, caller, read.value, credential);
  const booking = read.value.find((one) => one.uid === wanted) ?? read.value[0];
  if (booking === undefined)
    return fail({ kind: 'NotFound', status: null, message: 'The answer is empty.', retryAfterMs: null, movedToUid: null });
  return ok(booking);
}

/** A failure of Cal.com as the person's failure, without slots to offer. */
export async function refusedBy(failure: CalcomFailure): Promise<Done> {
  return refused(await refusalOf(failure, () => Promise.resolve([])));
}
