import { buildSchema, execute, type ExecutionResult, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Role, Viewer } from '../auth/viewer.ts';
import { userId } from '../kernel/ids.ts';
import type { LiveUpdate } from '../services.ts';
import { createSharedExecution, type Execution, type SharedOperation } from './shared-execution.ts';

const schema = buildSchema('type Query { a: Int } type Subscription { n: Int }');
const document = parse('subscription { n }');
const operation = getOperationAST(document, null);
const viewer = (role: Role, id: string): Viewer => ({ userId: userId(id), role, expiresAt: 0 });

function operationOf(of: Viewer): SharedOperation {
  if (operation == null) throw new Error('no operation');
  return { document, operation, variables: {}, viewer: of };
}

const update = (n: unknown) => ({ n }) as unknown as LiveUpdate;
const run = ({ operation: { document: reduced } }: Execution, rootValue: LiveUpdate) =>
  execute({ schema, document: reduced, rootValue }) as ExecutionResult | Promise<ExecutionResult>;
const shared = () => createSharedExecution({ execute: run, failed: () => ({ errors: [] }) });

describe('an execution', () => {
  test('happens once for an update, for all members of a group, and anew for the next', async () => {
    const execution = shared();
    const members = ['mia', 'noah', 'emma'].map((id) => execution.join(operationOf(viewer('FRONT_DESK', id))));
    expect(execution.groups()).toBe(1);
    const first = update(1);
    const texts = await Promise.all(members.map(async (member) => member.textFor(first)));
    expect(texts.map((text) => text.json)).toEqual(Array.from({ length: 3 }, () => '{"data":{"n":1}}'));
    expect(new Set(texts.map((text) => text.messageEnd)).size).toBe(1);
    expect(execution.executions()).toBe(1);
    await members[0]?.textFor(update(2));
    expect(execution.executions()).toBe(2);
    // Whoever was slow is given the text that the others were given.
    await members[2]?.textFor(first);
    expect(execution.executions()).toBe(2);
    for (const member of members) {
      member.leave();
      member.leave();
    }
    expect(execution.groups()).toBe(0);
  });

  test('that waits for nothing is there at once', () => {
    const member = shared().join(operationOf(viewer('ADMIN', 'a')));
    const text = member.textFor(update(7));
    expect(text).not.toBeInstanceOf(Promise);
    expect((text as { messageEnd: string }).messageEnd).toBe('{"data":{"n":7}}}');
  });

  test('that waits is shared while it waits', async () => {
    const execution = shared();
    const [one, other] = ['a', 'b'].map((id) => execution.join(operationOf(viewer('ADMIN', id))));
    const late = update(() => Promise.resolve(3));
    const texts = [one?.textFor(late), other?.textFor(late)];
    expect(texts[0]).toBeInstanceOf(Promise);
    expect(texts[0]).toBe(texts[1]);
    expect((await texts[0])?.json).toBe('{"data":{"n":3}}');
    expect(execution.executions()).toBe(1);
  });

  test.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new Error('a secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a secret'))],
  ])('that %s says no more than the mask lets through', async (_what, broken) => {
    const execution = createSharedExecution({ execute: broken, failed: () => ({ data: null, errors: [] }) });
    const member = execution.join(operationOf(viewer('ADMIN', 'a')));
    expect((await member.textFor(update(1))).json).toBe('{"data":null,"errors":[]}');
  });
});
