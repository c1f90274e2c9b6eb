/** Free slots: many who ask the same at once, and what people get while Cal.com is away. */
import pg from 'pg';
import { CLINICIANS } from '../../sandbox/seeds/clinic.ts';
import { createEncryption } from '../../server/database/encryption.ts';
import { startGatewayProcess } from '../../tests/support/gateway-process.ts';
import { type Bench, ms, quantile, type Row, spreadOf } from '../bench.ts';
import { cpuMs, startChild } from '../child.ts';
import { createLoad, type Load } from '../load.ts';
import { pairedRounds } from '../paired-rounds.ts';
import { startPostgres } from '../postgres.ts';

const PEOPLE = 200;
const UPSTREAM_MS = [100, 500, 1_000];
const DIRECT_CALLS = 10;
/** How long an answer counts as fresh, and a little. */
const FRESH_MS = 10_500;
const DAY_MS = 86_400_000;

export const bench: Bench = {
  name: 'slots',
  title: 'Free slots',
  method: `
The gateway (\`server/main.ts\`), its PostgreSQL, the upstream and the load are processes of their own. The upstream is the
sandbox Cal.com, delayed. *Base*: the median of ${DIRECT_CALLS} direct calls for the same window. *Ours*: ${PEOPLE} people ask for the free
times of one day that nobody has asked for before, over warm connections; p99 is from sending to the whole answer.
Stale answers: questions answered before and no longer fresh, asked one after the other once Cal.com closes connections or
falls silent (patience 1500 ms).`,

  async run({ rounds, say }) {
    const clinic = await startClinic();
    try {
      const rows: Row[] = [];
      for (const delayMs of UPSTREAM_MS) {
        say(`${PEOPLE} at once, upstream ${delayMs} ms …`);
        rows.push(...(await atOnce(clinic, rounds, delayMs)));
      }
      for (const mode of ['down', 'silent'] as const) {
        say(`upstream ${mode} …`);
        rows.push(...(await whileAway(clinic, mode)));
      }
      return rows;
    } finally {
      await clinic.stop();
    }
  },
};

type Clinic = Awaited<ReturnType<typeof startClinic>>;

async function startClinic() {
  const database = await startPostgres();
  const upstream = await startChild('upstream.ts', {});
  const keys = [{ id: 'k1', key: Buffer.alloc(32, 7) }];
  await addClinicians(database.url, keys);
  const gateway = await startGatewayProcess('/nonexistent', {
    DATABASE_URL: database.url,
    CALCOM_API_URL: upstream.url,
    WEBHOOK_SECRET: 'whsec-bench',
    AUTH_JWT_SECRET: 'a secret of at least thirty-two bytes, for benchmarks',
    DATA_KEYS: `k1:${keys[0]?.key.toString('base64')}`,
    LOG_LEVEL: 'error',
  });
  const load = createLoad(PEOPLE);
  const eventType = await firstEventType(load, gateway.url);
  let day = Math.floor(Date.now() / DAY_MS) + 2;
  return {
    load,
    upstreamUrl: upstream.url,
    gatewayUrl: gateway.url,
    gatewayPid: gateway.pid,
    eventType,
    /** One that nobody has asked about. */
    freshDay: () => new Date((day += 1) * DAY_MS),
    async tell(state: Record<string, unknown>): Promise<{ slotCalls: number }> {
      return JSON.parse((await load.post(`${upstream.url}/_bench`, JSON.stringify(state))).body) as { slotCalls: number };
    },
    async stop() {
      load.close();
      await gateway.end('SIGTERM');
      await upstream.stop();
      await database.stop();
    },
  };
}

async function addClinicians(url: string, keys: { id: string; key: Buffer }[]): Promise<void> {
  const encryption = createEncryption(keys);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const { name, email, apiKey } of CLINICIANS)
    await client.query(
      `INSERT INTO "User" ("id","role","name","email","calcomApiKey","updatedAt") VALUES (gen_random_uuid(), 'CLINICIAN', $1, $2, $3, now())`,
      [name, email, encryption.encrypt(apiKey, 'calcom-api-key')],
    );
  await client.end();
}

