/** What two instances know of free slots together, over a real Redis that also dies and hangs. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UpstreamSlot } from '../../server/calcom/slot-calls.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { createLog } from '../../server/kernel/log.ts';
import { ok } from '../../server/kernel/result.ts';
import { createSharedSlots, type SharedSlots } from '../../server/slots/shared-slots.ts';
import { createSlotCache, type SlotCache, type SlotQuestion, STALE_MS } from '../../server/slots/slot-cache.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.info('Skipped: slots shared over Redis, because there is no redis-server on this machine.');

const QUESTION: SlotQuestion = {
  eventTypeId: 1,
  clinicianId: 'anna',
  from: 0,
  to: 86_400_000,
  durationMinutes: 30,
  bookingUidToReschedule: null,
};
const SLOTS: UpstreamSlot[] = [
  { startsAt: 1_800_000, seatsRemaining: null },
  { startsAt: 3_600_000, seatsRemaining: 4 },
];

interface Instance {
  cache: SlotCache;
  shared: SharedSlots;
  /** Its calls to Cal.com. */
  calls(): number;
  ask(): ReturnType<SlotCache['ask']>;
  /** Resolves at the next line of the log with this event. */
  logged(event: string): Promise<void>;
  /** Resolves when it hears that another one invalidated. */
  told(): Promise<void>;
}

describe.skipIf(!hasRedis)('slots over Redis', () => {
  const clock = manualClock('2026-11-23T08:00:00Z');
  const instances: Instance[] = [];
  let port = 0;
  let redis: ChildProcess;

  beforeEach(async () => {
    port = await freePort();
    redis = await startRedis(port);
  });
  afterEach(async () => {
    for (const { shared } of instances.splice(0)) shared.stop();
    redis.kill('SIGKILL');
    if (redis.exitCode === null && redis.signalCode === null) await once(redis, 'exit');
  });

  /** A busy machine is no slow Redis: how long an answer may take is short only where a test is about that. */
  async function newInstance(installation = 'clinic', slowestMs = 10_000): Promise<Instance> {
    const lines: string[] = [];
    const waiting: { event: string; resolve: () => void }[] = [];
    const log = createLog({
      level: 'debug',
      write(line) {
        lines.push(line);
        for (const one of waiting) if (line.includes(one.event)) one.resolve();
      },
    });
    const shared = createSharedSlots({ redisUrl: `redis://127.0.0.1:${port}`, installation, keptMs: STALE_MS, log, slowestMs });
    const listeners: (() => void)[] = [];
    const subscribed = new Promise<void>((resolve) => listeners.push(resolve));
    shared.onInvalidated(() => {
      for (const listener of listeners.splice(0)) listener();
    });
    const cache = createSlotCache({ clock, patienceMs: 60_000, shared });
    let calls = 0;
    const instance: Instance = {
      cache,
      shared,
      calls: () => calls,
      ask: () =>
        cache.ask(QUESTION, () => {
          calls += 1;
          return Promise.resolve(ok(SLOTS));
        }),
      logged: (event) => new Promise((resolve) => void waiting.push({ event, resolve })),
      told: () => new Promise((resolve) => void listeners.push(resolve)),
    };
    instances.push(instance);
    const up = lines.some((line) => line.includes('slots.redis-up')) ? undefined : instance.logged('slots.redis-up');
    await Promise.all([up, subscribed]);
    return instance;
  }

  test('what one instance has asked the other one knows, seats included', async () => {
    const [one, two] = [await newInstance(), await newInstance()];
    const asked = await one.ask();
    await untilShared(one);
    expect(await two.ask()).toEqual(asked);
    expect([one.calls(), two.calls()]).toEqual([1, 0]);
  });

  test('an invalidation in one is one in the other, whatever either still has', async () => {
    const [one, two] = [await newInstance(), await newInstance()];
    await one.ask();
    await untilShared(one);
    await two.ask();
    const told = two.told();
    one.cache.invalidate('anna');
    await told;
    await two.ask();
    expect([one.calls(), two.calls()]).toEqual([1, 1]);
    await untilShared(two);
    await one.ask();
    expect([one.calls(), two.calls()]).toEqual([1, 1]);
  });

  test('another clinic on the same Redis neither reads nor ends what is known', async () => {
    const [one, other, third] = [await newInstance(), await newInstance('another clinic'), await newInstance()];
    await one.ask();
    await untilShared(one);
    await other.ask();
    expect(other.calls()).toBe(1);
    other.cache.invalidate('anna');
    await untilShared(other);
    await third.ask();
    expect(third.calls()).toBe(0);
  });

  test('a Redis that dies takes nothing with it, and is used again when it is back', async () => {
    const [one, two] = [await newInstance(), await newInstance()];
    const down = [one.logged('slots.redis-down'), two.logged('slots.redis-down')];
    redis.kill('SIGKILL');
    await Promise.all(down);
    expect(await one.ask()).toMatchObject({ ok: true, value: { stale: false } });
    one.cache.invalidate('anna');
    expect(await two.ask()).toMatchObject({ ok: true, value: { stale: false } });
    clock.advance(11_000);

    // What was missed meanwhile is unknown, so everything is asked anew.
    const back = [one.told(), two.told(), one.logged('slots.redis-up'), two.logged('slots.redis-up')];
    redis = await startRedis(port);
    await Promise.all(back);
    await one.ask();
    await untilShared(one);
    await two.ask();
    expect([one.calls(), two.calls()]).toEqual([2, 1]);
  });

  test('a Redis that hangs does not keep anybody waiting', async () => {
    const one = await newInstance('clinic', 30);
    redis.kill('SIGSTOP');
    const down = one.logged('slots.redis-down');
    expect(await one.ask()).toMatchObject({ ok: true, value: { stale: false } });
    await down;
    one.cache.invalidate('anna');
    expect(await one.ask()).toMatchObject({ ok: true });
    expect(one.calls()).toBe(2);
    redis.kill('SIGCONT');
  });

  /** Commands of one connection are answered in order: after this its write has arrived. */
  async function untilShared({ shared }: Instance): Promise<void> {
    await shared.read('nobody', 'nothing');
  }
});

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    }),
  );
}

async function startRedis(port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}.`)));
    child.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('Ready to accept connections') && resolve());
  });
  return child;
}
