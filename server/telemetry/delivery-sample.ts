/**
 * What a screen reports of a change it was given, held against what the gateway knows of that change. A screen's clock is
 * its own: it reports instants of the gateway's clock as it estimates it, and says how wrong that may be. Small
 * contradictions are smoothed, nonsense is refused.
 */

/** As the gateway knows the change; Unix ms. */
export interface KnownChange {
  receivedAt: number | null;
  recordedAt: number | null;
  appliedAt: number;
}

/** Unix ms of the gateway's clock, as the screen estimates it. */
export interface ReportedDelivery {
  /** Repeated from the update: another instance than the one that is told may have published it. */
  publishedAt: number;
  deliveredAt: number;
  paintedAt: number;
  clockErrorMs: number;
}

export type Refused = 'TOO_OLD' | 'CLOCK_UNKNOWN' | 'IMPLAUSIBLE';

/** Older changes are replayed after an absence and say nothing of how fast live ones are. */
export const RECENT_MS = 10 * 60_000;
/** A screen that knows the gateway's clock no better than this measures nothing. */
const MOST_CLOCK_ERROR_MS = 2_000;
/** A live delivery that takes longer was a sleeping tab, not a slow wire. */
const LONGEST_MS = 60_000;
/** Between the clocks of the instances and of PostgreSQL. */
const INSTANCE_SKEW_MS = 1_000;

/** The instants to keep, in order; or why not. */
export function plausible(change: KnownChange, report: ReportedDelivery, now: number): Omit<ReportedDelivery, 'clockErrorMs'> | Refused {
  const { publishedAt, deliveredAt, paintedAt, clockErrorMs } = report;
  if (now - change.appliedAt > RECENT_MS) return 'TOO_OLD';
  if (!(clockErrorMs >= 0 && clockErrorMs <= MOST_CLOCK_ERROR_MS)) return 'CLOCK_UNKNOWN';
  const slack = clockErrorMs + INSTANCE_SKEW_MS;
  const inOrder =
    publishedAt >= change.appliedAt - INSTANCE_SKEW_MS &&
    deliveredAt >= publishedAt - slack &&
    paintedAt >= deliveredAt &&
    paintedAt <= now + slack &&
    paintedAt - change.appliedAt <= LONGEST_MS;
  if (!inOrder) return 'IMPLAUSIBLE';
  const published = Math.max(publishedAt, change.appliedAt);
  const delivered = Math.max(deliveredAt, published);
  return { publishedAt: published, deliveredAt: delivered, paintedAt: Math.max(paintedAt, delivered) };
}
