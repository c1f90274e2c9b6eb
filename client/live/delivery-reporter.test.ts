import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeliverySampleInput } from '../generated/graphql.ts';
import type { LiveUpdate } from './appointment-change.ts';
import { createDeliveryReporter } from './delivery-reporter.ts';

beforeEach(() => vi.useFakeTimers({ now: Date.parse('2026-01-05T09:00:00Z') }));
afterEach(() => vi.useRealTimers());

const publishedAt = '2026-01-05T10:00:00.000Z';

function arrived(cursor: string, arrivedAt = Date.now()) {
  const update = { cursor, trace: { receivedAt: null, publishedAt } } as unknown as LiveUpdate;
  return { update, arrivedAt };
}

/** A device whose clock is an hour behind the gateway's, and a screen that paints 12 ms later. */
function stage(options: { answer?: number | null; visible?: boolean; known?: boolean } = {}) {
  const reports: DeliverySampleInput[][] = [];
  const reporter = createDeliveryReporter({
    clock: { read: () => (options.known === false ? null : { offsetMs: 3_600_000, errorMs: 4 }), measure: () => Promise.resolve() },
    signs: { visible: () => options.visible ?? true, afterPaint: (callback) => void setTimeout(callback, 12) },
    send: (samples) => {
      reports.push(samples);
      return options.answer === null ? Promise.reject(new Error('away')) : Promise.resolve(options.answer ?? 10_000);
    },
  });
  return { reporter, reports };
}

test('arrival and paint are told in the gateway’s time', async () => {
  const { reporter, reports } = stage();
  reporter.applied([arrived('c-1')]);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(reports).toEqual([
    [
      {
        cursor: 'c-1',
        publishedAt,
        deliveredAt: '2026-01-05T10:00:00.000Z',
        paintedAt: '2026-01-05T10:00:00.012Z',
        clockErrorMs: 4,
      },
    ],
  ]);
});

test('a storm of changes is one report of some of them, and the next comes ten seconds later', async () => {
  const { reporter, reports } = stage();
  for (let count = 0; count < 500; count += 1) reporter.applied([arrived(`c-${count}`)]);
  await vi.advanceTimersByTimeAsync(10_100);
  expect(reports.map(({ length }) => length)).toEqual([20]);
  reporter.applied([arrived('later')]);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(reports).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(reports).toHaveLength(2);
});

test('a gateway that has enough is left alone for as long as it says', async () => {
  const { reporter, reports } = stage({ answer: 60_000 });
  reporter.applied([arrived('c-1')]);
  await vi.advanceTimersByTimeAsync(11_000);
  reporter.applied([arrived('c-2')]);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(reports).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(reports).toHaveLength(2);
});

test('a report that gets lost is not sent again', async () => {
  const { reporter, reports } = stage({ answer: null });
  reporter.applied([arrived('c-1')]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reports).toHaveLength(1);
});

test('nothing is told of a hidden page, nor without knowing the gateway’s clock, nor after the person left', async () => {
  const hidden = stage({ visible: false });
  const clockless = stage({ known: false });
  const left = stage();
  for (const { reporter } of [hidden, clockless, left]) reporter.applied([arrived('c-1')]);
  left.reporter.dispose();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([...hidden.reports, ...clockless.reports, ...left.reports]).toEqual([]);
});
