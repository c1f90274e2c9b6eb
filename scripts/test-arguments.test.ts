import { expect, test } from 'vitest';
import { readArguments } from './test-arguments.ts';

test('without arguments everything runs', () => {
  expect(readArguments([])).toEqual({
    checks: true,
    suites: ['unit', 'corridors', 'conformance', 'property', 'faults', 'browser'],
    full: false,
    vitest: [],
  });
});

test.each([[['--testPathPattern=calcom']], [['--testPathPatterns', 'calcom']], [['calcom']]])(
  '%j runs the tests whose path has "calcom"',
  (argv) => {
    expect(readArguments(argv)).toMatchObject({ checks: false, vitest: ['calcom'] });
  },
);

test('a suite runs alone, under its name here or in the guide', () => {
  expect(readArguments(['--suite', 'integration'])).toMatchObject({ checks: false, suites: ['corridors'] });
  expect(readArguments(['--suite=e2e'])).toMatchObject({ suites: ['browser'] });
  expect(readArguments(['--suite', 'faults'])).toMatchObject({ checks: false, suites: ['faults'] });
  expect(readArguments(['--suite', 'property', '--full'])).toMatchObject({ suites: ['property'], full: true });
  expect(readArguments(['--suite', 'toString'])).toEqual({ problem: expect.stringContaining('There is no suite "toString"') });
});
