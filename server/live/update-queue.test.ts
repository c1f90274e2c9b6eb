import { describe, expect, test } from 'vitest';
import type { LiveUpdate } from '../services.ts';
import { streamEnd } from './stream-end.ts';
import { createUpdateQueue } from './update-queue.ts';

function update(cursor: string): LiveUpdate {
  return {
    kind: 'POSITION',
    cursor,
    appointmentId: null,
    version: null,
    appointment: null,
    changedFields: [],
    previous: null,
    cause: null,
    trace: null,
  };
}

function queueOf(capacity: number) {
  let closings = 0;
  const queue = createUpdateQueue({ capacity, closed: () => (closings += 1) });
  return { queue, closings: () => closings };
}

const given = (cursor: string) => ({ done: false, value: update(cursor) });
const DONE = { done: true, value: undefined };

describe('the queue of one subscriber', () => {
  test('gives in order what was pushed before and after it was asked', async () => {
    const { queue } = queueOf(2);
    queue.push(update('a'));
    const takes = [queue.iterator.next(), queue.iterator.next(), queue.iterator.next()];
    queue.push(update('b'));
    queue.push(update('c'));
    expect(await Promise.all(takes)).toEqual([given('a'), given('b'), given('c')]);
  });

  test('refuses what it cannot hold, until something was taken', async () => {
    const { queue } = queueOf(1);
    expect(queue.push(update('a'))).toBe(true);
    expect(queue.push(update('b'))).toBe(false);
    expect(await queue.iterator.next()).toEqual(given('a'));
    expect(queue.push(update('c'))).toBe(true);
  });

  test('ends while its reader waits, and closes once', async () => {
    const { queue, closings } = queueOf(1);
    const take = queue.iterator.next();
    expect(await queue.iterator.return?.()).toEqual(DONE);
    expect(await take).toEqual(DONE);
    queue.end();
    expect(closings()).toBe(1);
    expect(queue.push(update('a'))).toBe(true);
    expect(await queue.iterator.next()).toEqual(DONE);
  });

  test('ends with its error in place of what was still waiting, and says it once', async () => {
    const { queue } = queueOf(1);
    queue.push(update('a'));
    queue.end(streamEnd('UNAUTHENTICATED'));
    await expect(queue.iterator.next()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
    expect(await queue.iterator.next()).toEqual(DONE);
  });

  test('tells when it has drained, or ended before it could', async () => {
    const { queue } = queueOf(2);
    queue.push(update('a'));
    queue.push(update('b'));
    const drained = queue.drainedTo(1);
    await queue.iterator.next();
    await drained;
    const never = queue.drainedTo(0);
    queue.end();
    await expect(never).resolves.toBeUndefined();
  });
});
