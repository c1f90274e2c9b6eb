import { expect, test } from 'vitest';
import { spread } from './spread.ts';

test('each is met once, in order, and not all in one step', async () => {
  const met: number[] = [];
  const items = Array.from({ length: 100 }, (_, index) => index);
  const all = spread(items, 1, (item) => met.push(item));
  // The first step has run when `spread` has returned.
  expect(met.length).toBeLessThan(100);
  await all;
  expect(met).toEqual(items);
});

test('without a pace all are met at once', async () => {
  const met: number[] = [];
  const all = spread([1, 2, 3], 0, (item) => met.push(item));
  expect(met).toEqual([1, 2, 3]);
  await all;
  await spread([], 1, () => expect.unreachable());
});
