/**
 * The sweep: Cal.com sends each webhook once and forgets, so what it lost is found by asking. Part of the main path.
 *
 * `recent` walks what was updated since the last look, minus an overlap; a window compares every booking that starts in a
 * range field by field (seats and absences do not move `updatedAt`, MEASURED "Bookings"). One pass per credential: a key
 * sees only its owner's bookings. A report looks and changes nothing; a repair records what differs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import type { BookingUid, UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { UpstreamReader } from '../webhooks/read-upstream.ts';
import { claimQueued, createReport, type DriftReportRow, dropReport, finishReport, itemPage } from './drift-reports.ts';
import { patiently } from './patiently.ts';
import { requestedSweep } from './requested-sweep.ts';
import { type OwnerSweep, sweepListed, sweepOwner } from './sweep-owner.ts';
import { markInterrupted, openSweepLocks, type SweepLocks } from './sweep-locks.ts';
import {
  emptyReport,
  type SweepFailure,
  type SweepKind,
  type SweepMode,
  type SweepOwner,
  type SweepProgress,
  type SweepReport,
  spanOf,
} from './sweep.ts';

export interface SweepWish {
  /** REPAIR when not given. */
  mode?: SweepMode;
  /** Only these clinicians; everybody when not given. */
  ownerIds?: readonly UserId[];
  onProgress?: (progress: SweepProgress) => void;
  /** Somebody asked for it: another sweep of the same clinician is waited for. False when not given: the clinician is left out. */
  waits?: boolean;
}

export interface Reconciler {
  sweep(kind: SweepKind, wish?: SweepWish): Promise<SweepReport>;
  /** Carries out what people have asked for (`DriftReport` rows that say QUEUED), one after the other. */
  runQueued(): Promise<number>;
  /** Whose bookings can be compared. */
  owners(): Promise<SweepOwner[]>;
  /** Ends what runs, at the latest after its current page; the next run goes on. Waits for it a few seconds. */
  stop(): Promise<void>;
}

