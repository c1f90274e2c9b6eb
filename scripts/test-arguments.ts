/** What `npm test` was asked for. */

export const suites = {
  unit: ['server/', 'sandbox/', 'scripts/', 'client/', 'bench/'],
  corridors: ['tests/corridors/', 'tests/offer/', 'tests/reconciliation/'],
  conformance: ['tests/contract/', 'tests/conformance/'],
  property: ['tests/property/'],
  faults: ['tests/faults/'],
  browser: ['tests/e2e/'],
} as const;
export type SuiteName = keyof typeof suites;

/** The names that the scripts of package.json and the project's guide use. */
const aliases = new Map<string, SuiteName>([
  ['integration', 'corridors'],
  ['e2e', 'browser'],
]);

export interface TestRequest {
  /** Checks of the sources as a whole: types, lint, format, directions, generated files. */
  checks: boolean;
  suites: SuiteName[];
  /** Same suites, more seeds and sizes. */
  full: boolean;
  /** Handed to vitest as they are; with any of them everything that matches runs as one. */
  vitest: string[];
}

/** Null and a sentence when a suite is unknown. */
export function readArguments(argv: readonly string[]): TestRequest | { problem: string } {
  const request: TestRequest = { checks: true, suites: Object.keys(suites) as SuiteName[], full: false, vitest: [] };
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    // Jest's --testPathPattern(s): vitest takes the same as a plain argument.
    const option = /^--(suite|testPathPatterns?)(?:=(.*))?$/.exec(argument);
    if (argument === '--full') request.full = true;
    else if (option === null) request.vitest.push(argument);
    else {
      const value = option[2] ?? argv[(index += 1)] ?? '';
      if (option[1] !== 'suite') request.vitest.push(value);
      else {
        const named = aliases.get(value) ?? (isSuite(value) ? value : null);
        if (named === null)
          return { problem: `There is no suite "${value}". Known: ${[...Object.keys(suites), ...aliases.keys()].join(', ')}.` };
        request.checks = false;
        request.suites = [named];
      }
    }
  }
  if (request.vitest.length > 0) request.checks = false;
  return request;
}

function isSuite(name: string): name is SuiteName {
  return Object.hasOwn(suites, name);
}
