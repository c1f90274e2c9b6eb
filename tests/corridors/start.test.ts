/** `npm start` on a fresh machine: from nothing to a board, again, and back to nothing. */
import { execFile, spawn } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from '../../server/database/directory-lock.ts';
import { findEmbedded } from '../../server/database/embedded.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const dataDir = temporaryDataDir();
let gateway: Awaited<ReturnType<typeof startGatewayProcess>>;

beforeAll(async () => {
  gateway = await startGatewayProcess(dataDir.path);
}, 120_000);
afterAll(async () => {
  if (isAlive(gateway.pid)) await gateway.end('SIGTERM');
  await dataDir.remove();
});

async function graphql<Data>(url: string, query: string, token?: string): Promise<Data> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-requested-with': 'test',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** The gateway's command line, on the same DATA_DIR. */
async function cli(...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir.path, PORT: '0' };
  return (await run(process.execPath, ['server/cli.ts', ...args], { cwd: root, env })).stdout.trim();
}

const adminToken = () => cli('token', '--email', 'joris.vanleeuwen@lindengracht.example');

interface Appointments {
  appointments: { totalCount: number };
}
const countAppointments = async (token: string) =>
  (await graphql<Appointments>(gateway.url, '{ appointments(first: 1) { totalCount } }', token)).appointments.totalCount;

async function appearance(file: string): Promise<void> {
  if (existsSync(file)) return;
  for await (const _event of watch(path.dirname(file))) if (existsSync(file)) return;
}

function sandboxPid(): number {
  return (JSON.parse(readFileSync(path.join(dataDir.path, 'sandbox.json'), 'utf8')) as { pid: number }).pid;
}

