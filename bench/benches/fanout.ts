/** Live fan-out: one change to many dashboards, against the cheapest server that could do it. */
import { spawn } from 'node:child_process';
import net from 'node:net';
import { SignJWT } from 'jose';
import pg from 'pg';
import { WebSocket } from 'ws';
import { silentLog } from '../../server/kernel/log.ts';
import { createBell } from '../../server/live/bell.ts';
import { startGatewayProcess } from '../../tests/support/gateway-process.ts';
import { type Bench, quantile, type Row, spreadOf } from '../bench.ts';
import { cpuMs, startChild } from '../child.ts';
import { pairedRounds } from '../paired-rounds.ts';
import { startPostgres } from '../postgres.ts';

const CHANGES = 40;
const SECRET = 'a secret of at least thirty-two bytes, for benchmarks';
const CLINICIAN = '00000000-0000-7000-8000-0000000000c1';
const DESK = '00000000-0000-7000-8000-0000000000d1';
const VISIT = '00000000-0000-7000-8000-0000000000a1';

const QUERY = `subscription Board($filter: AppointmentLiveFilter, $since: Cursor) {
  appointmentUpdated(filter: $filter, since: $since) {
    kind cursor appointmentId version changedFields
    trace { receivedAt recordedAt appliedAt publishedAt }
    appointment { id version startsAt endsAt durationMinutes timeZone status careState consultationType reason hasConflict
      clinician { id name } patient { id name } eventType { id title } participants { name careState } }
  }
}`;

/** Subscribers by how many share an execution. */
const SHAPES = [
  { subscribers: 1000, groups: 1, goal: '≤ 1.3 × raw' },
  { subscribers: 1000, groups: 10, goal: '≤ 1.5 × raw (groups of 100)' },
  { subscribers: 1000, groups: 100, goal: '≤ 2 × raw (groups of 10)' },
  { subscribers: 1000, groups: 1000, goal: '≤ 3.5 × raw (groups of 1)' },
];

export const bench: Bench = {
  name: 'fanout',
  title: 'Live fan-out',
  method: `
CPU of the server process per delivery: ${CHANGES} changes, one after the other, to every subscriber. *Base*: \`ws\` writing one prebuilt
frame of the same size to each socket. *Ours*: the gateway (\`server/main.ts\`) with its PostgreSQL, from the change log to the socket; what
it costs to read the log and the appointment is in it. Server, database, Redis (the bell) and subscribers are processes of their own.`,

  async run({ rounds, say }) {
    const database = await startPostgres();
    const redis = await startRedis();
    try {
      await seed(database.url);
      const rows: Row[] = [];
      for (const shape of SHAPES) {
        say(`${shape.subscribers} subscribers in ${shape.groups} groups …`);
        rows.push(await measure(database.url, redis.url, rounds, shape));
      }
      return rows;
    } finally {
      redis.stop();
      await database.stop();
    }
  },
};

async function measure(
  databaseUrl: string,
  redisUrl: string,
  rounds: number,
  { subscribers, groups, goal }: (typeof SHAPES)[number],
): Promise<Row> {
  const raw = await startChild('raw-socket.ts', {});
  const gateway = await startGatewayProcess('/nonexistent', {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    CALCOM_API_URL: 'http://127.0.0.1:9',
    WEBHOOK_SECRET: 'whsec-bench',
    AUTH_JWT_SECRET: SECRET,
    DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    LOG_LEVEL: 'error',
  });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const bell = createBell({ redisUrl, log: silentLog });
  try {
    const token = await new SignJWT({ sub: DESK })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('2h')
      .sign(new TextEncoder().encode(SECRET));
    const ours = await connect(`${gateway.url.replace('http', 'ws')}/graphql`, subscribers, (index) => ({
      token,
      // Another filter that lets everything through: another group.
      variables: { filter: { startsBefore: new Date(Date.UTC(2100, 0, 1) + (index % groups) * 1000).toISOString() } },
    }));
    const base = await connect(raw.url.replace('http', 'ws'), subscribers, () => null);
    const pairs = await pairedRounds(
      rounds,
      () => deliver(base, raw.pid, () => fetch(`${raw.url}/publish`, { method: 'POST', body: ours.last() }).then(() => {})),
      () =>
        deliver(ours, gateway.pid, async () => {
          await change(pool);
          bell.ring();
        }),
    );
    ours.close();
    base.close();
    const us = (value: number) => `${((value * 1000) / (CHANGES * subscribers)).toFixed(1)} µs`;
    return {
      what: `${subscribers} subscribers, ${groups} ${groups === 1 ? 'group' : 'groups'}, CPU per delivery`,
      goal,
      base: us(
        quantile(
          pairs.map((pair) => pair.base),
          0.5,
        ),
      ),
      ours: us(
        quantile(
          pairs.map((pair) => pair.ours),
          0.5,
        ),
      ),
      ratio: spreadOf(pairs.map((pair) => pair.ours / pair.base)),
    };
  } finally {
    bell.stop();
    await pool.end();
    await gateway.end('SIGTERM');
    await raw.stop();
  }
}

