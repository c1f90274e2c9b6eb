/** `cli reconcile`: what the periodic sweeps do, now; or only a look at what they would find. */
import type { Core } from '../core.ts';
import { isUuid, type UserId, userId } from '../kernel/ids.ts';
import { provenEqual } from '../reconciliation/proven-equal.ts';
import {
  DAY_MS,
  DRIFT_CLASSES,
  fullWindow,
  nearWindow,
  type SweepKind,
  type SweepProgress,
  type SweepReport,
} from '../reconciliation/sweep.ts';
import { CommandFailure } from './command-failure.ts';

export interface ReconcileRequest {
  /** Looks and changes nothing. */
  dryRun?: boolean;
  window?: 'near' | 'full';
  /** Id, e-mail address or Cal.com username. */
  clinician?: string;
  /** A range of one's own instead of a window. */
  daysBack?: number;
  daysAhead?: number;
}

/** The window field by field, then (in a repair) whatever else changed since the last look. */
export async function reconcileNow(
  core: Core,
  request: ReconcileRequest,
  onProgress: (progress: SweepProgress) => void = () => {},
): Promise<SweepReport[]> {
  const now = core.services.clock.now();
  const ownerIds = request.clinician === undefined ? undefined : [await clinicianNamed(core, request.clinician)];
  const wish = { onProgress, waits: true, ...(ownerIds === undefined ? {} : { ownerIds }) };
  if (request.dryRun === true) return [await core.reconciler.sweep(windowOf(request, now), { ...wish, mode: 'REPORT' })];
  await core.mirror();
  return [await core.reconciler.sweep(windowOf(request, now), wish), await core.reconciler.sweep({ kind: 'recent' }, wish)];
}

function windowOf(request: ReconcileRequest, now: Date): SweepKind {
  const { daysBack, daysAhead } = request;
  if (daysBack === undefined && daysAhead === undefined) return request.window === 'full' ? fullWindow(now) : nearWindow(now);
  const from = new Date(now.getTime() - (daysBack ?? 1) * DAY_MS);
  return { kind: 'window', span: 'custom', from, to: new Date(now.getTime() + (daysAhead ?? 15) * DAY_MS) };
}

async function clinicianNamed({ services }: Core, name: string): Promise<UserId> {
  const result = await services.pool.query<{ id: string }>(
    `SELECT "id" FROM "User" WHERE "role" = 'CLINICIAN' AND ("id" = $2::uuid OR "email" = lower($1) OR "calcomUsername" = $1)`,
    [name, isUuid(name) ? name : null],
  );
  const [found, ...others] = result.rows;
  if (found === undefined || others.length > 0) throw new CommandFailure('There is no clinician of that id, address or Cal.com username.');
  return userId(found.id);
}

const COLUMNS = ['', 'complete', 'seen', ...DRIFT_CLASSES.map((name) => name.toLowerCase().replace('_', ' ')), 'recorded'];

/** One row a sweep, and below it what went wrong. */
export function reportTable(reports: readonly SweepReport[]): string[] {
  const rows = reports.map((report) => [
    `${report.span.toLowerCase()}${report.mode === 'REPORT' ? ' (dry run)' : ''}`,
    report.complete ? 'yes' : 'no',
    `${report.seen}`,
    ...DRIFT_CLASSES.map((name) => `${report.counts[name]}`),
    `${report.changes}`,
  ]);
  const widths = COLUMNS.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ');
  return [line(COLUMNS), ...rows.map(line), ...reports.flatMap(remarks)];
}

function remarks(report: SweepReport): string[] {
  const span = report.span.toLowerCase();
  return [
    report.busy > 0 ? `${span}: left out ${report.busy} clinicians whose sweep is running elsewhere.` : '',
    report.unreadable > 0 ? `${span}: ${report.unreadable} bookings could not be read.` : '',
    report.mode === 'REPAIR' && report.counts.GHOST > 0
      ? `${span}: a booking that is gone upstream is marked when it is missing again minutes later.`
      : '',
    ...new Set(report.failures.map((failure) => `${span}: FAILED: ${failure.kind}: ${failure.message}`)),
  ].filter((text) => text !== '');
}

/** Since when each clinician's appointments are proven to equal Cal.com's. */
export async function provenLines(core: Core): Promise<string[]> {
  const owners = await core.reconciler.owners();
  const now = core.services.clock.now().getTime();
  const proven = await provenEqual(
    core.services.pool,
    owners.flatMap((owner) => owner.ownerId ?? []),
  );
  return proven.map(({ ownerId, provenAt }) =>
    provenAt === null
      ? `${ownerId}  never proven equal`
      : `${ownerId}  proven equal ${Math.max(0, Math.round((now - provenAt.getTime()) / 1000))} s ago`,
  );
}
