import { describe, expect, test } from 'vitest';
import type { LiveUpdate } from '../services.ts';
import { streamEnd } from './stream-end.ts';
import { UpdateQueue } from './update-queue.ts';

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
  const queue = new UpdateQueue(capacity, { closed: () => void (closings += 1) });
  return { queue, closings: () => closings };
}

const given = (cursor: string) => ({ done: false, value: update(cursor) });
const DONE = { done: true, value: undefined };

describe('the queue of one subscriber', () => {
  test('gives in order what was pushed before and after it was asked', async () => {
    const { queue } = queueOf(2);
    queue.push(update('a'));
    const takes = [queue.next(), queue.next(), queue.next()];
    queue.push(update('b'));
    queue.push(update('c'));
    expect(await Promise.all(takes)).toEqual([given('a'), given('b'), given('c')]);
  });

  test('refuses what it cannot hold, until something was taken', async () => {
    const { queue } = queueOf(1);
    expect(queue.push(update('a'))).toBe(true);
    expect(queue.push(update('b'))).toBe(false);
    expect(await queue.next()).toEqual(given('a'));
    expect(queue.push(update('c'))).toBe(true);
  });

  test('ends while its reader waits, and closes once', async () => {
    const { queue, closings } = queueOf(1);
    const take = queue.next();
    expect(await queue.return?.()).toEqual(DONE);
    expect(await take).toEqual(DONE);
    queue.end();
    expect(closings()).toBe(1);
    expect(queue.push(update('a'))).toBe(true);
    expect(await queue.next()).toEqual(DONE);
  });

  test('ends with its error in place of what was still waiting, and says it once', async () => {
    const { queue } = queueOf(1);
    queue.push(update('a'));
    queue.end(streamEnd('UNAUTHENTICATED'));
    await expect(queue.next()).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
    expect(await queue.next()).toEqual(DONE);
  });

  test('tells when it has drained, or ended before it could', async () => {
    const { queue } = queueOf(2);
    queue.push(update('a'));
    queue.push(update('b'));
    const drained = queue.drainedTo(1);
    await queue.next();
    await drained;
    const never = queue.drainedTo(0);
    queue.end();
    await expect(never).resolves.toBeUndefined();
  });
});

describe('an outlet', () => {
  function outletOf(accepts: (cursor: string) => boolean) {
    const taken: string[] = [];
    const ends: unknown[] = [];
    return {
      taken,
      ends,
      outlet: {
        take({ cursor }: LiveUpdate) {
          if (!accepts(cursor)) return false;
          taken.push(cursor);
          return true;
        },
        end: (error?: unknown) => void ends.push(error),
      },
    };
  }

  test('is given what waits, then each update in the call that pushes it', () => {
    const { queue } = queueOf(2);
    queue.push(update('a'));
    const { outlet, taken } = outletOf(() => true);
    queue.flowInto(outlet);
    expect(taken).toEqual(['a']);
    queue.push(update('b'));
    expect(taken).toEqual(['a', 'b']);
    expect(queue.size()).toBe(0);
  });

  test('that cannot take now gets all of it later, in order; the queue stays bounded meanwhile', async () => {
    const { queue } = queueOf(2);
    let open = false;
    const { outlet, taken } = outletOf(() => open);
    queue.flowInto(outlet);
    expect([queue.push(update('a')), queue.push(update('b')), queue.push(update('c'))]).toEqual([true, true, false]);
    open = true;
    // Not before those that wait.
    expect(queue.push(update('d'))).toBe(false);
    const drained = queue.drainedTo(0);
    queue.flow();
    await drained;
    queue.push(update('e'));
    expect(taken).toEqual(['a', 'b', 'e']);
  });

  test('hears of the end, before or after it was connected, and of nothing that still waited', () => {
    const one = queueOf(2);
    const first = outletOf(() => false);
    one.queue.flowInto(first.outlet);
    one.queue.push(update('a'));
    const error = streamEnd('UNAUTHENTICATED');
    one.queue.end(error);
    one.queue.push(update('b'));
    one.queue.flow();
    expect([first.taken, first.ends, one.closings()]).toEqual([[], [error], 1]);

    const other = queueOf(2);
    other.queue.end();
    const second = outletOf(() => true);
    other.queue.flowInto(second.outlet);
    expect(second.ends).toEqual([undefined]);
  });
});
