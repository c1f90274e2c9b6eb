/** One change's way as consecutive parts on one line. */
import type { DeliveryStage } from '../generated/graphql.ts';
import type { Waterfall } from './operations-queries.ts';

export interface WaterfallStep {
  stage: Exclude<DeliveryStage, 'TOTAL'>;
  /** From the beginning of the way, ms. */
  startMs: number;
  lengthMs: number;
}

/** Without RECORD and APPLY where no webhook caused the change. Clocks of several machines: nothing is shorter than 0. */
export function waterfallSteps(waterfall: Waterfall): { steps: WaterfallStep[]; totalMs: number } {
  const instants: [stage: WaterfallStep['stage'] | null, at: string | null | undefined][] = [
    [null, waterfall.receivedAt],
    ['RECORD', waterfall.recordedAt],
    ['APPLY', waterfall.appliedAt],
    ['PUBLISH', waterfall.publishedAt],
    ['DELIVER', waterfall.deliveredAt],
    ['PAINT', waterfall.paintedAt],
  ];
  const begin = Date.parse(waterfall.receivedAt ?? waterfall.appliedAt);
  let reached = begin;
  const steps = instants.flatMap(([stage, at]): WaterfallStep[] => {
    if (stage === null || at == null || Date.parse(at) < begin || (waterfall.receivedAt == null && stage === 'APPLY')) return [];
    const startMs = reached - begin;
    reached = Math.max(reached, Date.parse(at));
    return [{ stage, startMs, lengthMs: reached - begin - startMs }];
  });
  return { steps, totalMs: reached - begin };
}
