/**
 * kill -9 of PostgreSQL, all of its processes, in the middle of a burst of webhooks: what was answered 200 is there
 * afterwards, what could not be recorded was answered 503 and nothing else, and the gateway goes on by itself.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sign, SIGNATURE_HEADER } from '../../server/calcom/signature.ts';
import { parseConfig } from '../../server/config.ts';
import { createGateway, type Gateway } from '../../server/gateway.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { startSurroundings } from '../../server/start/surroundings.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../support/database.ts';

const KILLS = process.env.FULL === 'true' ? 8 : 2;
const SENDERS = 16;
const BEFORE_KILL = 50;
const SECRET = 'whsec-kill';
const HOUR = 3_600_000;

interface Body {
  payload: Record<string, unknown>;
}
const sample = JSON.parse(readFileSync(new URL('../payloads/webhooks/booking-created.json', import.meta.url), 'utf8')) as Body;

let cluster: TestCluster;
let database: TestDatabase;
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  // As a careless database would be set up: the gateway must not rely on its defaults.
  cluster = await createTestCluster({
    settings: { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'off', wal_writer_delay: '10s' },
  });
  database = await cluster.createDatabase();
  await database.prisma.user.create({
    data: { role: 'CLINICIAN', email: 'amara.osei@lakeside.example', name: 'Dr. Amara Osei', calcomUserId: 41 },
  });
  const read = parseConfig(
    {
      DATABASE_URL: database.url,
      CALCOM_API_URL: 'http://127.0.0.1:9',
      WEBHOOK_SECRET: SECRET,
      AUTH_JWT_SECRET: 'a secret of at least thirty-two bytes, for tests',
      DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      PORT: '0',
    },
    null,
    (path) => path,
  );
  if (!read.ok) throw new Error(read.failure.join('\n'));
  const { config } = await startSurroundings(read.value, () => {});
  gateway = createGateway(config, { jobs: false, log: silentLog });
  ({ url } = await gateway.start());
});

afterAll(async () => {
  await gateway.stop();
  await database.drop();
  await cluster.stop();
});

let number = 0;
const answers = new Map<string, number>();

/** Every one another booking, an hour after the one before. */
async function post(): Promise<number> {
  number += 1;
  const at = (hours: number) => new Date(Date.UTC(2027, 0, 4) + hours * HOUR).toISOString();
  const uid = `kill${number}`;
  const payload = { ...sample.payload, uid, iCalUID: `${uid}@cal`, bookingId: number, startTime: at(number), endTime: at(number + 0.5) };
  const body = Buffer.from(JSON.stringify({ ...sample, payload }));
  const answer = await fetch(`${url}/api/calcom/webhooks`, { method: 'POST', body, headers: { [SIGNATURE_HEADER]: sign(body, SECRET) } });
  answers.set(uid, answer.status);
  await answer.arrayBuffer();
  return answer.status;
}

/** Sends from many sides until it is told to stop. */
function startBurst() {
  const waiting: { status: number; left: number; resolve: () => void }[] = [];
  const enough = new AbortController();
  const told = (status: number) => {
    for (const one of waiting) if (one.status === status && (one.left -= 1) === 0) one.resolve();
  };
  const sender = async () => {
    while (!enough.signal.aborted) told(await post());
  };
  const senders = Promise.all(Array.from({ length: SENDERS }, sender));
  // Whoever ends the burst hears of it; a test that failed before does not.
  senders.catch(() => {});
  return {
    /** Resolves after so many more of these answers. */
    answered: (status: number, left: number) => new Promise<void>((resolve) => void waiting.push({ status, left, resolve })),
    async end() {
      enough.abort();
      await senders;
    },
  };
}

async function column(pool: pg.Pool, sql: string): Promise<string[]> {
  return (await pool.query<{ it: string }>(sql)).rows.map(({ it }) => it);
}

test('every 200 is found in the inbox and becomes an appointment, everything else was answered 503', { timeout: 240_000 }, async () => {
  for (let kill = 0; kill < KILLS; kill += 1) {
    const burst = startBurst();
    await burst.answered(200, BEFORE_KILL);
    await cluster.kill();
    // Every other time it stays away for longer than a request waits.
    if (kill % 2 === 0) await burst.answered(503, 1);
    const again = burst.answered(200, BEFORE_KILL);
    await cluster.revive();
    await again;
    await burst.end();
  }

  const statuses = [...answers.values()];
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(statuses).toContain(503);
  const refused = statuses.filter((status) => status === 503).length;
  expect(gateway.core().inbox.refused().count).toBe(refused);

  const { pool } = database;
  const recorded = new Set(await column(pool, `SELECT "bookingUid" AS it FROM "CalcomWebhookEvent"`));
  expect([...answers].filter(([uid, status]) => status === 200 && !recorded.has(uid))).toEqual([]);

  const unsettled = `SELECT "id"::text AS it FROM "CalcomWebhookEvent" WHERE NOT "processed"`;
  while ((await column(pool, unsettled)).length > 0) await gateway.core().applier.leftovers();
  const appointments = await column(pool, `SELECT "calcomBookingUid" AS it FROM "Appointment"`);
  expect(appointments.toSorted()).toEqual([...recorded].toSorted());
  expect(
    await column(
      pool,
      `SELECT "appointmentId"::text AS it FROM "AppointmentChange" GROUP BY "appointmentId", "version" HAVING count(*) > 1`,
    ),
  ).toEqual([]);
  expect(await column(pool, `SELECT "outcome"::text AS it FROM "CalcomWebhookEvent" WHERE "outcome" <> 'APPLIED'`)).toEqual([]);
});
