import { expect, test } from 'vitest';
import type { Waterfall } from './operations-queries.ts';
import { waterfallSteps } from './waterfall-steps.ts';

const at = (ms: number): string => new Date(Date.parse('2026-01-05T09:00:00Z') + ms).toISOString();

const webhook: Waterfall = {
  __typename: 'DeliveryWaterfall',
  id: 'w',
  kind: 'RESCHEDULED',
  cause: 'WEBHOOK',
  receivedAt: at(0),
  recordedAt: at(12),
  appliedAt: at(40),
  publishedAt: at(48),
  deliveredAt: at(60),
  paintedAt: at(95),
  clockErrorMs: 2,
};

test('each part begins where the one before ended', () => {
  expect(waterfallSteps(webhook)).toEqual({
    totalMs: 95,
    steps: [
      { stage: 'RECORD', startMs: 0, lengthMs: 12 },
      { stage: 'APPLY', startMs: 12, lengthMs: 28 },
      { stage: 'PUBLISH', startMs: 40, lengthMs: 8 },
      { stage: 'DELIVER', startMs: 48, lengthMs: 12 },
      { stage: 'PAINT', startMs: 60, lengthMs: 35 },
    ],
  });
});

test('a change that was made here begins when it was applied', () => {
  const { steps, totalMs } = waterfallSteps({ ...webhook, cause: 'MUTATION', receivedAt: null, recordedAt: null });
  expect(steps.map(({ stage }) => stage)).toEqual(['PUBLISH', 'DELIVER', 'PAINT']);
  expect(totalMs).toBe(55);
});

test('two clocks that disagree by a moment make a part of no length, not one of negative length', () => {
  const { steps } = waterfallSteps({ ...webhook, publishedAt: at(38) });
  expect(steps[2]).toEqual({ stage: 'PUBLISH', startMs: 40, lengthMs: 0 });
});