function postgresPid(): number {
  return Number(readFileSync(path.join(dataDir.path, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('a first start', () => {
  test('says where to go and who one can be', () => {
    expect(gateway.output()).toContain(`${gateway.url}/board`);
    expect(gateway.output()).toContain(`${gateway.url}/graphql`);
    expect(gateway.output()).toContain('Dr. Anna de Vries (clinician)');
  });

  test('is healthy', async () => {
    const response = await fetch(`${gateway.url}/api/calcom/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ok', problems: [] });
  });

  test('shows the start page', async () => {
    const response = await fetch(gateway.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(await response.text()).toContain('<div id="root">');
  });

  test('has a day full of appointments', async () => {
    expect(await countAppointments(await adminToken())).toBeGreaterThan(10);
  });

  test('keeps its secrets to itself', () => {
    expect(readFileSync(path.join(dataDir.path, 'sandbox-secrets.json'), 'utf8')).toContain('jwtSecret');
    expect(gateway.output()).not.toContain('eyJ');
    expect(gateway.output()).not.toContain('cal_sandbox');
  });

  test('a second gateway is refused the same folder, and told what to do', async () => {
    await expect(startGatewayProcess(dataDir.path)).rejects.toThrow(`is in use by process ${gateway.pid}. Stop it, or set DATA_DIR`);
    expect((await fetch(`${gateway.url}/api/calcom/health`)).status).toBe(200);
  });
});

describe('the command line beside a running gateway', () => {
  test('adds a person who can sign in', async () => {
    const added = JSON.parse(
      await cli('user', 'add', '--role', 'FRONT_DESK', '--email', 'New.Desk@clinic.example', '--name', 'New Desk', '--json'),
    ) as {
      id: string;
      nodeId: string;
    };
    expect(Buffer.from(added.nodeId, 'base64').toString()).toContain(added.id);
    const token = await cli('token', '--email', 'new.desk@clinic.example', '--minutes', '5');
    expect(await graphql(gateway.url, '{ viewer { role } }', token)).toEqual({ viewer: { role: 'FRONT_DESK' } });
  });

  test('finds nothing wrong, and nothing to reconcile', async () => {
    expect(await cli('doctor')).not.toContain('✘');
    expect(await cli('reconcile')).toMatch(/near\s+yes\s+\d+(\s+0){6}/);
  });
});

test('kill -9 in a burst of webhooks loses none that was answered, and leaves Cal.com running', async () => {
  const { webhookSecret } = JSON.parse(readFileSync(path.join(dataDir.path, 'sandbox-secrets.json'), 'utf8')) as { webhookSecret: string };
  const cal = sandboxPid();
  let answered = 0;
  const enough = Promise.withResolvers<void>();
  const send = async (): Promise<void> => {
    const body = JSON.stringify({ triggerEvent: 'PING_OF_THIS_TEST', createdAt: new Date().toISOString(), payload: { id: randomUUID() } });
    const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
    const response = await fetch(`${gateway.url}/api/calcom/webhooks`, {
      method: 'POST',
      headers: { 'x-cal-signature-256': signature },
      body,
    });
    if (response.status !== 200) return;
    answered += 1;
    if (answered === 150) enough.resolve();
  };
  const burst = Promise.allSettled(Array.from({ length: 600 }, send));
  await enough.promise;
  await gateway.end('SIGKILL');
  await burst;
  expect(answered).toBeGreaterThanOrEqual(150);
  expect(isAlive(cal)).toBe(true);

  gateway = await startGatewayProcess(dataDir.path);
  const client = new pg.Client({ connectionString: findEmbedded(dataDir.path) ?? '' });
  await client.connect();
  const { rows } = await client.query<{ stored: number }>(
    `SELECT count(*)::int AS stored FROM "CalcomWebhookEvent" WHERE "triggerEvent" = 'PING_OF_THIS_TEST'`,
  );
  await client.end();
  expect(rows[0]?.stored).toBeGreaterThanOrEqual(answered);
}, 120_000);

test('SIGTERM ends all of it, and the next start has the data', async () => {
  const before = await countAppointments(await adminToken());
  const pids = [sandboxPid(), postgresPid()];
  expect(pids.every(isAlive)).toBe(true);
  expect(await gateway.end('SIGTERM')).toBe(0);
  expect(pids.filter(isAlive)).toEqual([]);
  expect(existsSync(path.join(dataDir.path, 'gateway.pid'))).toBe(false);

  gateway = await startGatewayProcess(dataDir.path);
  expect(await countAppointments(await adminToken())).toBeGreaterThanOrEqual(before);
}, 120_000);

test('SIGTERM in the middle of a start leaves nothing behind either', async () => {
  await gateway.end('SIGTERM');
  const starting = spawn(process.execPath, ['server/main.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH, DATA_DIR: dataDir.path, PORT: '0' },
    stdio: 'ignore',
  });
  const code = new Promise((resolve) => starting.once('exit', resolve));
  // The lock is the first thing that a start writes.
  await appearance(path.join(dataDir.path, 'gateway.pid'));
  starting.kill('SIGTERM');
  expect(await code).toBe(0);
  expect(existsSync(path.join(dataDir.path, 'gateway.pid'))).toBe(false);
  expect(existsSync(path.join(dataDir.path, 'sandbox.json'))).toBe(false);
  expect(existsSync(path.join(dataDir.path, 'postgres/postmaster.pid'))).toBe(false);
}, 60_000);

test('a busy port is a sentence', async () => {
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(startGatewayProcess(dataDir.path, { PORT: String(port) })).rejects.toThrow(
    `Port ${port} is in use. Stop what listens there`,
  );
  other.close();
});

test('everything that is wrong with a configuration is said at once', async () => {
  const wrong = { DATABASE_URL: 'mysql://x', PORT: 'x', NODE_ENV: 'production' };
  const start = startGatewayProcess(dataDir.path, wrong);
  await expect(start).rejects.toThrow(/PORT must be[\s\S]*DATABASE_URL must be|DATABASE_URL must be[\s\S]*PORT must be/);
  await expect(start).rejects.toThrow('WEBHOOK_SECRET is missing');
});

describe('with a PostgreSQL and a Cal.com of one’s own', () => {
  const env: Record<string, string> = {
    CALCOM_API_URL: 'http://127.0.0.1:9',
    WEBHOOK_SECRET: 'a secret of this test only',
    AUTH_JWT_SECRET: randomBytes(32).toString('hex'),
    DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  };
  let database: TestDatabase;
  const untouched = path.join(dataDir.path, 'untouched');
  let real: Awaited<ReturnType<typeof startGatewayProcess>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    env.DATABASE_URL = database.url;
    real = await startGatewayProcess(untouched, env);
  }, 60_000);
  afterAll(async () => {
    await real.end('SIGTERM');
    await database.drop();
  });

  test('those are used, nothing is seeded and nothing is kept here', async () => {
    expect(await database.prisma.user.count()).toBe(0);
    expect(await database.prisma.gatewayInstance.findMany()).toMatchObject([{ madeFor: 'http://127.0.0.1:9' }]);
    expect(existsSync(untouched)).toBe(false);
    expect((await fetch(`${real.url}/sandbox/state`)).headers.get('content-type')).toContain('text/html');
    expect(await graphql(real.url, '{ demoPersonas { id } }')).toEqual({ demoPersonas: [] });
  });

  test('a Cal.com that is away keeps nobody from the board; health says so', async () => {
    expect(await (await fetch(`${real.url}/api/calcom/health`)).json()).toMatchObject({
      status: 'degraded',
      problems: ['Cal.com does not answer.'],
    });
  });

  test('the first person is added and signs in', async () => {
    const options = { cwd: root, env: { PATH: process.env.PATH, ...env } };
    const command = ['server/cli.ts', 'user', 'add', '--role', 'ADMIN', '--email', 'first@clinic.example', '--name', 'First', '--json'];
    expect(JSON.parse((await run(process.execPath, command, options)).stdout)).toEqual({
      id: expect.any(String),
      nodeId: expect.any(String),
    });
    const { stdout } = await run(process.execPath, ['server/cli.ts', 'token', '--email', 'First@clinic.example'], options);
    expect(await graphql(real.url, '{ viewer { role } }', stdout.trim())).toEqual({ viewer: { role: 'ADMIN' } });
  });

  test('another Cal.com is refused the same database', async () => {
    const other = startGatewayProcess(untouched, { ...env, CALCOM_API_URL: 'http://127.0.0.1:10' });
    await expect(other).rejects.toThrow('This database was made for http://127.0.0.1:9');
  });
});
