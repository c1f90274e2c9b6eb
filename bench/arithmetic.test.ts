import { expect, test } from 'vitest';
import { median, quantile, spreadOf } from './bench.ts';
import { latenesses } from './benches/growth-changes.ts';
import { hardLimit } from './open-files.ts';
import { pairedRounds } from './paired-rounds.ts';
import { tableOf, withoutPaths, withSection } from './results.ts';
import { shuffled, shuffledRounds } from './shuffled-rounds.ts';

/** The same numbers each time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test('a median lies in the middle, or between the two that do', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 6])).toBe(5.5);
  expect(median([7])).toBe(7);
  expect(() => median([])).toThrow('Nothing was measured.');
});

test('a quantile is a value that was measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([0, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 50, 99, 100]);
  expect(quantile([3], 0.99)).toBe(3);
  expect(() => quantile([], 0.5)).toThrow('Nothing was measured.');
});

test('a spread has the least and the most beside the median, and does not change what it was given', () => {
  const ratios = [2, 1.2, 1.5];
  expect(spreadOf(ratios)).toEqual({ median: 1.5, least: 1.2, most: 2 });
  expect(ratios).toEqual([2, 1.2, 1.5]);
});

test('every order of three is as likely as any other', () => {
  const random = randomFrom(1);
  const seen = new Map<string, number>();
  for (let draw = 0; draw < 6_000; draw += 1) {
    const order = shuffled(['a', 'b', 'c'], random).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  for (const times of seen.values()) expect(Math.abs(times - 1_000)).toBeLessThan(150);
});

test('every contender runs once a round, in changing order, and the first round is thrown away', async () => {
  const order: string[][] = [[], [], [], [], []];
  const contender = (name: string) => async (round: number) => {
    order[round]?.push(name);
    return `${name}${round}`;
  };
  const rounds = await shuffledRounds(4, { a: contender('a'), b: contender('b'), c: contender('c') }, randomFrom(7));
  expect(rounds).toEqual([1, 2, 3, 4].map((round) => ({ a: `a${round}`, b: `b${round}`, c: `c${round}` })));
  for (const names of order) expect(names.toSorted()).toEqual(['a', 'b', 'c']);
  expect(new Set(order.map((names) => names.join(''))).size).toBeGreaterThan(1);
});

test('a pair is of the same round', async () => {
  const pairs = await pairedRounds(
    2,
    async (round) => round,
    async (round) => round * 10,
  );
  expect(pairs).toEqual([
    { base: 1, ours: 10 },
    { base: 2, ours: 20 },
  ]);
});

test('the lateness of a change is that of the last of its dashboards', () => {
  // Two changes, begun at 0 and 10; three dashboards.
  expect(latenesses([0, 10], [3, 1, 2, 14, 12, 19], 3)).toEqual([3, 9]);
  expect(latenesses([0, 10], [1, 2, 3, 12], 3)).toEqual([3, Number.NaN]);
});

test('the limit of open files is the hard one', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 20000                files\n';
  expect(hardLimit(limits)).toBe(20_000);
  expect(hardLimit(limits.replace('20000', 'unlimited'))).toBe(Number.POSITIVE_INFINITY);
});

test('a table is as wide as its cells', () => {
  const rows = [
    { what: 'A', goal: '', base: '1 µs', ours: '2 µs', ratio: { median: 2, least: 1.5, most: 2.126 } },
    { what: 'Longer', goal: '≤ 3', base: '–', ours: 'not measured: gone', ratio: null },
  ];
  const lines = tableOf(rows).split('\n');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[2]).toContain('2.00 (1.50 – 2.13)');
  expect(lines[3]).toContain('not measured: gone');
});

test('a section takes the place of its predecessor and leaves the others', () => {
  const first = withSection(withSection('# Results\n', 'a', 'old'), 'b', 'other');
  const second = withSection(first, 'a', 'new');
  expect(second).toBe('# Results\n\n<!-- a -->\n\nnew\n\n<!-- /a -->\n\n<!-- b -->\n\nother\n\n<!-- /b -->\n');
});

test('results do not tell where the project lies', () => {
  expect(withoutPaths(`not measured: Cannot find module '${import.meta.filename}'`)).toBe(
    "not measured: Cannot find module 'bench/arithmetic.test.ts'",
  );
});