/** Event types are mirrored a moment after the start. */
async function firstEventType(load: Load, url: string): Promise<{ id: string; calcomId: number }> {
  for (;;) {
    const answer = await load.post(`${url}/graphql`, JSON.stringify({ query: '{ eventTypes { id slug } }' }));
    const { data } = JSON.parse(answer.body) as { data: { eventTypes: { id: string; slug: string }[] } };
    const found = data.eventTypes.find((one) => one.slug === 'video-consult');
    if (found !== undefined) return { id: found.id, calcomId: Number(Buffer.from(found.id, 'base64').toString().split(':')[1]) };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const QUERY = `query ($id: ID!, $from: DateTime!, $to: DateTime!) { slots(eventTypeId: $id, from: $from, to: $to) {
  __typename ... on SlotList { stale asOf nextFreeDay slots { startsAt endsAt localStart } }
} }`;

function ask(clinic: Clinic, day: Date) {
  const variables = { id: clinic.eventType.id, from: day, to: new Date(day.getTime() + DAY_MS) };
  return clinic.load.post(`${clinic.gatewayUrl}/graphql`, JSON.stringify({ query: QUERY, variables }));
}

interface Measured {
  ms: number;
  calls: number;
  /** CPU of the gateway per question; 0 for direct calls. */
  cpuMs: number;
}

async function atOnce(clinic: Clinic, rounds: number, delayMs: number): Promise<Row[]> {
  await clinic.tell({ delayMs });
  const direct = async (): Promise<Measured> => {
    const from = clinic.freshDay();
    const query = new URLSearchParams({
      eventTypeId: String(clinic.eventType.calcomId),
      start: new Date(from.getTime() - DAY_MS).toISOString(),
      end: new Date(from.getTime() + 15 * DAY_MS - 1).toISOString(),
    });
    const times: number[] = [];
    for (let call = 0; call < DIRECT_CALLS; call += 1)
      times.push((await clinic.load.get(`${clinic.upstreamUrl}/v2/slots?${query}`, { 'cal-api-version': '2024-09-04' })).ms);
    return { ms: quantile(times, 0.5), calls: DIRECT_CALLS, cpuMs: 0 };
  };
  const together = async (): Promise<Measured> => {
    const day = clinic.freshDay();
    const everybody = Array.from({ length: PEOPLE });
    await Promise.all(everybody.map(() => clinic.load.post(`${clinic.gatewayUrl}/graphql`, '{"query":"{ __typename }"}')));
    const before = { calls: (await clinic.tell({})).slotCalls, cpu: cpuMs(clinic.gatewayPid) };
    const answers = await Promise.all(everybody.map(() => ask(clinic, day)));
    const cpu = cpuMs(clinic.gatewayPid) - before.cpu;
    if (answers.some((answer) => !answer.body.includes('"stale":false')))
      throw new Error(`Not everybody was answered: ${answers[0]?.body}`);
    const times = answers.map((answer) => answer.ms);
    return { ms: quantile(times, 0.99), calls: (await clinic.tell({})).slotCalls - before.calls, cpuMs: cpu / PEOPLE };
  };
  const pairs = await pairedRounds(rounds, direct, together);
  const middle = (value: (pair: (typeof pairs)[number]) => number) => quantile(pairs.map(value), 0.5);
  const calls = Math.max(...pairs.map((pair) => pair.ours.calls));
  const what = `${PEOPLE} identical questions at once, upstream ${delayMs} ms`;
  return [
    {
      what,
      goal: '1 call; p99 ≤ 1.3 × upstream',
      base: ms(middle((pair) => pair.base.ms)),
      ours: `${calls} call${calls === 1 ? '' : 's'}, p99 ${ms(middle((pair) => pair.ours.ms))}`,
      ratio: spreadOf(pairs.map((pair) => pair.ours.ms / pair.base.ms)),
    },
    { what: '– CPU of the gateway per question', goal: '', base: '–', ours: ms(middle((pair) => pair.ours.cpuMs)), ratio: null },
  ];
}

async function whileAway(clinic: Clinic, mode: 'down' | 'silent'): Promise<Row[]> {
  await clinic.tell({ delayMs: 0, mode: 'up' });
  const days = Array.from({ length: 40 }, () => clinic.freshDay());
  // The client leaves a Cal.com that was away alone for some seconds.
  for (const day of days)
    while (!(await ask(clinic, day)).body.includes('"stale":false')) await new Promise((resolve) => setTimeout(resolve, 500));
  await new Promise((resolve) => setTimeout(resolve, FRESH_MS));
  await clinic.tell({ mode });
  const times: number[] = [];
  for (const day of days) {
    const answer = await ask(clinic, day);
    if (!answer.body.includes('"stale":true')) throw new Error(`No stale answer: ${answer.body.slice(0, 300)}`);
    times.push(answer.ms);
  }
  await clinic.tell({ mode: 'up' });
  const [first = 0, ...rest] = times;
  const how = mode === 'down' ? 'closes connections' : 'is silent';
  const waits = mode === 'down' ? '≤ 50 ms' : '≤ patience + 50 ms';
  return [
    { what: `Cal.com ${how}: the first stale answer`, goal: waits, base: '–', ours: ms(first), ratio: null },
    {
      what: `Cal.com ${how}: those after it`,
      goal: '≤ 50 ms',
      base: '–',
      ours: `p50 ${ms(quantile(rest, 0.5))}, p99 ${ms(quantile(rest, 0.99))}`,
      ratio: null,
    },
  ];
}
