/**
 * The webhook-to-screen trace: screens report samples of what they were given, admins see how long it takes and where.
 * What is kept of a report are instants and the number of the change; not who reported it.
 */
import type pg from 'pg';
import { type Failure, invalidInput, notAllowed } from '../appointments/failure.ts';
import { appointmentScope, mayOperate } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Clock } from '../kernel/clock.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { LogPosition } from '../live/change-log.ts';
import type { LiveHealth } from '../live/live.ts';
import { isVisible } from '../live/matching.ts';
import { plausible, type ReportedDelivery } from './delivery-sample.ts';
import {
  addSamples,
  changesAt,
  type LatencyHour,
  lastWebhookAt,
  latencyByHour,
  type NewSample,
  type Waterfall,
  type WaterfallOrder,
  waterfalls,
} from './delivery-sample-store.ts';
import { createSampleBudget } from './sample-budget.ts';

export interface DeliveryReport extends ReportedDelivery {
  /** Of the update. */
  cursor: string;
}

export interface ReportReceipt {
  kept: number;
  /** Wait this long before the next report, ms. */
  nextReportInMs: number;
}

export interface LiveStatus {
  streams: number;
  redis: LiveHealth['redis'];
  lagMs: number;
  lastWebhookAt: Date | null;
  asOf: Date;
}

export interface DeliveryDesk {
  /** Samples that are unknown, old, foreign or implausible are left out; the others are kept. */
  report(viewer: Viewer, reports: readonly DeliveryReport[]): Promise<Result<ReportReceipt, Failure>>;
  latency(viewer: Viewer, from: Date, to: Date): Promise<Result<LatencyHour[], Failure>>;
  waterfalls(viewer: Viewer, from: Date, to: Date, order: WaterfallOrder, first: number): Promise<Result<Waterfall[], Failure>>;
  /** Of the instance that is asked. */
  status(viewer: Viewer): Promise<Result<LiveStatus, Failure>>;
}

export interface DeliveryDeskOptions {
  pool: Pick<pg.Pool, 'query'>;
  clock: Clock;
  /** Null for a cursor that names no place in the log of now. */
  positionOf: (cursor: string) => LogPosition | null;
  lag: () => LiveHealth | null;
  /** A sample was kept. */
  kept?: (sample: NewSample) => void;
}

export const MOST_SAMPLES = 50;
export const MOST_HOURS = 8 * 24;
const KEPT_MS = 8 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;
/** The pace of a screen whose samples are welcome, and of one whose samples are too many. */
const NEXT_MS = 10_000;
const NEXT_WHEN_FULL_MS = 60_000;

const REFUSED = notAllowed('How long deliveries take is for admins.');

export function createDeliveryDesk({ pool, clock, positionOf, lag, kept = () => {} }: DeliveryDeskOptions): DeliveryDesk {
  const budget = createSampleBudget(clock);

  async function samplesOf(viewer: Viewer, reports: readonly DeliveryReport[]): Promise<NewSample[]> {
    const located = reports.flatMap((report) => {
      const position = positionOf(report.cursor);
      return position === null ? [] : [{ report, position }];
    });
    if (located.length === 0) return [];
    const changes = new Map(
      (
        await changesAt(
          pool,
          located.map(({ position }) => position),
        )
      ).map((change) => [change.id, change]),
    );
    const scope = appointmentScope(viewer);
    const now = clock.now().getTime();
    return located.flatMap(({ report, position }) => {
      const change = changes.get(position.id);
      if (change === undefined || change.xid !== position.xid) return [];
      if (!isVisible(scope, change.after) && (change.before === null || !isVisible(scope, change.before))) return [];
      const instants = plausible(
        {
          receivedAt: change.receivedAt?.getTime() ?? null,
          recordedAt: change.recordedAt?.getTime() ?? null,
          appliedAt: change.appliedAt.getTime(),
        },
        report,
        now,
      );
      if (typeof instants === 'string') return [];
      return [
        {
          changeId: change.id,
          receivedAt: change.receivedAt,
          recordedAt: change.recordedAt,
          appliedAt: change.appliedAt,
          publishedAt: new Date(instants.publishedAt),
          deliveredAt: new Date(instants.deliveredAt),
          paintedAt: new Date(instants.paintedAt),
          clockErrorMs: Math.round(report.clockErrorMs),
        },
      ];
    });
  }

  function spanProblem(from: Date, to: Date): Failure | null {
    if (to.getTime() <= from.getTime()) return invalidInput({ path: 'to', message: '`to` must be after `from`.' });
    if (to.getTime() - from.getTime() > MOST_HOURS * HOUR_MS)
      return invalidInput({ path: 'to', message: `At most ${MOST_HOURS} hours can be asked for.` });
    return null;
  }

  return {
    async report(viewer, reports) {
      if ('none' in appointmentScope(viewer)) return fail(notAllowed('Your role may not watch appointments.'));
      if (reports.length === 0 || reports.length > MOST_SAMPLES)
        return fail(invalidInput({ path: 'samples', message: `A report has 1 to ${MOST_SAMPLES} samples.` }));
      const allowed = budget.take(viewer.userId, reports.length);
      const samples = await samplesOf(viewer, reports.slice(0, allowed));
      if (samples.length > 0) await addSamples(pool, samples, new Date(clock.now().getTime() + KEPT_MS));
      for (const sample of samples) kept(sample);
      return ok({ kept: samples.length, nextReportInMs: allowed < reports.length ? NEXT_WHEN_FULL_MS : NEXT_MS });
    },
    async latency(viewer, from, to) {
      if (!mayOperate(viewer)) return fail(REFUSED);
      const problem = spanProblem(from, to);
      return problem === null ? ok(await latencyByHour(pool, from, to)) : fail(problem);
    },
    async waterfalls(viewer, from, to, order, first) {
      if (!mayOperate(viewer)) return fail(REFUSED);
      const problem = spanProblem(from, to);
      return problem === null ? ok(await waterfalls(pool, from, to, order, first)) : fail(problem);
    },
    async status(viewer) {
      if (!mayOperate(viewer)) return fail(REFUSED);
      const live = lag();
      const now = clock.now();
      const held = live?.heldBackSince ?? null;
      return ok({
        streams: live?.streams ?? 0,
        redis: live?.redis ?? 'none',
        lagMs: Math.max(live?.unreadMs ?? 0, held === null ? 0 : now.getTime() - held.getTime()),
        lastWebhookAt: await lastWebhookAt(pool),
        asOf: now,
      });
    },
  };
}
