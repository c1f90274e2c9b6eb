import { expect, test } from 'vitest';
import { readArguments, usage } from './arguments.ts';
import type { Bench } from './bench.ts';

const bench = (name: string, sizes: Bench['sizes'] = {}): Bench => ({ name, title: name, method: '', sizes, run: async () => [] });
const known = [
  bench('slots'),
  bench('fanout', { subscribers: { most: 100, meaning: 'dashboards' } }),
  bench('idle', { others: { most: 50, meaning: 'others' } }),
];

function namesOf(argv: string[]): string[] {
  const request = readArguments(argv, known);
  if ('problem' in request) throw new Error(request.problem);
  return request.benches.map((one) => one.name);
}

test('without a name all benchmarks run, with names only these', () => {
  expect(namesOf([])).toEqual(['slots', 'fanout', 'idle']);
  expect(namesOf(['idle', 'slots'])).toEqual(['slots', 'idle']);
});

test('rounds and sizes are read', () => {
  expect(readArguments(['fanout', '--rounds', '2', '--subscribers=40'], known)).toMatchObject({ rounds: 2, sizes: { subscribers: 40 } });
  expect(readArguments([], known)).toMatchObject({ rounds: 5, sizes: {} });
});

test.each([
  [['nonsense'], 'There is no benchmark "nonsense".'],
  [['--rounds', '0'], '--rounds takes a whole number from 1 to 100, not "0".'],
  [['--rounds', '1.5'], '--rounds takes a whole number from 1 to 100, not "1.5".'],
  [['fanout', '--subscribers', '101'], '--subscribers takes a whole number from 1 to 100, not "101".'],
  [['fanout', '--subscribers', 'many'], '--subscribers takes a whole number from 1 to 100, not "many".'],
  [['--subscribers', '10'], '--subscribers is an option of fanout: name the one you mean.'],
  [['slots', '--others', '10'], '--others is an option of idle: name the one you mean.'],
])('%j is refused with a sentence', (argv, problem) => {
  expect(readArguments(argv, known)).toEqual({ problem });
});

test.each([[['--seconds', '3']], [['fanout', '--subscribers']]])('%j is refused as parseArgs says it', (argv) => {
  expect(readArguments(argv, known)).toEqual({ problem: expect.stringContaining(argv.at(-1) === '3' ? '--seconds' : '--subscribers') });
});

test('the usage names every benchmark with its options', () => {
  expect(usage(known)).toMatch(/fanout .*\[--subscribers N: dashboards\]/);
  for (const { name } of known) expect(usage(known)).toContain(`  ${name}`);
});
