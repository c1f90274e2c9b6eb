/**
 * What admins ask of reconciliation: see reports, begin a comparison, repair what a report lists. A comparison is a row that
 * says QUEUED; it begins at once in this process, and at the latest a minute later in any.
 */
import type pg from 'pg';
import { invalidInput, notAllowed, notFound, type Failure } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayOperate } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import { isUuid, type UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import {
  createReport,
  type DriftReportRow,
  type ItemPage,
  itemPages,
  type PageAfter,
  reportById,
  reportPage,
  type ReportWish,
} from './drift-reports.ts';
import { provenEqual, type ProvenEqual } from './proven-equal.ts';
import type { Reconciler } from './reconcile.ts';
import type { DriftClass, SweepMode } from './sweep.ts';

export interface Page<Row> {
  rows: Row[];
  hasNextPage: boolean;
}

export interface ReconciliationDesk {
  /** Newest first. */
  reports(viewer: Viewer, first: number, after: PageAfter | null): Promise<Result<Page<DriftReportRow>, Failure>>;
  /** A page of each report, in the order asked. */
  items(
    viewer: Viewer,
    reportIds: readonly string[],
    only: DriftClass | null,
    first: number,
    afterId: string | null,
  ): Promise<Result<ItemPage[], Failure>>;
  /** Of every clinician whose bookings can be compared, longest ago first. */
  proven(viewer: Viewer): Promise<Result<ProvenEqual[], Failure>>;
  /** Answers when it is queued, not when it is done. */
  run(
    caller: Caller,
    wish: { span: 'RECENT' | 'NEAR' | 'FULL'; mode: SweepMode; clinicianId: UserId | null },
  ): Promise<Result<DriftReportRow, Failure>>;
  repair(caller: Caller, reportId: string): Promise<Result<DriftReportRow, Failure>>;
}

export interface ReconciliationDeskOptions {
  pool: pg.Pool;
  reconciler: Reconciler;
  clock: Clock;
  log: Log;
}

const REFUSED = notAllowed('Reconciliation is for admins.');

export function createReconciliationDesk({ pool, reconciler, clock, log }: ReconciliationDeskOptions): ReconciliationDesk {
  async function queue(
    caller: Caller,
    wish: ReportWish,
    action: 'reconciliation.run' | 'reconciliation.repair',
  ): Promise<Result<DriftReportRow, Failure>> {
    const id = await inTransaction(pool, async (tx) => {
      const made = await createReport(tx, wish, 'QUEUED', clock.now());
      await recordAudit(tx, caller, { action, subjectType: 'DriftReport', subjectId: made });
      return made;
    });
    reconciler.runQueued().catch((error: unknown) => log.error('sweep.requested-failed', { problem: String(error) }));
    const row = await reportById(pool, id);
    return row === null ? fail(notFound('The report')) : ok(row);
  }

  return {
    async reports(viewer, first, after) {
      return mayOperate(viewer) ? ok(await reportPage(pool, first, after)) : fail(REFUSED);
    },
    async items(viewer, reportIds, only, first, afterId) {
      return mayOperate(viewer) ? ok(await itemPages(pool, reportIds, only, first, afterId)) : fail(REFUSED);
    },
    async proven(viewer) {
      if (!mayOperate(viewer)) return fail(REFUSED);
      const owners = await reconciler.owners();
      return ok(
        await provenEqual(
          pool,
          owners.flatMap((owner) => owner.ownerId ?? []),
        ),
      );
    },
    async run(caller, { span, mode, clinicianId }) {
      if (!mayOperate(caller.viewer)) return fail(REFUSED);
      const owners = await reconciler.owners();
      if (clinicianId !== null && !owners.some((owner) => owner.ownerId === clinicianId))
        return fail(invalidInput({ path: 'clinicianId', message: 'This clinician has no connection to Cal.com that could be asked.' }));
      return await queue(
        caller,
        { span, mode, requestedById: caller.viewer.userId, ownerId: clinicianId, repairOfId: null, window: null },
        'reconciliation.run',
      );
    },
    async repair(caller, reportId) {
      if (!mayOperate(caller.viewer)) return fail(REFUSED);
      const report = isUuid(reportId) ? await reportById(pool, reportId) : null;
      if (report === null) return fail(notFound('The report'));
      return await queue(
        caller,
        {
          span: 'LISTED',
          mode: 'REPAIR',
          requestedById: caller.viewer.userId,
          ownerId: report.ownerId,
          repairOfId: report.id,
          window: null,
        },
        'reconciliation.repair',
      );
    },
  };
}