export interface ReconcilerOptions {
  pool: pg.Pool;
  client: CalcomClient;
  recorder: BookingRecorder;
  reader: UpstreamReader;
  credentials: () => Promise<SweepOwner[]>;
  clock: Clock;
  log: Log;
  /** Whether the database still belongs to the Cal.com that is asked; true when not given. */
  sameInstance?: () => Promise<boolean>;
  /** Rows a question; Cal.com gives at most 250. */
  pageSize?: number;
  /** Waits for the rate limit; tests move their clock instead. */
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const PAGE = 250;
const LISTED_AT_ONCE = 200;
const STOP_MS = 5_000;
const LOOK_AGAIN_MS = 2_000;
/** A quarter of an hour. */
const MOST_LOOKS = 450;

interface Run {
  reportId: string;
  report: SweepReport;
  locks: SweepLocks;
  owners: readonly SweepOwner[];
  insist: boolean;
  waits: boolean;
  onProgress: (progress: SweepProgress) => void;
}

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { pool, clock, log } = options;
  const stopping = new AbortController();
  const active = new Set<Promise<SweepReport>>();
  const pause = options.pause ?? ((ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal, ref: false }));

  function running(...run: Parameters<typeof carryOut>): Promise<SweepReport> {
    const work = carryOut(...run);
    active.add(work);
    void work.catch(() => null).then(() => active.delete(work));
    return work;
  }

  /** Holds the locks, and leaves the report in a final state whatever happens. */
  async function carryOut(run: Omit<Run, 'locks'>, keepEmpty: boolean, work: (run: Run) => Promise<boolean>): Promise<SweepReport> {
    await markInterrupted(pool, clock.now());
    const locks = await openSweepLocks(pool);
    const { report, reportId } = run;
    let interrupted = true;
    try {
      await locks.takeReport(reportId);
      report.complete = await work({ ...run, locks });
      interrupted = report.failures.some((failure) => failure.kind === 'Interrupted');
    } finally {
      const found = Object.values(report.counts).some((count) => count > 0);
      if (keepEmpty || found || report.failures.length > 0 || interrupted)
        await finishReport(pool, reportId, { ...report, interrupted }, clock.now()).catch((error: unknown) =>
          log.error('sweep.report-lost', { problem: String(error) }),
        );
      else {
        await dropReport(pool, reportId);
        report.id = null;
      }
      await locks.release();
    }
    log.info('sweep.done', {
      span: report.span,
      mode: report.mode,
      owners: report.owners,
      busy: report.busy,
      seen: report.seen,
      differing: report.differing,
      changes: report.changes,
      failures: report.failures.length,
    });
    return report;
  }

  /** Every owner in turn, each under its lock. */
  async function eachOwner(run: Run, work: (sweep: OwnerSweep) => Promise<boolean>): Promise<boolean> {
    let complete = true;
    for (const owner of run.owners) {
      if (!(await turnOf(run, owner))) {
        run.report.busy += 1;
        complete = false;
        continue;
      }
      try {
        run.report.owners += 1;
        complete = (await work(ownerSweep(run, owner))) && complete;
      } finally {
        await run.locks.releaseOwner(owner.ownerId);
      }
    }
    return complete;
  }

  async function turnOf(run: Run, owner: SweepOwner): Promise<boolean> {
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      if (await run.locks.takeOwner(owner.ownerId)) return true;
      if (!run.waits || stopping.signal.aborted || run.locks.lost()) return false;
      // Aborted: said by the next look.
      await pause(LOOK_AGAIN_MS, stopping.signal).catch(() => null);
    }
    return false;
  }

  function ownerSweep(run: Run, owner: SweepOwner): OwnerSweep {
    const broken = (): SweepFailure | null =>
      stopping.signal.aborted || run.locks.lost()
        ? { kind: 'Interrupted', message: 'The sweep was broken off; the next one goes on.' }
        : null;
    return {
      pool,
      client: options.client,
      recorder: options.recorder,
      reader: options.reader,
      clock,
      sameInstance: options.sameInstance ?? (async () => true),
      owner,
      mode: run.report.mode,
      reportId: run.reportId,
      report: run.report,
      pageSize: options.pageSize ?? PAGE,
      insist: run.insist,
      patiently: (call) => patiently(call, broken, (ms) => pause(ms, stopping.signal)),
      broken,
      onProgress: (seen, total) => run.onProgress({ ownerId: owner.ownerId, seen, total }),
    };
  }

  async function ownersAmong(ids: readonly UserId[] | undefined): Promise<SweepOwner[]> {
    const all = await options.credentials();
    return ids === undefined ? all : all.filter((owner) => owner.ownerId !== null && ids.includes(owner.ownerId));
  }

  async function runRequested(row: DriftReportRow): Promise<void> {
    const kind = requestedSweep(row, clock.now());
    const owners = await ownersAmong(row.ownerId === null ? undefined : [row.ownerId]);
    const run = {
      reportId: row.id,
      report: emptyReport(row.id, row.span, row.mode),
      owners,
      insist: kind === null,
      waits: true,
      onProgress: () => {},
    };
    await running(run, true, (held) =>
      kind === null ? sweepItems(held, row.repairOfId) : eachOwner(held, (sweep) => sweepOwner(sweep, kind)),
    );
  }

  /** Of a report, each by its clinician's own credential. */
  async function sweepItems(run: Run, reportId: string | null): Promise<boolean> {
    return await eachOwner(run, async (sweep) => {
      let complete = true;
      let after: string | null = null;
      for (;;) {
        const page: Awaited<ReturnType<typeof itemPage>> =
          reportId === null ? { rows: [], hasNextPage: false } : await itemPage(pool, reportId, null, LISTED_AT_ONCE, after);
        const uids: BookingUid[] = page.rows
          .filter((item) => item.ownerId === sweep.owner.ownerId && item.class !== 'UNKNOWN_HOST')
          .map((item) => item.bookingUid);
        complete = (await sweepListed(sweep, uids)) && complete;
        after = page.rows.at(-1)?.id ?? null;
        if (!page.hasNextPage) return complete;
      }
    });
  }

  return {
    async sweep(kind, wish = {}) {
      const owners = await ownersAmong(wish.ownerIds);
      const mode = wish.mode ?? 'REPAIR';
      const span = spanOf(kind);
      const only = wish.ownerIds?.length === 1 ? (wish.ownerIds[0] ?? null) : null;
      const window = kind.kind === 'recent' ? null : { from: kind.from, to: kind.to };
      const reportId = await createReport(
        pool,
        { span, mode, requestedById: null, ownerId: only, repairOfId: null, window },
        'RUNNING',
        clock.now(),
      );
      const report = emptyReport(reportId, span, mode);
      const onProgress = wish.onProgress ?? (() => {});
      const keepEmpty = kind.kind !== 'recent';
      return await running({ reportId, report, owners, insist: false, waits: wish.waits === true, onProgress }, keepEmpty, (run) =>
        eachOwner(run, (sweep) => sweepOwner(sweep, kind)),
      );
    },
    async runQueued() {
      let done = 0;
      for (
        let row = await claimQueued(pool, clock.now());
        row !== null;
        row = stopping.signal.aborted ? null : await claimQueued(pool, clock.now())
      ) {
        await runRequested(row);
        done += 1;
      }
      return done;
    },
    owners: () => options.credentials(),
    async stop() {
      stopping.abort();
      await Promise.race([Promise.allSettled(active), sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}
