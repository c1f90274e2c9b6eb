/**
 * Two gateway processes, one PostgreSQL, one Redis, two hundred dashboards, thousands of changes; and while they happen a
 * gateway is killed, Redis is cut off, PostgreSQL restarts, a gateway is paused, a gateway is stopped. At the end the log itself is
 * the measure: every dashboard was told of each change that it may see and asked for, in the order of the log, none twice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRedis } from '../support/redis.ts';
import { type Clinic, openClinic, type Which } from './instances/clinic.ts';
import type { Dashboard } from './instances/dashboard.ts';
import { type Load, startLoad } from './instances/load.ts';
import { openDashboards } from './instances/two-hundred.ts';
import { isAtOrBefore, placeOf, readLog, toldByLog, unordered } from './instances/told-by-log.ts';

const FULL = process.env.FULL === 'true';
/** At the least, over all. */
const CHANGES = FULL ? 10_000 : 2_000;
const PAUSE_MS = FULL ? 20_000 : 6_000;
/** Acknowledged webhooks between one fault and the next. */
const BETWEEN = FULL ? 400 : 100;

if (!hasRedis) console.info('Skipped: several instances, because there is no redis-server on this machine.');

describe.skipIf(!hasRedis)('two instances and two hundred dashboards', () => {
  let clinic: Clinic;
  let dashboards: Dashboard[] = [];
  let load: Load;

  beforeAll(async () => {
    clinic = await openClinic();
    dashboards = openDashboards(clinic);
    await Promise.all(dashboards.map(({ begun }) => begun));
    load = startLoad(clinic);
  }, 300_000);
  afterAll(async () => {
    await load?.stop();
    await Promise.all(dashboards.map((dashboard) => dashboard.leave()));
    await clinic?.close();
  }, 120_000);

  const redisAt = async (which: Which) => (await clinic.health(which)).live?.redis;
  async function bothSay(state: string): Promise<void> {
    await expect.poll(() => Promise.all([redisAt(0), redisAt(1)]), { timeout: 30_000, interval: 200 }).toEqual([state, state]);
  }

  test('a gateway is killed in the middle of it and comes back', async () => {
    await clinic.balancer.acknowledged(BETWEEN);
    await clinic.gateway(0).end('SIGKILL');
    await clinic.balancer.acknowledged(BETWEEN);
    await clinic.startAgain(0);
    await clinic.balancer.acknowledged(BETWEEN);
  }, 300_000);

  test('Redis goes and comes back: the log is looked at meanwhile, and nobody has to restart anything', async () => {
    await bothSay('up');
    await clinic.redis.stop();
    await bothSay('down');
    // Everyone still hears of what the other instance writes, whoever it is: without a bell only by looking.
    const before = await countChanges();
    await clinic.balancer.acknowledged(BETWEEN);
    await caughtUp();
    expect(await countChanges()).toBeGreaterThan(before);
    await clinic.redis.start();
    await bothSay('up');
    await clinic.balancer.acknowledged(BETWEEN);
  }, 300_000);

  test('PostgreSQL restarts', async () => {
    await clinic.cluster.restart();
    await clinic.balancer.acknowledged(BETWEEN);
  }, 300_000);

  test('a gateway is paused, with all that it had begun', async () => {
    const { pid } = clinic.gateway(1);
    process.kill(pid, 'SIGSTOP');
    clinic.balancer.takeOut(1);
    try {
      await Promise.all([delay(PAUSE_MS), clinic.balancer.acknowledged(BETWEEN)]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    clinic.balancer.putIn(1);
    await clinic.balancer.acknowledged(BETWEEN);
  }, 300_000);

  test('a gateway is stopped: it sends its clients away and ends well', async () => {
    const closedBefore = countClosed(1012);
    const { streams = 0 } = (await clinic.health(1)).live ?? {};
    expect(await clinic.gateway(1).end('SIGTERM')).toBe(0);
    // Each was told by the code that says "come back", not cut.
    expect(streams).toBeGreaterThan(0);
    await expect.poll(() => countClosed(1012) - closedBefore).toBeGreaterThan(0);
    await clinic.balancer.acknowledged(BETWEEN);
    await clinic.startAgain(1);
    await clinic.balancer.acknowledged(BETWEEN);
  }, 300_000);

  test('every dashboard was told of each change, in order, once', async () => {
    await expect.poll(countChanges, { timeout: 800_000, interval: 250 }).toBeGreaterThanOrEqual(CHANGES);
    await load.stop();
    await caughtUp();
    const reports = dashboards.map((dashboard) => ({ ...dashboard, seen: [...dashboard.seen] }));
    // What lies before a cursor was complete when the cursor was given, so all of it can be read now.
    const log = await readLog(clinic.database.pool);
    expect(unordered(log)).toEqual([]);

    expect(reports).toHaveLength(200);
    for (const report of reports) {
      const { seen, begin, cursor } = report;
      const told = seen.map(({ kind, appointmentId, version }) => `${kind} ${appointmentId} ${version}`);
      expect(told).toEqual(
        toldByLog(log, report, { after: placeOf(begin ?? '', clinic.dataKeys), until: placeOf(cursor ?? '', clinic.dataKeys) }),
      );
      expect(seen.filter(({ version, shownVersion }) => shownVersion !== null && shownVersion < version)).toEqual([]);
      expect(report.resyncs).toBe(0);
      // Everyone lost the connection at least once: each instance was killed or stopped.
      expect(report.closed.length).toBeGreaterThan(0);
    }
  }, 900_000);

  async function countChanges(): Promise<number> {
    const { rows } = await clinic.database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM "AppointmentChange"`);
    return rows[0]?.count ?? 0;
  }
  const countClosed = (code: number) => dashboards.flatMap((dashboard) => dashboard.closed).filter((each) => each === code).length;

  /** Resolves when every dashboard holds a cursor that says: everything up to here has been told. Answers where that is. */
  async function caughtUp() {
    const last = (await readLog(clinic.database.pool)).at(-1)?.place;
    if (last === undefined) throw new Error('Nothing has happened.');
    const behind = () => dashboards.filter(({ cursor }) => cursor === null || !isAtOrBefore(last, placeOf(cursor, clinic.dataKeys)));
    await expect.poll(() => behind().length, { timeout: 60_000, interval: 100 }).toBe(0);
    return last;
  }
});