interface Crowd {
  /** Resolves when every subscriber has got `count` more results. */
  heard(count: number): Promise<void>;
  /** The text of the newest frame. */
  last(): string;
  close(): void;
}

async function connect(
  url: string,
  subscribers: number,
  who: (index: number) => { token: string; variables: unknown } | null,
): Promise<Crowd> {
  let results = 0;
  let waiting: { until: number; resolve: () => void } | null = null;
  let last = `{"id":"1","type":"next","payload":{}}`;
  const sockets: WebSocket[] = [];
  let begun = 0;
  const ready = new Promise<void>((resolve) => {
    for (let index = 0; index < subscribers; index += 1) {
      const person = who(index);
      const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
      sockets.push(socket);
      socket.on('open', () =>
        socket.send(
          JSON.stringify({ type: 'connection_init', payload: person === null ? {} : { authorization: `Bearer ${person.token}` } }),
        ),
      );
      let first = true;
      socket.on('message', (data: Buffer) => {
        const text = data.toString();
        if (text.includes('connection_ack')) {
          if (person === null) begun += 1;
          else socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY, variables: person.variables } }));
          if (begun === subscribers) resolve();
        } else if (text.includes('"POSITION"')) {
          if (first) begun += 1;
          first = false;
          if (begun === subscribers) resolve();
        } else {
          results += 1;
          last = text;
          if (waiting !== null && results >= waiting.until) waiting.resolve();
        }
      });
    }
  });
  await ready;
  let expected = 0;
  return {
    heard(count) {
      expected += count * subscribers;
      if (results >= expected) return Promise.resolve();
      return new Promise((resolve) => {
        waiting = { until: expected, resolve };
      });
    },
    last: () => last,
    close: () => sockets.forEach((socket) => socket.terminate()),
  };
}

async function deliver(crowd: Crowd, pid: number, publish: () => Promise<void>): Promise<number> {
  const before = cpuMs(pid);
  for (let change = 0; change < CHANGES; change += 1) {
    const heard = crowd.heard(1);
    await publish();
    await heard;
  }
  return cpuMs(pid) - before;
}

async function startRedis(): Promise<{ url: string; stop(): void }> {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', () => reject(new Error('This benchmark rings the bell over Redis: install redis-server.')));
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Ready to accept')) resolve();
    });
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => void child.kill() };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function seed(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    `INSERT INTO "User" ("id","role","name","email","updatedAt") VALUES ('${CLINICIAN}','CLINICIAN','Dr. Amara Osei','amara@example.com',now()), ('${DESK}','FRONT_DESK','Desk','desk@example.com',now())`,
  );
  await client.query(
    `INSERT INTO "Appointment" ("id","calcomBookingUid","startsAt","endsAt","timeZone","status","careState","consultationType","title","clinicianId","reason")
     VALUES ('${VISIT}','uid-bench',now(),now() + interval '30 minutes','Europe/Amsterdam','CONFIRMED','EXPECTED','VIDEO','Video consultation','${CLINICIAN}','Follow-up on blood pressure readings')`,
  );
  await client.query(
    `INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer") VALUES ('${VISIT}',0,'${CLINICIAN}','Dr. Amara Osei',true)`,
  );
  await client.query(
    `INSERT INTO "AppointmentParticipant" ("id","appointmentId","name","timeZone","careState") VALUES (gen_random_uuid(),'${VISIT}','Jonah Reyes','Europe/Amsterdam','EXPECTED')`,
  );
  await client.end();
}

/** The next version of the one appointment, as the write door makes it. */
async function change(pool: pg.Pool): Promise<void> {
  const snapshot = JSON.stringify({
    startsAt: Date.now(),
    endsAt: Date.now() + 1_800_000,
    status: 'CONFIRMED',
    careStates: ['EXPECTED'],
    clinicianId: CLINICIAN,
    hostIds: [CLINICIAN],
    patientIds: [],
    eventTypeId: null,
    hasConflict: false,
  });
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`UPDATE "Appointment" SET "version" = "version" + 1 WHERE "id" = '${VISIT}'`);
    await client.query(
      `INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","before","after","cause","bookingUid")
       SELECT "id","version",'UPDATED','{location}',$1,$1,'WEBHOOK','uid-bench' FROM "Appointment" WHERE "id" = '${VISIT}'`,
      [snapshot],
    );
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
