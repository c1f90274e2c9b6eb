/**
 * A clinician, or an admin, changes when the clinician works: Cal.com's default schedule is read, changed and written in
 * one turn, because its lists are replaced whole and two who add a day at once would lose one.
 */
import { Temporal } from 'temporal-polyfill';
import type pg from 'pg';
import { inTurn } from '../appointments/appointment-turn.ts';
import { notConnected, outcomeUnknown, refusalOf } from '../appointments/calcom-refusal.ts';
import { type Failure, invalidInput, notAllowed, notFound } from '../appointments/failure.ts';
import { type OfferAction, recordAudit } from '../audit/audit-log.ts';
import { mayEditSchedule } from '../auth/authorize.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import { type Hours, type ScheduleChange, scheduleBody, type WeeklyHours, type WorkingSchedule } from '../calcom/schedule.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import { isUuid, type UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { isTimeZone } from '../slots/slot-window.ts';
import type { CalcomCredentials, ClinicianCredential } from '../users/calcom-credentials.ts';
import { dateProblems, DAY_OFF, dayProblems, weeklyProblems, withDay } from './schedule-rules.ts';
import { type StoredSchedule, storeSchedule } from './schedule-store.ts';
import { isDeepStrictEqual } from 'node:util';

export interface EditScheduleOptions {
  pool: pg.Pool;
  client: Pick<CalcomClient, 'defaultSchedule' | 'updateSchedule'>;
  credentials: Pick<CalcomCredentials, 'of'>;
  clock: Clock;
  /** Whether this Cal.com lets schedules be read and written. */
  offered(): boolean;
  /** What is known of a clinician's free slots is out of date. */
  invalidateSlots(clinicianId: UserId): void;
}

type Edited = Result<StoredSchedule, Failure>;
/** From the schedule as it is; a failure: it cannot be changed so. */
type Edit = (schedule: WorkingSchedule) => Result<ScheduleChange, Failure>;

const AGAIN_MS = 1_000;

/** Null stays as it is; both null: only read anew. */
export function updateSchedule(
  options: EditScheduleOptions,
  caller: Caller,
  clinicianId: UserId,
  wish: { timeZone: string | null; weekly: WeeklyHours[] | null },
): Promise<Edited> {
  const problems = wish.weekly === null ? [] : weeklyProblems(wish.weekly);
  if (wish.timeZone !== null && !isTimeZone(wish.timeZone))
    problems.push({ path: 'timeZone', message: 'The time zone must be an IANA name such as Europe/Amsterdam.' });
  return edit(options, caller, clinicianId, 'schedule.update', () => {
    if (problems.length > 0) return fail(invalidInput(...problems));
    return ok({ ...(wish.timeZone === null ? {} : { timeZone: wish.timeZone }), ...(wish.weekly === null ? {} : { weekly: wish.weekly }) });
  });
}

/** Other hours on one day; none: a day off. */
export function setOverride(
  options: EditScheduleOptions,
  caller: Caller,
  clinicianId: UserId,
  wish: { date: string; hours: readonly Hours[] },
): Promise<Edited> {
  return edit(options, caller, clinicianId, 'schedule.override', ({ timeZone, overrides }) => {
    const problems = [...dateProblems(wish.date, todayIn(timeZone, options.clock)), ...dayProblems(wish.hours)];
    if (problems.length > 0) return fail(invalidInput(...problems));
    const changed = withDay(overrides, wish.date, wish.hours.length === 0 ? [DAY_OFF] : wish.hours);
    return changed === null
      ? fail(invalidInput({ path: 'date', message: 'There are too many single days already.' }))
      : ok({ overrides: changed });
  });
}

/** The week holds again on that day. */
export function clearOverride(options: EditScheduleOptions, caller: Caller, clinicianId: UserId, date: string): Promise<Edited> {
  return edit(options, caller, clinicianId, 'schedule.override', ({ overrides }) => {
    if (!overrides.some((one) => one.date === date)) return fail(notFound('The day'));
    return ok({ overrides: withDay(overrides, date, []) ?? [] });
  });
}

async function edit(options: EditScheduleOptions, caller: Caller, clinicianId: UserId, action: OfferAction, change: Edit): Promise<Edited> {
  const { pool, clock } = options;
  if (!mayEditSchedule(caller.viewer, clinicianId)) return fail(notAllowed('Only the clinician and admins change working hours.'));
  if (!options.offered()) return fail(notAllowed('This Cal.com does not let working hours be changed from here.'));
  if (!isUuid(clinicianId)) return fail(notFound('The clinician'));
  const found = await pool.query(`SELECT 1 FROM "User" WHERE "id" = $1 AND "role" = 'CLINICIAN' AND "disabledAt" IS NULL`, [clinicianId]);
  if (found.rowCount === 0) return fail(notFound('The clinician'));
  const owner = await options.credentials.of(clinicianId);
  if (owner === null) return fail(notConnected);
  const done = await inTurn(pool, { schedule: clinicianId }, clock.now(), () => editInTurn(options, caller, owner, action, change));
  return (
    done ??
    fail({
      kind: 'CalcomUnavailable',
      message: 'Somebody is changing these hours at the moment. Please repeat shortly.',
      retryAfterMs: AGAIN_MS,
    })
  );
}

async function editInTurn(
  options: EditScheduleOptions,
  caller: Caller,
  owner: ClinicianCredential,
  action: OfferAction,
  change: Edit,
): Promise<Edited> {
  const { pool, client, clock } = options;
  const { ownerId } = owner;
  let asOf = clock.now();
  const current = await client.defaultSchedule(owner);
  if (!current.ok) return fail(await refusalOf(current.failure, () => Promise.resolve([])));
  if (current.value === null) return fail(notFound('The schedule'));
  const wanted = change(current.value);
  if (!wanted.ok) return wanted;
  if (Object.keys(wanted.value).length === 0) return ok(await storeSchedule(pool, ownerId, current.value, asOf));

  asOf = clock.now();
  const written = await write(client, owner, current.value, wanted.value);
  if (!written.ok) return written;
  const stored = await inTransaction(pool, async (tx) => {
    await recordAudit(tx, caller, { action, subjectType: 'User', subjectId: ownerId });
    return await storeSchedule(tx, ownerId, written.value, asOf);
  });
  options.invalidateSlots(ownerId);
  return ok(stored);
}

/** Setting it again does no harm, so a lost answer is looked up. */
async function write(
  client: EditScheduleOptions['client'],
  owner: ClinicianCredential,
  before: WorkingSchedule,
  change: ScheduleChange,
): Promise<Result<WorkingSchedule, Failure>> {
  const answer = await client.updateSchedule(owner, before.id, change);
  if (answer.ok) return ok(answer.value);
  if (answer.failure.kind === 'NotFound') return fail(notFound('The schedule'));
  if (answer.failure.kind !== 'OutcomeUnknown') return fail(await refusalOf(answer.failure, () => Promise.resolve([])));
  const now = await client.defaultSchedule(owner);
  const isSo = now.ok && now.value !== null && isDeepStrictEqual(scheduleBody(now.value), scheduleBody({ ...before, ...change }));
  return isSo ? ok(now.value as WorkingSchedule) : fail(outcomeUnknown);
}

function todayIn(timeZone: string, clock: Clock): string {
  return Temporal.Instant.fromEpochMilliseconds(clock.now().getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}
