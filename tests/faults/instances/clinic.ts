/** Two gateway processes as an operator runs them: one PostgreSQL, one Redis, one Cal.com (here in the test), a balancer before them. */
import { createSandbox, type Sandbox } from '../../../sandbox/sandbox.ts';
import { CLINICIANS } from '../../../sandbox/seeds/clinic.ts';
import { PATIENTS } from '../../../sandbox/seeds/patients.ts';
import { issueToken } from '../../../server/auth/issue-token.ts';
import type { Role } from '../../../server/auth/viewer.ts';
import { createEncryption } from '../../../server/database/encryption.ts';
import { freePort } from '../../../server/database/free-port.ts';
import { systemClock } from '../../../server/kernel/clock.ts';
import { userId, type UserId } from '../../../server/kernel/ids.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../../support/database.ts';
import { type GatewayProcess, startGatewayProcess, temporaryDataDir } from '../../support/gateway-process.ts';
import { type RedisServer, redisServer } from '../../support/redis.ts';
import { type Balancer, createBalancer } from './balancer.ts';

export type Which = 0 | 1;

export interface Person {
  id: UserId;
  role: Role;
  token: string;
}

export interface Clinic {
  cluster: TestCluster;
  database: TestDatabase;
  redis: RedisServer;
  sandbox: Sandbox;
  balancer: Balancer;
  /** Secret keys that sign the gateway's cursors. */
  dataKeys: Buffer[];
  people: Person[];
  url(which: Which): string;
  gateway(which: Which): GatewayProcess;
  /** At the address it had before. */
  startAgain(which: Which): Promise<void>;
  /** What its health says. */
  health(which: Which): Promise<{ live: { redis: string; streams: number } | null }>;
  close(): Promise<void>;
}

const JWT_SECRET = 'a secret of at least thirty-two bytes, for tests';
const WEBHOOK_SECRET = 'whsec-two-processes';
const KEY = Buffer.alloc(32, 7);

export async function openClinic(): Promise<Clinic> {
  const cluster = await createTestCluster();
  const database = await cluster.createDatabase();
  const redis = await redisServer();
  await redis.start();
  const ports = [await freePort(), await freePort()] as const;
  const url = (which: Which) => `http://127.0.0.1:${ports[which]}`;
  const balancer = createBalancer(url);
  const sandbox = createSandbox({
    seed: 'clinic',
    timetable: false,
    rateLimit: false,
    hours: { timeZone: 'UTC', startTime: '00:00', endTime: '24:00' },
    webhook: { url: 'http://gateway.test/api/calcom/webhooks', secret: WEBHOOK_SECRET },
    deliver: balancer.deliver,
  });
  const calcom = await sandbox.listen(0);
  const people = await addPeople(database);
  const untouched = temporaryDataDir();
  const start = (which: Which) =>
    startGatewayProcess(untouched.path, {
      PORT: String(ports[which]),
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
      CALCOM_API_URL: calcom.url,
      WEBHOOK_SECRET,
      AUTH_JWT_SECRET: JWT_SECRET,
      DATA_KEYS: `k1:${KEY.toString('base64')}`,
      CLINIC_TIME_ZONE: 'Europe/Amsterdam',
    });
  // One after the other: the first migrates and mirrors.
  const gateways = [await start(0), await start(1)];
  const gateway = (which: Which): GatewayProcess => {
    const running = gateways[which];
    if (running === undefined) throw new Error('There are two gateways.');
    return running;
  };

  return {
    cluster,
    database,
    redis,
    sandbox,
    balancer,
    dataKeys: [KEY],
    people,
    url,
    gateway,
    async startAgain(which) {
      gateways[which] = await start(which);
    },
    async health(which) {
      const response = await fetch(`${url(which)}/api/calcom/health`);
      return (await response.json()) as { live: { redis: string; streams: number } | null };
    },
    async close() {
      await Promise.all(gateways.map((running) => running.end('SIGKILL')));
      await sandbox.close();
      await redis.stop();
      await database.drop();
      await cluster.stop();
      await untouched.remove();
    },
  };
}

/** Cal.com's clinicians with their keys, the patients who book there, and a front desk. */
async function addPeople({ pool }: TestDatabase): Promise<Person[]> {
  const encryption = createEncryption([{ id: 'k1', key: KEY }]);
  const known = [
    ...CLINICIANS.map(({ name, email, apiKey }) => ({
      role: 'CLINICIAN' as const,
      name,
      email,
      key: encryption.encrypt(apiKey, 'calcom-api-key'),
    })),
    ...PATIENTS.map(({ name, email }) => ({ role: 'PATIENT' as const, name, email, key: null })),
    ...['One', 'Two', 'Three', 'Four'].map((name) => ({
      role: 'FRONT_DESK' as const,
      name: `Desk ${name}`,
      email: `desk-${name.toLowerCase()}@example.com`,
      key: null,
    })),
  ];
  return Promise.all(
    known.map(async ({ role, name, email, key }) => {
      const { rows } = await pool.query<{ id: string }>(
        `INSERT INTO "User" ("id","role","name","email","emailVerified","calcomApiKey","updatedAt")
         VALUES (gen_random_uuid(), $1::"Role", $2, $3, true, $4, now()) RETURNING "id"`,
        [role, name, email, key],
      );
      const id = userId(rows[0]?.id ?? '');
      const keys = { kind: 'secret' as const, secret: JWT_SECRET };
      const issued = await issueToken(
        { keys, issuer: null, audience: null, provisionPatients: false, tokenUrl: null },
        systemClock,
        id,
        60,
      );
      if (!issued.ok) throw new Error(issued.failure);
      return { id, role, token: issued.value.token };
    }),
  );
}
