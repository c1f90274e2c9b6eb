/** Webhooks in: verified, durable, answered. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { sign, SIGNATURE_HEADER } from '../../server/calcom/signature.ts';
import { type Bench, quantile, type Row, spreadOf } from '../bench.ts';
import { type Child, cpuMs, startChild } from '../child.ts';
import { createLoad, type Load } from '../load.ts';
import { pairedRounds } from '../paired-rounds.ts';
import { type BenchDatabase, startPostgres } from '../postgres.ts';

/** In a round; the code of both sides is warm after some thousand. */
const EVENTS = 4_000;
const SENDERS = 64;
const SECRET = 'whsec-bench';
const SAMPLE = path.join(import.meta.dirname, '../../tests/payloads/webhooks/booking-created.json');

export const bench: Bench = {
  name: 'ingest',
  title: 'Webhook ingestion',
  method: `
${SENDERS} senders post ${EVENTS} different signed BOOKING_CREATED (a recorded body, 2.7 KB) one after the other each; every 200 means
durable (\`fsync\` on). *Base*: node:http, HMAC, one prepared insert per event into the same table, payload as it came. *Ours*: the
gateway's HTTP server, receiver and inbox (group commit, secrets stripped, payload encrypted); nothing is applied. CPU is that of the
process and, for PostgreSQL, of all its backends, per event.`,
  sizes: {
    senders: { most: 1_000, meaning: `that post at the same time; default ${SENDERS}` },
    events: { most: 100_000, meaning: `of a round; default ${EVENTS}` },
  },

  async run({ rounds, sizes, say }) {
    const { senders = SENDERS, events = EVENTS } = sizes;
    const database = await startPostgres();
    const env = { DATABASE_URL: database.url, SECRET };
    const [raw, ours] = [await startChild('inbox-raw.ts', env), await startChild('inbox-ours.ts', env)];
    const load = createLoad(senders);
    try {
      say(`${events} events from ${senders} senders …`);
      const side = (child: Child) => (round: number) => measure(database, child, load, { senders, events, round });
      return rowsOf(await pairedRounds(rounds, side(raw), side(ours)));
    } finally {
      load.close();
      await raw.stop();
      await ours.stop();
      await database.stop();
    }
  },
};

interface Measured {
  eventsPerSecond: number;
  /** Per event, in microseconds. */
  nodeUs: number;
  postgresUs: number;
  p99Ms: number;
}

interface Round {
  senders: number;
  events: number;
  round: number;
}

async function measure(database: BenchDatabase, child: Child, load: Load, { senders, events, round }: Round): Promise<Measured> {
  await emptyInbox(database.url);
  const sample = readFileSync(SAMPLE, 'utf8');
  const { payload } = JSON.parse(sample) as { payload: { uid: string } };
  const bodies = Array.from({ length: events }, (_, index) => {
    const body = Buffer.from(sample.replaceAll(payload.uid, `bench${child.pid}x${round}x${index}`));
    return { body, signature: sign(body, SECRET) };
  });
  const before = { node: cpuMs(child.pid), postgres: cpuMs(database.pid, true), at: performance.now() };
  const times: number[] = [];
  const sender = async () => {
    for (let next = bodies.pop(); next !== undefined; next = bodies.pop()) {
      const answer = await load.post(`${child.url}/api/calcom/webhooks`, next.body, { [SIGNATURE_HEADER]: next.signature });
      if (answer.status !== 200) throw new Error(`Answered ${answer.status}.`);
      times.push(answer.ms);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const seconds = (performance.now() - before.at) / 1000;
  const stored = await countInbox(database.url);
  if (stored !== events) throw new Error(`${stored} of ${events} events are stored.`);
  return {
    eventsPerSecond: events / seconds,
    nodeUs: ((cpuMs(child.pid) - before.node) * 1000) / events,
    postgresUs: ((cpuMs(database.pid, true) - before.postgres) * 1000) / events,
    p99Ms: quantile(times, 0.99),
  };
}

function rowsOf(pairs: { base: Measured; ours: Measured }[]): Row[] {
  const row = (what: string, goal: string, value: (measured: Measured) => number, unit: string): Row => {
    const median = (side: 'base' | 'ours') =>
      `${Math.round(
        quantile(
          pairs.map((pair) => value(pair[side])),
          0.5,
        ),
      )} ${unit}`;
    return {
      what,
      goal,
      base: median('base'),
      ours: median('ours'),
      ratio: spreadOf(pairs.map((pair) => value(pair.ours) / value(pair.base))),
    };
  };
  return [
    row('CPU per event, node and PostgreSQL', '≤ 0.7 ×', (measured) => measured.nodeUs + measured.postgresUs, 'µs'),
    row('– node', '', (measured) => measured.nodeUs, 'µs'),
    row('– PostgreSQL', '', (measured) => measured.postgresUs, 'µs'),
    row('Events per second', '≥ 1.3 ×', (measured) => measured.eventsPerSecond, '/s'),
    row('p99 of an answer', '', (measured) => measured.p99Ms, 'ms'),
  ];
}

async function emptyInbox(url: string): Promise<void> {
  await query(url, 'TRUNCATE "CalcomWebhookEvent"');
  await query(url, 'CHECKPOINT');
}

async function countInbox(url: string): Promise<number> {
  const [row] = await query(url, 'SELECT count(*)::int AS count FROM "CalcomWebhookEvent"');
  return Number(row?.['count']);
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const result = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return result.rows;
}
