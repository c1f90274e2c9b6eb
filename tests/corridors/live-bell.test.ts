/** The bell between instances. The log is polled once an hour here, so what arrives was rung for. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Viewer } from '../../server/auth/viewer.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { type Bell, createBell } from '../../server/live/bell.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { hasRedis, type RedisServer, redisServer } from '../support/redis.ts';
import { addPerson, type Instance, startInstance, stateOf, watch, writer } from './live-clinic.ts';

const POLL_MS = 3_600_000;
if (!hasRedis) console.info('Skipped: the bell over Redis, because there is no redis-server on this machine.');

let database: TestDatabase;
let desk: Viewer;

beforeAll(async () => {
  database = await createTestDatabase();
  desk = await addPerson(database, 'FRONT_DESK');
});
afterAll(() => database.drop());

/** A ring heard by `bell` after this call. */
function heard(bell: Bell): Promise<void> {
  return new Promise((resolve) => {
    const stop = bell.onRing(() => {
      stop();
      resolve();
    });
  });
}

describe('a bell within the process', () => {
  test('is heard by every listener, once for all rings of a tick', async () => {
    const bell = createBell({ redisUrl: null, log: silentLog });
    let rings = 0;
    bell.onRing(() => (rings += 1));
    const twice = [heard(bell), heard(bell)];
    bell.ring();
    bell.ring();
    bell.ring();
    await Promise.all(twice);
    expect(rings).toBe(1);
    expect(bell.redis()).toBe('none');
    bell.stop();
  });
});

describe.skipIf(!hasRedis)('a bell over Redis', () => {
  const bells: Bell[] = [];
  const instances: Instance[] = [];
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await redisServer();
  });
  afterEach(async () => {
    for (const instance of instances.splice(0)) await instance.stop();
    for (const bell of bells.splice(0)) bell.stop();
    await redis.stop();
  });

  test('brings a change that one instance wrote to the dashboards of another', async () => {
    await redis.start();
    for (let started = 0; started < 2; started++)
      instances.push(await startInstance(database, { redisUrl: redis.url, pace: { pollMs: POLL_MS } }));
    const [here, there] = instances;
    if (here === undefined || there === undefined) throw new Error('Two instances were started.');
    await expect.poll(() => [here.live.lag()?.redis, there.live.lag()?.redis]).toEqual(['up', 'up']);
    const boards = [here, there].map((instance) => watch(instance.live, desk));
    await Promise.all(boards.map((board) => board.next()));
    const visit = await writer(database, here.bell).create(stateOf({}));
    for (const board of boards) expect(await board.next()).toMatchObject({ kind: 'CREATED', appointmentId: visit.id });
  });

  test('rings at home while Redis is away, never throws, and finds Redis again by itself', async () => {
    const options = { redisUrl: redis.url, log: silentLog };
    const here = createBell(options);
    const there = createBell(options);
    bells.push(here, there);
    for (let outage = 0; outage < 2; outage++) {
      await expect.poll(() => here.redis()).toBe('down');
      const atHome = heard(here);
      here.ring();
      await atHome;
      await redis.start();
      // A ring may have been missed, so the reconnect itself is one.
      await heard(there);
      await expect.poll(() => [here.redis(), there.redis()]).toEqual(['up', 'up']);
      let across = false;
      void heard(there).then(() => (across = true));
      // The one that rings reconnects on its own time.
      await expect.poll(() => (here.ring(), across), { timeout: 10_000 }).toBe(true);
      await redis.stop();
    }
  });
});
