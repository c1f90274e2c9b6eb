import { beforeEach, describe, expect, test } from 'vitest';
import type { UpstreamSlot } from '../calcom/slot-calls.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import { calcomFailure } from '../calcom/errors.ts';
import { manualClock } from '../kernel/clock.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { createSlotCache, type SlotCache, type SlotQuestion } from './slot-cache.ts';

const QUESTION: SlotQuestion = {
  eventTypeId: 1,
  clinicianId: 'anna',
  from: 0,
  to: 86_400_000,
  durationMinutes: 30,
  bookingUidToReschedule: null,
};
const OTHERS: Partial<SlotQuestion>[] = [
  { eventTypeId: 2 },
  { from: 1 },
  { to: 2 },
  { durationMinutes: 45 },
  { bookingUidToReschedule: 'uid' },
];
const slot = (startsAt: number): UpstreamSlot => ({ startsAt, seatsRemaining: null });
const unreachable = fail(calcomFailure('Unreachable', 'No answer.'));

type Answer = Result<UpstreamSlot[], CalcomFailure>;

/** A Cal.com that answers when it is told to. */
function calcom() {
  const waiting: ((answer: Answer) => void)[] = [];
  const repeats: boolean[] = [];
  return {
    repeats,
    ask: ({ repeat }: { repeat: boolean }) => {
      repeats.push(repeat);
      return new Promise<Answer>((resolve) => void waiting.push(resolve));
    },
    answer(answer: Answer) {
      for (const resolve of waiting.splice(0)) resolve(answer);
    },
  };
}

const clock = manualClock('2026-11-23T08:00:00Z');
const FOREVER = 60_000;
let upstream: ReturnType<typeof calcom>;
beforeEach(() => {
  upstream = calcom();
});

/** A cache that knows an answer which is no longer fresh. */
async function knowing(patienceMs: number): Promise<SlotCache> {
  const cache = createSlotCache({ clock, patienceMs, shared: null });
  await cache.ask(QUESTION, () => Promise.resolve(ok([slot(1)])));
  clock.advance(11_000);
  return cache;
}

describe('while Cal.com is slow', () => {
  test('the last known answer comes after the patience, marked, with its time; the late one serves the next question', async () => {
    const cache = await knowing(5);
    const asOf = clock.now().getTime() - 11_000;
    expect(await cache.ask(QUESTION, upstream.ask)).toEqual(ok({ slots: [slot(1)], stale: true, asOf }));
    const joined = cache.ask(QUESTION, upstream.ask);
    upstream.answer(ok([slot(2)]));
    await joined;
    expect(await cache.ask(QUESTION, upstream.ask)).toEqual(ok({ slots: [slot(2)], stale: false, asOf: clock.now().getTime() }));
    expect(upstream.repeats).toHaveLength(1);
  });

  test('within the patience its own answer is given', async () => {
    const cache = await knowing(FOREVER);
    const asked = cache.ask(QUESTION, upstream.ask);
    upstream.answer(ok([slot(2)]));
    expect(await asked).toMatchObject({ value: { slots: [slot(2)], stale: false } });
  });

  test('a question without a known answer is waited for', async () => {
    const cache = createSlotCache({ clock, patienceMs: 1, shared: null });
    const asked = cache.ask(QUESTION, upstream.ask);
    const known = await knowing(1);
    await known.ask(QUESTION, upstream.ask);
    upstream.answer(ok([slot(3)]));
    expect(await asked).toMatchObject({ value: { slots: [slot(3)], stale: false } });
  });

  test('nobody waits for a calendar that was away a moment ago', async () => {
    const cache = await knowing(FOREVER);
    expect(await cache.ask(QUESTION, () => Promise.resolve(unreachable))).toMatchObject({ value: { stale: true } });
    expect(await cache.ask(QUESTION, upstream.ask)).toMatchObject({ value: { stale: true } });
    upstream.answer(ok([slot(4)]));
  });
});

describe('a failure', () => {
  test('is told when nothing is known, and when what is known is too old', async () => {
    const cache = await knowing(FOREVER);
    expect(await cache.ask({ ...QUESTION, eventTypeId: 9 }, () => Promise.resolve(unreachable))).toEqual(unreachable);
    clock.advance(3_600_000);
    expect(await cache.ask(QUESTION, () => Promise.resolve(unreachable))).toEqual(unreachable);
  });

  test('that is no outage is told although an answer is known', async () => {
    const cache = await knowing(FOREVER);
    const revoked = fail(calcomFailure('Unauthorized', 'No.'));
    expect(await cache.ask(QUESTION, () => Promise.resolve(revoked))).toEqual(revoked);
  });

  test('is not repeated by the client where an answer is known', async () => {
    const cache = await knowing(FOREVER);
    const known = cache.ask(QUESTION, upstream.ask);
    const unknown = cache.ask({ ...QUESTION, eventTypeId: 9 }, upstream.ask);
    await Promise.resolve();
    upstream.answer(ok([]));
    await Promise.all([known, unknown]);
    expect(upstream.repeats).toEqual([false, true]);
  });

  test('that nobody expected harms nobody else', async () => {
    const cache = createSlotCache({ clock, patienceMs: FOREVER, shared: null });
    await expect(cache.ask(QUESTION, () => Promise.reject(new Error('surprise')))).rejects.toThrow('surprise');
    expect(await cache.ask(QUESTION, () => Promise.resolve(ok([])))).toMatchObject({ ok: true });
  });
});

test('whatever changes the answer is another question', async () => {
  const cache = createSlotCache({ clock, patienceMs: FOREVER, shared: null });
  const asked = [{}, ...OTHERS, {}].map((other) => cache.ask({ ...QUESTION, ...other }, upstream.ask));
  upstream.answer(ok([]));
  await Promise.all(asked);
  expect(upstream.repeats).toHaveLength(OTHERS.length + 1);
});

describe('an invalidation', () => {
  test('ends the answers of its clinician and of nobody else, also one that is on its way', async () => {
    const cache = createSlotCache({ clock, patienceMs: FOREVER, shared: null });
    const samir = { ...QUESTION, clinicianId: 'samir', eventTypeId: 7 };
    await cache.ask(samir, () => Promise.resolve(ok([slot(7)])));
    const early = cache.ask(QUESTION, upstream.ask);
    cache.invalidate('anna');
    upstream.answer(ok([slot(1)]));
    await early;
    const again = cache.ask(QUESTION, upstream.ask);
    upstream.answer(ok([slot(2)]));
    expect(await again).toMatchObject({ value: { slots: [slot(2)], stale: false } });
    expect(await cache.ask(samir, upstream.ask)).toMatchObject({ value: { slots: [slot(7)] } });
    expect(upstream.repeats).toHaveLength(2);
  });

  test('asked for by many who were misled by one answer happens once', async () => {
    const cache = createSlotCache({ clock, patienceMs: FOREVER, shared: null });
    await cache.ask(QUESTION, () => Promise.resolve(ok([slot(1)])));
    const misled = clock.now().getTime();
    clock.advance(1);
    const answers = [1, 2, 3].map(() => {
      cache.refute(QUESTION.eventTypeId, misled);
      return cache.ask(QUESTION, upstream.ask);
    });
    upstream.answer(ok([slot(2)]));
    await Promise.all(answers);
    cache.refute(QUESTION.eventTypeId, misled);
    expect(await cache.ask(QUESTION, upstream.ask)).toMatchObject({ value: { slots: [slot(2)] } });
    expect(upstream.repeats).toHaveLength(1);
  });
});
