/**
 * The sweep of one clinician: page by page, nothing kept but the position, each page compared, repaired and checkpointed
 * before the next is asked for. Live webhooks go on beside it: whatever is recorded goes through the one door.
 */
import type pg from 'pg';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { CalcomClient, CalcomFailure } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import type { BookingUid, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { UpstreamReader } from '../webhooks/read-upstream.ts';
import { compareBookings, type CompareDeps, type Comparison } from './compare-bookings.ts';
import { addItems } from './drift-reports.ts';
import { clearSuspicion, examineGhosts, type GhostDeps, liveButNotShown, MAX_SUSPECTS, suspectedGhosts } from './examine-ghosts.ts';
import { noteProvenEqual, noteSweep } from './proven-equal.ts';
import { beginAt, type ListingPage, readListing } from './read-listing.ts';
import { endWalk, loadReached, loadWalk, saveReached, saveWalk, type WalkCheckpoint } from './sweep-checkpoints.ts';
import { DAY_MS, type SweepFailure, type SweepKind, type SweepMode, type SweepOwner, type SweepReport, spanOf } from './sweep.ts';

export interface OwnerSweep {
  pool: pg.Pool;
  client: CalcomClient;
  recorder: BookingRecorder;
  reader: UpstreamReader;
  clock: Clock;
  sameInstance: () => Promise<boolean>;
  owner: SweepOwner;
  mode: SweepMode;
  reportId: string;
  /** Added to as the sweep goes. */
  report: SweepReport;
  pageSize: number;
  insist: boolean;
  /** Repeats a question that the rate limit refused, when it may be asked again. */
  patiently: <Value>(call: () => Promise<Result<Value, CalcomFailure>>) => Promise<Result<Value, SweepFailure>>;
  /** Null: go on. */
  broken: () => SweepFailure | null;
  onProgress: (seen: number, total: number) => void;
}

const OVERLAP_MS = 10 * 60_000;
const FIRST_RECENT_MS = 30 * DAY_MS;
/** A quarter of a million bookings of one clinician in one sweep: more is an upstream fault. */
const MAX_PAGES = 1_000;
/** A webhook may be on its way this long. */
const WEBHOOK_GRACE_MS = 2 * 60_000;
/** Uids that one call of the reader follows. */
const READ_AT_ONCE = 20;

/** Whether the listing was read to its end; failures are in the report as well. */
export async function sweepOwner(sweep: OwnerSweep, kind: SweepKind): Promise<boolean> {
  const outcome = kind.kind === 'recent' ? await sweepRecent(sweep) : await sweepWindow(sweep, kind);
  if (outcome.ok) return outcome.value;
  sweep.report.failures.push(outcome.failure);
  return false;
}

/** What an earlier report lists, read anew one by one. */
export async function sweepListed(sweep: OwnerSweep, uids: readonly BookingUid[]): Promise<boolean> {
  const missing: BookingUid[] = [];
  for (const uid of uids) {
    const broken = sweep.broken();
    if (broken !== null) {
      sweep.report.failures.push(broken);
      return false;
    }
    const answer = await sweep.patiently(() => sweep.client.getBooking(sweep.owner, uid, { background: true }));
    if (answer.ok) {
      const compared = await compare(sweep, answer.value);
      if (!compared.ok) sweep.report.failures.push(compared.failure);
      sweep.report.seen += answer.value.length;
    } else if (answer.failure.kind === 'NotFound') missing.push(uid);
    else sweep.report.failures.push(answer.failure);
  }
  await examine(sweep, missing);
  return sweep.report.failures.length === 0;
}

async function sweepRecent(sweep: OwnerSweep): Promise<Result<boolean, SweepFailure>> {
  const { pool, owner, clock } = sweep;
  const reached = await loadReached(pool, owner.ownerId);
  let position = beginAt((reached ?? clock.now().getTime() - FIRST_RECENT_MS) - OVERLAP_MS);
  const told: Comparison['told'] = [];
  let newest = reached ?? 0;
  let seen = 0;
  let total: number | null = null;
  for (let number = 0; number < MAX_PAGES; number += 1) {
    const page = await ask(sweep, 'updatedAt', {}, position);
    if (!page.ok) return page;
    const compared = await compare(sweep, page.value.fresh);
    if (!compared.ok) return compared;
    seen += page.value.fresh.length;
    if (told.length < MAX_SUSPECTS) told.push(...compared.value.told);
    const last = page.value.fresh.reduce((most, one) => Math.max(most, one.upstreamAt ?? 0), newest);
    // Sorted by the very thing that is remembered: everything up to it has been recorded.
    if (sweep.mode === 'REPAIR' && last > newest) await saveReached(pool, owner.ownerId, last);
    newest = last;
    total ??= page.value.totalItems;
    sweep.onProgress(seen, Math.max(seen, total));
    if (page.value.next === null) {
      if (owner.ownerId !== null && sweep.mode === 'REPAIR' && reached !== null) await witnessWebhooks(sweep, owner.ownerId, told, reached);
      await examine(sweep, []);
      return ok(page.value.steady);
    }
    position = page.value.next;
  }
  return fail({ kind: 'TooManyPages', message: 'Cal.com lists more bookings than any clinician has.' });
}

async function sweepWindow(sweep: OwnerSweep, kind: Extract<SweepKind, { kind: 'window' }>): Promise<Result<boolean, SweepFailure>> {
  const { pool, owner, clock } = sweep;
  const of = { span: spanOf(kind), mode: sweep.mode };
  const now = clock.now().getTime();
  const [from, to] = [kind.from.getTime(), kind.to.getTime()];
  const fresh: WalkCheckpoint = {
    startedAt: now,
    from,
    to,
    position: beginAt(from),
    total: 0,
    seen: 0,
    steady: true,
    suspects: [],
    drifted: false,
  };
  let walk = (await loadWalk(pool, owner.ownerId, { ...of, from, to, now })) ?? fresh;
  for (let number = 0; number < MAX_PAGES; number += 1) {
    // The list filters by start and by *end*: a day more, so that what starts in the window and ends after it is seen.
    const page = await ask(sweep, 'start', { beforeEnd: walk.to + DAY_MS }, walk.position);
    if (!page.ok) return page;
    const suspects = await suspectsOf(sweep, walk, page.value);
    const compared = await compare(sweep, page.value.fresh);
    if (!compared.ok) return compared;
    walk = {
      ...walk,
      position: page.value.next ?? walk.position,
      total: walk.seen === 0 ? page.value.totalItems : walk.total,
      seen: walk.seen + page.value.fresh.length,
      steady: walk.steady && page.value.steady,
      suspects,
      drifted: walk.drifted || compared.value.items.some((item) => item.class !== 'UNKNOWN_HOST'),
    };
    sweep.onProgress(walk.seen, Math.max(walk.total, walk.seen));
    if (page.value.next === null) return await endWindow(sweep, of, walk);
    await saveWalk(pool, owner.ownerId, of, walk);
  }
  await endWalk(pool, owner.ownerId, of);
  return fail({ kind: 'TooManyPages', message: 'Cal.com lists more bookings than any clinician has.' });
}

async function endWindow(
  sweep: OwnerSweep,
  of: { span: SweepReport['span']; mode: SweepMode },
  walk: WalkCheckpoint,
): Promise<Result<boolean, SweepFailure>> {
  const { pool, owner, report } = sweep;
  await endWalk(pool, owner.ownerId, of);
  // Nothing is concluded from what a listing did not show, unless it was whole.
  const overfull = walk.suspects.length > MAX_SUSPECTS;
  if (walk.steady && overfull && !sweep.insist) {
    report.failures.push({ kind: 'TooManyGone', message: 'More live bookings than can be examined are not listed.' });
    return ok(false);
  }
  const before = report.failures.length;
  const ghosts = await examine(sweep, walk.steady ? walk.suspects.slice(0, MAX_SUSPECTS) : []);
  const equal =
    walk.steady &&
    ghosts.left === 0 &&
    report.failures.length === before &&
    (sweep.mode === 'REPAIR' || (!walk.drifted && !ghosts.drifted));
  // A range that a person chose may be a single day: only what covers the board proves anything.
  if (equal && owner.ownerId !== null && of.span !== 'CUSTOM') await noteProvenEqual(pool, owner.ownerId, new Date(walk.startedAt));
  return ok(walk.steady);
}

/** What should have been on the pages so far and was not; before the page itself changes our rows. */
async function suspectsOf(sweep: OwnerSweep, walk: WalkCheckpoint, page: ListingPage): Promise<BookingUid[]> {
  const { ownerId } = sweep.owner;
  if (ownerId === null) return [];
  const shown = [...page.fresh.map((seen) => seen.uid), ...walk.position.tied];
  const to = Math.min(page.shownBelow ?? walk.to, walk.to);
  const absent = await liveButNotShown(sweep.pool, ownerId, {
    from: walk.position.key,
    to,
    shown,
    askedAt: page.askedAt,
    reportId: sweep.reportId,
  });
  return [...new Set([...walk.suspects, ...absent])].filter((uid) => !shown.includes(uid)).slice(0, MAX_SUSPECTS + 1);
}

async function ask(
  sweep: OwnerSweep,
  order: 'start' | 'updatedAt',
  bounds: { beforeEnd?: number },
  position: WalkCheckpoint['position'],
): Promise<Result<ListingPage, SweepFailure>> {
  const broken = sweep.broken();
  if (broken !== null) return fail(broken);
  let askedAt = 0;
  const page = await sweep.patiently(() => {
    askedAt = sweep.clock.now().getTime();
    return readListing((request) => sweep.client.listBookings(sweep.owner, request), order, bounds, position, sweep.pageSize);
  });
  if (!page.ok) return page;
  sweep.report.unreadable += page.value.unreadable;
  sweep.report.seen += page.value.fresh.length;
  return ok({ ...page.value, askedAt });
}

async function compare(sweep: OwnerSweep, observations: ListingPage['fresh']): Promise<Result<Comparison, SweepFailure>> {
  const { report, pool, recorder, mode, owner } = sweep;
  const deps: CompareDeps = { pool, recorder, mode, owner, refresh: (uids) => refresh(sweep, uids) };
  const compared = await compareBookings(deps, observations);
  if (!compared.ok) return compared;
  const { items, differing, changes, foreign, unreadable } = compared.value;
  await addItems(pool, sweep.reportId, items, sweep.clock.now());
  for (const item of items) report.counts[item.class] += 1;
  report.differing += differing;
  report.changes += changes;
  report.foreign += foreign;
  report.unreadable += unreadable;
  await clearSuspicionOfShown(
    sweep,
    observations.map((seen) => seen.uid),
  );
  return compared;
}

async function clearSuspicionOfShown(sweep: OwnerSweep, shown: readonly BookingUid[]): Promise<void> {
  if (sweep.owner.ownerId === null) return;
  const suspected = await suspectedGhosts(sweep.pool, sweep.owner.ownerId);
  await clearSuspicion(
    sweep.pool,
    suspected.filter((uid) => shown.includes(uid)),
  );
}

async function refresh(sweep: OwnerSweep, uids: readonly BookingUid[]): Promise<Result<number, CalcomFailure>> {
  let changes = 0;
  for (let at = 0; at < uids.length; at += READ_AT_ONCE) {
    const read = await sweep.patiently(() => sweep.reader.refresh(uids.slice(at, at + READ_AT_ONCE), { cause: 'SWEEP' }, sweep.owner));
    if (!read.ok) return read as Result<never, CalcomFailure>;
    changes += read.value.changes;
  }
  return ok(changes);
}

async function examine(sweep: OwnerSweep, suspects: readonly BookingUid[]): Promise<{ left: number; drifted: boolean }> {
  const { owner, report, pool } = sweep;
  if (owner.ownerId === null) return { left: 0, drifted: false };
  let drifted = false;
  const deps: GhostDeps = {
    db: pool,
    now: () => sweep.clock.now(),
    mode: sweep.mode,
    insist: sweep.insist,
    ask: (uid) => sweep.patiently(() => sweep.client.getBooking(owner, uid, { background: true })) as ReturnType<GhostDeps['ask']>,
    askWhoAmI: async () => {
      const me = await sweep.patiently(() => sweep.client.me(owner));
      return (me.ok ? ok(me.value.id) : me) as Awaited<ReturnType<GhostDeps['askWhoAmI']>>;
    },
    sameInstance: sweep.sameInstance,
    alive: async (observations) => {
      const compared = await compare(sweep, observations);
      if (!compared.ok) return compared as Result<never, CalcomFailure>;
      drifted ||= compared.value.items.length > 0;
      return ok(null);
    },
    record: async (gone) => (await sweep.recorder.record([gone], { cause: 'SWEEP' })).changes,
  };
  const findings = await examineGhosts(deps, { ...owner, ownerId: owner.ownerId }, suspects);
  await addItems(pool, sweep.reportId, findings.items, sweep.clock.now());
  report.counts.GHOST += findings.items.length;
  report.changes += findings.changes;
  report.failures.push(...findings.failures);
  return { left: findings.left, drifted: drifted || findings.items.length > 0 };
}

/** Changes made since the look before, and long enough ago: had their webhooks come? */
async function witnessWebhooks(sweep: OwnerSweep, ownerId: UserId, told: Comparison['told'], reached: number): Promise<void> {
  const now = sweep.clock.now();
  const due = told.filter((one) => one.upstreamAt > reached && one.upstreamAt < now.getTime() - WEBHOOK_GRACE_MS);
  if (due.length === 0) return;
  const named = await sweep.pool.query<{ uid: BookingUid }>(
    `SELECT r.uid FROM jsonb_to_recordset($1::jsonb) AS r(uid text, "upstreamAt" float8)
     WHERE EXISTS (SELECT 1 FROM "CalcomWebhookEvent" e
                   WHERE e."bookingUid" = r.uid AND e."createdAt" >= to_timestamp((r."upstreamAt" - ${WEBHOOK_GRACE_MS})/1000))`,
    [JSON.stringify(due)],
  );
  await noteSweep(sweep.pool, { ownerId, at: now, found: due.length, untold: due.length - named.rows.length });
}
