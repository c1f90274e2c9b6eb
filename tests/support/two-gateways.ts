/** Two instances of one gateway, as an operator would run them: one PostgreSQL, one Cal.com, each with its own port. */
import type pg from 'pg';
import { createSandbox, type Delivery, type Sandbox } from '../../sandbox/sandbox.ts';
import { CLINICIANS } from '../../sandbox/seeds/clinic.ts';
import { issueToken } from '../../server/auth/issue-token.ts';
import { parseConfig } from '../../server/config.ts';
import { createEncryption, type Encryption } from '../../server/database/encryption.ts';
import { createGateway, type Gateway } from '../../server/gateway.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { type UserId, userId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { startSurroundings } from '../../server/start/surroundings.ts';
import { createTestDatabase } from './database.ts';

export type Both = 0 | 1;

export interface TwoGateways {
  pool: pg.Pool;
  sandbox: Sandbox;
  gateways: [Gateway, Gateway];
  /** Of GraphQL at one of them. */
  url(which: Both): string;
  addPatients(count: number): Promise<{ id: UserId; token: string }[]>;
  /** The data of a request to one of them, which must not have errors. */
  ask<Data>(which: Both, token: string | null, query: string, variables?: Record<string, unknown>): Promise<Data>;
  /** Stops one of them and starts it anew. */
  restart(which: Both): Promise<void>;
  close(): Promise<void>;
}

export async function startTwoGateways(env: Record<string, string> = {}): Promise<TwoGateways> {
  const database = await createTestDatabase();
  const urls: [string, string] = ['', ''];
  const sandbox = createSandbox({
    seed: 'clinic',
    timetable: false,
    rateLimit: false,
    webhook: { url: 'http://gateway.test/api/calcom/webhooks', secret: 'whsec-two-gateways' },
    deliver: (delivery) => deliverTo(urls[0], delivery),
  });
  const listening = await sandbox.listen(0);
  const read = parseConfig(
    {
      DATABASE_URL: database.url,
      CALCOM_API_URL: listening.url,
      WEBHOOK_SECRET: 'whsec-two-gateways',
      AUTH_JWT_SECRET: 'a secret of at least thirty-two bytes, for tests',
      DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      CLINIC_TIME_ZONE: 'Europe/Amsterdam',
      PORT: '0',
      ...env,
    },
    null,
    (path) => path,
  );
  if (!read.ok) throw new Error(read.failure.join('\n'));
  const { config } = await startSurroundings(read.value, () => {});
  await addClinicians(database.pool, createEncryption(config.dataKeys));

  const gateways: [Gateway, Gateway] = [newGateway(), newGateway()];
  urls[0] = (await gateways[0].start()).url;
  urls[1] = (await gateways[1].start()).url;
  await gateways[0].core().mirror();

  function newGateway(): Gateway {
    return createGateway(config, { jobs: false, log: silentLog });
  }

  return {
    pool: database.pool,
    sandbox,
    gateways,
    url: (which) => `${urls[which]}/graphql`,
    async addPatients(count) {
      const added = await database.pool.query<{ id: string }>(
        `INSERT INTO "User" ("id","role","name","email","emailVerified","updatedAt")
         SELECT gen_random_uuid(), 'PATIENT', 'Patient ' || n, 'patient-' || n || '@example.com', true, now() FROM generate_series(1, $1) n RETURNING "id"`,
        [count],
      );
      return Promise.all(
        added.rows.map(async ({ id }) => {
          const issued = await issueToken(config.auth, systemClock, userId(id), 60);
          if (!issued.ok) throw new Error(issued.failure);
          return { id: userId(id), token: issued.value.token };
        }),
      );
    },
    async ask<Data>(which: Both, token: string | null, query: string, variables: Record<string, unknown> = {}) {
      const response = await fetch(`${urls[which]}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables }),
      });
      const body = (await response.json()) as { data?: Data | null; errors?: unknown };
      if (body.errors !== undefined || body.data == null) throw new Error(JSON.stringify(body.errors));
      return body.data;
    },
    async restart(which) {
      await gateways[which].stop();
      gateways[which] = newGateway();
      urls[which] = (await gateways[which].start()).url;
    },
    async close() {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      await sandbox.close();
      await database.drop();
    },
  };
}

async function deliverTo(url: string, { body, headers }: Delivery): Promise<number> {
  if (url === '') return 503;
  return (await fetch(`${url}/api/calcom/webhooks`, { method: 'POST', headers, body })).status;
}

async function addClinicians(pool: pg.Pool, encryption: Encryption): Promise<void> {
  for (const { name, email, apiKey } of CLINICIANS)
    await pool.query(
      `INSERT INTO "User" ("id","role","name","email","calcomApiKey","updatedAt") VALUES (gen_random_uuid(), 'CLINICIAN', $1, $2, $3, now())`,
      [name, email, encryption.encrypt(apiKey, 'calcom-api-key')],
    );
}
