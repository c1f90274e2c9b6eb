/** `cli reconcile`: what the periodic sweeps do, now. */
import type { Core } from '../core.ts';
import type { SweepReport } from '../webhooks/reconcile.ts';

const DAY_MS = 86_400_000;

export interface ReconcileRequest {
  daysBack: number;
  daysAhead: number;
}

/** Event types, then every booking of the window field by field, then whatever else changed since the last look. */
export async function reconcileNow(core: Core, request: ReconcileRequest): Promise<SweepReport[]> {
  const now = core.services.clock.now().getTime();
  await core.mirror();
  const window = {
    kind: 'window' as const,
    from: new Date(now - request.daysBack * DAY_MS),
    to: new Date(now + request.daysAhead * DAY_MS),
  };
  return [await core.reconciler.sweep(window), await core.reconciler.sweep({ kind: 'recent' })];
}

export function reportLine(report: SweepReport): string {
  const { owners, seen, differing, changes, foreign, unreadable, failures } = report;
  const rest = [
    foreign > 0 ? `${foreign} of hosts that are not ours` : '',
    unreadable > 0 ? `${unreadable} unreadable` : '',
    failures.length > 0 ? `FAILED for ${failures.length}: ${failures.map((failure) => failure.kind).join(', ')}` : '',
  ].filter((part) => part !== '');
  return [`${owners} clinicians, ${seen} bookings seen, ${differing} differing, ${changes} changes recorded`, ...rest].join('; ');
}
