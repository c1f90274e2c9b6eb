import { buildSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Role, Viewer } from '../auth/viewer.ts';
import { userId } from '../kernel/ids.ts';
import type { LiveUpdate } from '../services.ts';
import { createSharedExecution, groupKey, type SharedOperation } from './shared-execution.ts';

const QUERY = 'subscription W($since: Cursor, $filter: F) { appointmentUpdated(since: $since, filter: $filter) { kind } }';
const viewer = (role: Role, id = 'one'): Viewer => ({ userId: userId(id), role, expiresAt: 0 });

function operation(
  over: { query?: string; variables?: Record<string, unknown>; viewer?: Viewer; name?: string } = {},
): Omit<SharedOperation, 'schema'> {
  const query = over.query ?? QUERY;
  const document = parse(query);
  const found = getOperationAST(document, over.name);
  if (found == null) throw new Error('no operation');
  return { query, document, operation: found, variables: over.variables ?? {}, viewer: over.viewer ?? viewer('FRONT_DESK') };
}

const key = (over: Parameters<typeof operation>[0] = {}) => groupKey(operation(over));

describe('who shares an execution', () => {
  test('two people at the front desk with the same question do, wherever their streams begin', () => {
    const variables = (since: string) => ({ filter: { statuses: ['CONFIRMED'] }, since });
    expect(key({ variables: variables('a'), viewer: viewer('FRONT_DESK', 'mia') })).toBe(
      key({ variables: variables('b'), viewer: viewer('FRONT_DESK', 'noah') }),
    );
  });

  test('the order of variables and of their fields does not matter', () => {
    expect(key({ variables: { filter: { a: 1, b: [1, 2] }, since: 'x' } })).toBe(
      key({ variables: { since: 'y', filter: { b: [1, 2], a: 1 } } }),
    );
  });

  test.each<[string, Parameters<typeof operation>[0], Parameters<typeof operation>[0]]>([
    ['two patients', { viewer: viewer('PATIENT', 'mia') }, { viewer: viewer('PATIENT', 'noah') }],
    ['two clinicians', { viewer: viewer('CLINICIAN', 'anna') }, { viewer: viewer('CLINICIAN', 'samir') }],
    ['a patient and a clinician of the same id', { viewer: viewer('PATIENT') }, { viewer: viewer('CLINICIAN') }],
    ['the front desk and the wall', { viewer: viewer('FRONT_DESK') }, { viewer: viewer('DISPLAY') }],
    ['an admin and an admin whose token was lowered', { viewer: viewer('ADMIN') }, { viewer: viewer('FRONT_DESK') }],
    ['other variables', { variables: { filter: { patientId: 'a' } } }, { variables: { filter: { patientId: 'b' } } }],
    ['a variable that is null and one that is not given', { variables: { filter: null } }, { variables: {} }],
    ['lists in another order', { variables: { filter: { s: ['A', 'B'] } } }, { variables: { filter: { s: ['B', 'A'] } } }],
    ['a number and its text', { variables: { filter: 1 } }, { variables: { filter: '1' } }],
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
      { query: 'subscription ($since: ID) { appointmentUpdated(filter: { patientId: $since }) { kind } }', variables: { since: 'a' } },
      { query: 'subscription ($since: ID) { appointmentUpdated(filter: { patientId: $since }) { kind } }', variables: { since: 'b' } },
    ],
  ])('%s do not', (_what, one, other) => {
    expect(key(one)).not.toBe(key(other));
  });
});

describe('an execution', () => {
  const schema = buildSchema('type Query { a: Int } type Subscription { n: Int }');
  const query = 'subscription { n }';
  const document = parse(query);
  const found = getOperationAST(document, null);
  if (found == null) throw new Error('no operation');
  const update = { n: 1 } as unknown as LiveUpdate;

  test('happens once for an update, for all members of a group, and anew for the next', async () => {
    let executions = 0;
    const shared = createSharedExecution({ contextFor: () => ({ n: (executions += 1) }), mask: (result) => result });
    const members = ['mia', 'noah', 'emma'].map((id) =>
      shared.join({ schema, query, document, operation: found, variables: {}, viewer: viewer('FRONT_DESK', id) }),
    );
    expect(shared.groups()).toBe(1);
    const texts = await Promise.all(members.map((member) => member.textFor(update)));
    expect(texts).toEqual(Array.from({ length: 3 }, () => '{"data":{"n":1}}'));
    expect(executions).toBe(1);
    await members[0]?.textFor({ ...update });
    expect(executions).toBe(2);
    for (const member of members) {
      member.leave();
      member.leave();
    }
    expect(shared.groups()).toBe(0);
  });

  test('shows no more of an error than the mask lets through', async () => {
    const shared = createSharedExecution({ contextFor: () => ({}), mask: ({ data }) => ({ data: data ?? null, errors: [] }) });
    const member = shared.join({ schema, query, document, operation: found, variables: {}, viewer: viewer('ADMIN') });
    expect(await member.textFor({ n: () => Promise.reject(new Error('a secret')) } as unknown as LiveUpdate)).toBe(
      '{"data":{"n":null},"errors":[]}',
    );
  });
});
