import { getOperationAST, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Role, Viewer } from '../auth/viewer.ts';
import { userId } from '../kernel/ids.ts';
import { createUpdateOperations, groupKey } from './update-operation.ts';

const QUERY = 'subscription W($since: Cursor, $filter: F) { appointmentUpdated(since: $since, filter: $filter) { kind } }';
const BELOW = 'subscription ($since: Cursor, $of: X) { appointmentUpdated(since: $since) { kind echo(of: $of) } }';
const viewer = (role: Role, id = 'one'): Viewer => ({ userId: userId(id), role, expiresAt: 0 });

interface Asked {
  query?: string;
  variables?: Record<string, unknown>;
  viewer?: Viewer;
  name?: string;
}

const operations = createUpdateOperations();

function reduced({ query = QUERY, name }: Asked) {
  const document = parse(query);
  const operation = getOperationAST(document, name);
  if (operation == null) throw new Error('no operation');
  return operations.of(document, operation);
}

const key = (asked: Asked = {}) => groupKey(reduced(asked), asked.variables ?? {}, asked.viewer ?? viewer('FRONT_DESK'));

describe('who shares an execution', () => {
  test('two people at the front desk with the same question do, wherever their streams begin', () => {
    const variables = (since: string) => ({ filter: { statuses: ['CONFIRMED'] }, since });
    expect(key({ variables: variables('a'), viewer: viewer('FRONT_DESK', 'mia') })).toBe(
      key({ variables: variables('b'), viewer: viewer('FRONT_DESK', 'noah') }),
    );
  });

  test('those who look at different days do: what is shown of a change depends on no argument of the stream', () => {
    expect(key({ variables: { filter: { patientId: 'a' } } })).toBe(key({ variables: { filter: { patientId: 'b' } } }));
    expect(key({ variables: { filter: null } })).toBe(key({ variables: {} }));
    const literal = 'subscription ($day: DateTime) { appointmentUpdated(filter: { startsAfter: $day }) { kind } }';
    expect(key({ query: literal, variables: { day: 'a' } })).toBe(key({ query: literal, variables: { day: 'b' } }));
  });

  test('variables that nothing declares do not matter, nor how the document is laid out', () => {
    expect(key({ variables: { other: 1 } })).toBe(key({ variables: { other: 2 }, query: QUERY.replaceAll(' ', '  ') }));
  });

  test('the order of variables and of their fields does not matter', () => {
    expect(key({ query: BELOW, variables: { of: { a: 1, b: [1, 2] }, since: 'x' } })).toBe(
      key({ query: BELOW, variables: { since: 'y', of: { b: [1, 2], a: 1 } } }),
    );
  });

  test.each<[string, Asked, Asked]>([
    ['two patients', { viewer: viewer('PATIENT', 'mia') }, { viewer: viewer('PATIENT', 'noah') }],
    ['two clinicians', { viewer: viewer('CLINICIAN', 'anna') }, { viewer: viewer('CLINICIAN', 'samir') }],
    ['a patient and a clinician of the same id', { viewer: viewer('PATIENT') }, { viewer: viewer('CLINICIAN') }],
    ['the front desk and the wall', { viewer: viewer('FRONT_DESK') }, { viewer: viewer('DISPLAY') }],
    ['an admin and an admin whose token was lowered', { viewer: viewer('ADMIN') }, { viewer: viewer('FRONT_DESK') }],
    ['other variables', { query: BELOW, variables: { of: { id: 'a' } } }, { query: BELOW, variables: { of: { id: 'b' } } }],
    ['a variable that is null and one that is not given', { query: BELOW, variables: { of: null } }, { query: BELOW, variables: {} }],
    [
      'lists in another order',
      { query: BELOW, variables: { of: { s: ['A', 'B'] } } },
      { query: BELOW, variables: { of: { s: ['B', 'A'] } } },
    ],
    ['a number and its text', { query: BELOW, variables: { of: 1 } }, { query: BELOW, variables: { of: '1' } }],
    [
      'a filter that is also used below',
      { query: 'subscription ($f: F) { appointmentUpdated(filter: $f) { kind echo(of: $f) } }', variables: { f: 'a' } },
      { query: 'subscription ($f: F) { appointmentUpdated(filter: $f) { kind echo(of: $f) } }', variables: { f: 'b' } },
    ],
    [
      'a part of a filter that is also used in a fragment',
      {
        query: 'subscription ($p: ID) { appointmentUpdated(filter: { patientId: $p }) { ...f } } fragment f on U { echo(of: [{ x: $p }]) }',
        variables: { p: 'a' },
      },
      {
        query: 'subscription ($p: ID) { appointmentUpdated(filter: { patientId: $p }) { ...f } } fragment f on U { echo(of: [{ x: $p }]) }',
        variables: { p: 'b' },
      },
    ],
    [
      'a condition on the root field',
      { query: 'subscription ($on: Boolean!) { appointmentUpdated @include(if: $on) { kind } }', variables: { on: true } },
      { query: 'subscription ($on: Boolean!) { appointmentUpdated @include(if: $on) { kind } }', variables: { on: false } },
    ],
    [
      'a filter of a root field that stands in a fragment',
      {
        query: 'subscription ($f: F) { ...root } fragment root on Subscription { appointmentUpdated(filter: $f) { kind } }',
        variables: { f: 1 },
      },
      {
        query: 'subscription ($f: F) { ...root } fragment root on Subscription { appointmentUpdated(filter: $f) { kind } }',
        variables: { f: 2 },
      },
    ],
    [
      'an operation whose fragment another operation gives other arguments',
      {
        query:
          'subscription A($f: F) { appointmentUpdated(filter: $f) { kind } } subscription B($f: F) { appointmentUpdated { echo(of: $f) } }',
        name: 'B',
        variables: { f: 1 },
      },
      {
        query:
          'subscription A($f: F) { appointmentUpdated(filter: $f) { kind } } subscription B($f: F) { appointmentUpdated { echo(of: $f) } }',
        name: 'B',
        variables: { f: 2 },
      },
    ],
    [
      'an alias more',
      { query: 'subscription { appointmentUpdated { kind } }' },
      { query: 'subscription { appointmentUpdated { kind: cursor } }' },
    ],
    [
      'another fragment of the same name',
      { query: 'subscription { appointmentUpdated { ...f } } fragment f on U { kind }' },
      { query: 'subscription { appointmentUpdated { ...f } } fragment f on U { cursor }' },
    ],
    [
      'another operation of the same document',
      { query: 'subscription A { appointmentUpdated { kind } } subscription B { appointmentUpdated { cursor } }', name: 'A' },
      { query: 'subscription A { appointmentUpdated { kind } } subscription B { appointmentUpdated { cursor } }', name: 'B' },
    ],
    [
      'a beginning that is also used elsewhere',
      { query: 'subscription ($s: Cursor) { appointmentUpdated(since: $s) { kind echo(of: $s) } }', variables: { s: 'a' } },
      { query: 'subscription ($s: Cursor) { appointmentUpdated(since: $s) { kind echo(of: $s) } }', variables: { s: 'b' } },
    ],
    [
      'a variable called since that is not the beginning',
      { query: 'subscription ($since: ID) { appointmentUpdated { kind echo(of: $since) } }', variables: { since: 'a' } },
      { query: 'subscription ($since: ID) { appointmentUpdated { kind echo(of: $since) } }', variables: { since: 'b' } },
    ],
  ])('%s do not', (_what, one, other) => {
    expect(key(one)).not.toBe(key(other));
  });
});

describe('what is executed', () => {
  test('has lost the arguments of the root, the variables that only they used, and what belongs to other operations', () => {
    const query = `
      subscription W($since: Cursor, $p: ID, $n: Int = 3) { all: appointmentUpdated(since: $since, filter: { patientId: $p }) { ...a } }
      query Q { x }
      fragment a on U { history(first: $n) { ...b } }
      fragment b on H { kind }
      fragment c on H { other }`;
    const { text, variables } = reduced({ query, name: 'W' });
    expect(text).toBe(
      print(
        parse(`
      subscription W($n: Int = 3) { all: appointmentUpdated { ...a } }
      fragment a on U { history(first: $n) { ...b } }
      fragment b on H { kind }`),
      ),
    );
    expect([...variables]).toEqual(['n']);
  });

  test('is one object for one text, however often it is parsed', () => {
    expect(reduced({})).toBe(reduced({ query: `# a comment\n${QUERY}` }));
  });
});
