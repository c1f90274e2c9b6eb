/**
 * The sweep: Cal.com sends each webhook once and forgets, so what it lost is found by asking. Part of the main path.
 *
 * `recent` walks `afterUpdatedAt` from the last checkpoint, minus an overlap; `window` compares every booking that starts in
 * a range field by field (seats and absences do not move `updatedAt`, MEASURED "Bookings"). One pass per credential: a key
 * sees only its owner's bookings.
 */
import type pg from 'pg';
import { sameJson } from '../appointments/appointment-state.ts';
import { type BookingFacts, mergeObservation } from '../appointments/booking-facts.ts';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomClient, CalcomCredential, CalcomFailure, ListRequest } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import type { BookingUid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { UpstreamReader } from './read-upstream.ts';

export type SweepKind = { kind: 'recent' } | { kind: 'window'; from: Date; to: Date };

export interface SweepReport {
  /** Clinicians whose credential was used. */
  owners: number;
  seen: number;
  /** Bookings of which something was unknown or different here. */
  differing: number;
  changes: number;
  /** Of hosts that are not ours. */
  foreign: number;
  unreadable: number;
  failures: CalcomFailure[];
}

export interface Reconciler {
  sweep(kind: SweepKind): Promise<SweepReport>;
}

export interface ReconcilerOptions {
  pool: pg.Pool;
  client: CalcomClient;
  recorder: BookingRecorder;
  reader: UpstreamReader;
  credentials: () => Promise<CalcomCredential[]>;
  clock: Clock;
  log: Log;
}

const PAGE = 100;
/** A hundred thousand bookings of one clinician in one window: more is an upstream fault. */
const MAX_PAGES = 1_000;
const OVERLAP_MS = 10 * 60_000;
const FIRST_RECENT_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

/** Everything that starts between yesterday and two weeks ahead: what a board can show. */
export function nearWindow(now: Date): SweepKind {
  return { kind: 'window', from: new Date(now.getTime() - DAY_MS), to: new Date(now.getTime() + 15 * DAY_MS) };
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  return {
    async sweep(kind) {
      const report: SweepReport = { owners: 0, seen: 0, differing: 0, changes: 0, foreign: 0, unreadable: 0, failures: [] };
      for (const credential of await options.credentials()) {
        const outcome = await sweepOwner(options, credential, kind, report);
        report.owners += 1;
        if (!outcome.ok) report.failures.push(outcome.failure);
      }
      options.log.info('sweep.done', {
        kind: kind.kind,
        owners: report.owners,
        seen: report.seen,
        differing: report.differing,
        changes: report.changes,
        failures: report.failures.length,
      });
      return report;
    },
  };
}

async function sweepOwner(
  options: ReconcilerOptions,
  credential: CalcomCredential,
  kind: SweepKind,
  report: SweepReport,
): Promise<Result<null, CalcomFailure>> {
  const startedAt = options.clock.now().getTime();
  const request = await requestFor(options, credential, kind, startedAt);
  const done = new Set<BookingUid>();
  let newest = 0;
  for (let page = 0, skip = 0; page < MAX_PAGES; page += 1) {
    const answer = await options.client.listBookings(credential, { ...request, take: PAGE, skip });
    if (!answer.ok) return answer;
    report.unreadable += answer.value.unreadable;
    const fresh = answer.value.bookings.filter((seen) => !done.has(seen.uid));
    for (const seen of fresh) {
      done.add(seen.uid);
      newest = Math.max(newest, seen.upstreamAt ?? 0);
    }
    report.seen += fresh.length;
    const recorded = await recordDiffering(options, credential, fresh, report);
    if (!recorded.ok) return recorded;
    if (!answer.value.hasNextPage) break;
    // Rows change while pages are turned, and offsets shift: every page overlaps the one before by a tenth.
    skip += Math.max(1, answer.value.bookings.length - PAGE / 10);
  }
  if (kind.kind === 'recent' && newest > 0) await saveCheckpoint(options.pool, credential, newest);
  return ok(null);
}

async function requestFor(
  options: ReconcilerOptions,
  credential: CalcomCredential,
  kind: SweepKind,
  now: number,
): Promise<Omit<ListRequest, 'take' | 'skip'>> {
  if (kind.kind === 'window') {
    // The list filters by start and by *end*: a day more, so that what starts in the window and ends after it is seen.
    return { afterStart: kind.from.getTime(), beforeEnd: kind.to.getTime() + DAY_MS, sort: 'start' };
  }
  const reached = await loadCheckpoint(options.pool, credential);
  return { afterUpdatedAt: (reached ?? now - FIRST_RECENT_MS) - OVERLAP_MS, sort: 'updatedAt' };
}

const checkpointName = (credential: CalcomCredential) => `sweep:${credential.ownerId ?? 'shared'}`;

async function loadCheckpoint(pool: pg.Pool, credential: CalcomCredential): Promise<number | null> {
  const result = await pool.query<{ value: { updatedAt?: number } }>(`SELECT "value" FROM "JobCheckpoint" WHERE "name" = $1`, [
    checkpointName(credential),
  ]);
  return result.rows[0]?.value.updatedAt ?? null;
}

async function saveCheckpoint(pool: pg.Pool, credential: CalcomCredential, updatedAt: number): Promise<void> {
  await pool.query(
    `INSERT INTO "JobCheckpoint" ("name","value","updatedAt") VALUES ($1, jsonb_build_object('updatedAt', $2::float8), now())
     ON CONFLICT ("name") DO UPDATE SET "value" = EXCLUDED."value", "updatedAt" = now()`,
    [checkpointName(credential), updatedAt],
  );
}

async function recordDiffering(
  options: ReconcilerOptions,
  credential: CalcomCredential,
  observations: readonly BookingObservation[],
  report: SweepReport,
): Promise<Result<null, CalcomFailure>> {
  const known = await knownFacts(
    options.pool,
    observations.map((seen) => seen.uid),
  );
  const refetch = new Set<BookingUid>();
  for (const seen of observations) {
    if (seen.status === undefined) report.unreadable += 1;
    const facts = known.get(seen.uid);
    if (facts !== undefined && sameJson(said(facts), said(mergeObservation(facts, seen).facts))) continue;
    report.differing += 1;
    const result = await options.recorder.record([seen], { cause: 'SWEEP' });
    report.changes += result.changes;
    if (result.waitingForHost) report.foreign += 1;
    for (const uid of result.refetch) refetch.add(uid);
  }
  if (refetch.size === 0) return ok(null);
  const read = await options.reader.refresh([...refetch], { cause: 'SWEEP' }, credential);
  if (!read.ok) return read;
  report.changes += read.value.changes;
  return ok(null);
}

/** What was said, without when. */
function said(facts: BookingFacts): unknown {
  const { apiObservedAt: _asked, ...rest } = facts;
  return rest;
}

/** Only bookings that are already part of an appointment: the others are always recorded. */
async function knownFacts(pool: pg.Pool, uids: readonly BookingUid[]): Promise<Map<BookingUid, BookingFacts>> {
  const result = await pool.query<{ bookingUid: BookingUid; facts: BookingFacts }>(
    `SELECT "bookingUid", "facts" FROM "AppointmentBooking" WHERE "bookingUid" = ANY($1) AND "appointmentId" IS NOT NULL`,
    [uids],
  );
  return new Map(result.rows.map((row) => [row.bookingUid, row.facts]));
}
