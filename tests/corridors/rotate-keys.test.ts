/** Data keys are changed while the gateway runs; the change may be broken off and begun again. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encryptedColumns } from '../../server/database/encrypted-columns.ts';
import { createEncryption, type Encryption } from '../../server/database/encryption.ts';
import { rotateKeys, type RotationProgress } from '../../server/database/rotate-keys.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const k1 = { id: 'k1', key: randomBytes(32) };
const k2 = { id: 'k2', key: randomBytes(32) };
const lost = { id: 'lost', key: randomBytes(32) };
const before = createEncryption([k1]);
const between = createEncryption([k2, k1]);
const after = createEncryption([k2]);

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const clinicians = Array.from({ length: 20 }, (_, number) => ({
    role: 'CLINICIAN' as const,
    name: `Dr. ${number}`,
    calcomApiKey: before.encrypt(`key ${number}`, 'calcom-api-key'),
    calcomAccessToken: before.encrypt(`access ${number}`, 'calcom-token'),
    calcomRefreshToken: before.encrypt(`refresh ${number}`, 'calcom-token'),
  }));
  await database.prisma.user.createMany({ data: clinicians });
  await database.prisma.user.create({ data: { role: 'PATIENT', name: 'Without anything' } });
  const [clinician] = await database.prisma.user.findMany({ where: { role: 'CLINICIAN' }, take: 1 });
  await database.prisma.calcomWebhookEvent.createMany({
    data: Array.from({ length: 30 }, (_, number) => ({
      bodySha256: createHash('sha256').update(String(number)).digest('hex'),
      bodyLength: 10,
      payload: number === 0 ? null : before.encrypt(`payload ${number}`, 'webhook-payload'),
    })),
  });
  await database.prisma.calcomConnectionAttempt.create({
    data: {
      stateHash: 'a',
      nonceHash: 'b',
      clinicianId: clinician?.id ?? '',
      startedById: clinician?.id ?? '',
      verifier: before.encrypt('verifier', 'pkce-verifier'),
      redirectUrl: 'http://127.0.0.1/',
      requestId: 'r',
      expiresAt: new Date(),
    },
  });
});
afterAll(() => database.drop());

const TOTAL = 20 * 3 + 29 + 1;

/** Every value in the clear, as these keys read it; throws when one cannot be read. */
async function readWith(encryption: Encryption): Promise<string[]> {
  const texts: string[] = [];
  for (const { table, column, purpose } of encryptedColumns) {
    const { rows } = await database.pool.query<{ value: string }>(
      `SELECT "${column}" AS value FROM "${table}" WHERE "${column}" IS NOT NULL`,
    );
    texts.push(...rows.map(({ value }) => encryption.decrypt(value, purpose)));
  }
  return texts.toSorted();
}

const rotate = (more: Partial<Parameters<typeof rotateKeys>[0]> = {}) =>
  rotateKeys({ pool: database.pool, encryption: between, keyId: 'k2', step: 7, ...more });

test('every column that is made by encryption is known', async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name ~ '(ApiKey|Token|verifier|payload|[sS]ecret)$' AND data_type = 'text'`,
  );
  expect(encryptedColumns.map(({ table, column }) => `${table}.${column}`)).toEqual(expect.arrayContaining(rows.map(({ name }) => name)));
});

test('broken off in the middle, everything is readable with both keys, and the rest is done the next time', async () => {
  const plain = await readWith(before);
  const stop = new AbortController();
  const seen: RotationProgress[] = [];
  await expect(
    rotate({
      signal: stop.signal,
      onProgress(progress) {
        seen.push(progress);
        if (progress.seen >= 40) stop.abort(new Error('Ctrl-C'));
      },
    }),
  ).rejects.toThrow('Ctrl-C');
  expect(seen[0]).toEqual({ total: TOTAL, seen: 0 });
  expect(await readWith(between)).toEqual(plain);
  await expect(readWith(before)).rejects.toThrow('k2');
  await expect(readWith(after)).rejects.toThrow('k1');

  const again: RotationProgress[] = [];
  const report = await rotate({ onProgress: (progress) => again.push(progress) });
  expect(again[0]?.total).toBe(TOTAL - (seen.at(-1)?.seen ?? 0));
  expect(again.at(-1)).toEqual({ total: report.rotated, seen: report.rotated });
  expect(report.unreadable).toEqual([]);
  expect(await readWith(after)).toEqual(plain);
  expect(await rotate()).toEqual({ rotated: 0, unreadable: [] });
});

test('two at once do not undo each other', async () => {
  const k3 = { id: 'k3', key: randomBytes(32) };
  const plain = await readWith(after);
  const options = { encryption: createEncryption([k3, k2]), keyId: 'k3' };
  const reports = await Promise.all([rotate(options), rotate(options)]);
  expect(reports.reduce((sum, { rotated }) => sum + rotated, 0)).toBe(TOTAL);
  expect(await readWith(createEncryption([k3]))).toEqual(plain);
  await rotate({ encryption: createEncryption([k2, k3]) });
});

test('a token that is renewed during the rotation is not put back', async () => {
  const k4 = { id: 'k4', key: randomBytes(32) };
  const renewed = createEncryption([k4]).encrypt('renewed', 'calcom-token');
  const { rows } = await database.pool.query<{ id: string }>(`SELECT "id" FROM "User" WHERE "calcomAccessToken" IS NOT NULL LIMIT 1`);
  const meddling = createEncryption([k4, k2]);
  let meddled = false;
  await rotate({
    keyId: 'k4',
    encryption: meddling,
    pool: {
      query: (async (text: string, values: unknown[]) => {
        if (!meddled && text.startsWith('UPDATE "User" t SET "calcomAccessToken"')) {
          meddled = true;
          await database.pool.query(`UPDATE "User" SET "calcomAccessToken" = $2 WHERE "id" = $1`, [rows[0]?.id, renewed]);
        }
        return await database.pool.query(text, values);
      }) as typeof database.pool.query,
    },
    step: 1000,
  });
  expect(await readWith(createEncryption([k4]))).toContain('renewed');
  await rotate({ encryption: createEncryption([k2, k4]) });
});

test('what no key can read is counted and left alone', async () => {
  await database.prisma.user.create({
    data: { role: 'CLINICIAN', name: 'Dr. Lost', calcomApiKey: createEncryption([lost]).encrypt('x', 'calcom-api-key') },
  });
  expect(await rotate()).toEqual({ rotated: 0, unreadable: [{ column: 'User.calcomApiKey', count: 1 }] });
});

describe('at the shell', () => {
  const VALUES = 5_000;
  const [old, fresh] = [
    { id: 'old', key: randomBytes(32) },
    { id: 'fresh', key: randomBytes(32) },
  ];
  const both = createEncryption([fresh, old]);
  let shop: TestDatabase;
  beforeAll(async () => {
    shop = await createTestDatabase();
    const encryption = createEncryption([old]);
    await shop.prisma.calcomWebhookEvent.createMany({
      data: Array.from({ length: VALUES }, (_, number) => ({
        bodySha256: createHash('sha256').update(`shell ${number}`).digest('hex'),
        bodyLength: 10,
        payload: encryption.encrypt(`payload ${number}`, 'webhook-payload'),
      })),
    });
  });
  afterAll(() => shop.drop());

  function rotateKeysAtShell() {
    const dataKeys = [fresh, old].map(({ id, key }) => `${id}:${key.toString('base64')}`).join(',');
    return spawn(process.execPath, ['server/cli.ts', 'rotate-keys'], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        DATABASE_URL: shop.url,
        CALCOM_API_URL: 'http://127.0.0.1:9',
        WEBHOOK_SECRET: 'whsec-of-the-test',
        AUTH_JWT_SECRET: 'a secret of at least thirty-two bytes, for tests',
        DATA_KEYS: dataKeys,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
  const ended = (child: ReturnType<typeof rotateKeysAtShell>) =>
    new Promise<{ code: number | null; signal: string | null }>((resolve) =>
      child.once('close', (code, signal) => resolve({ code, signal })),
    );
  async function payloads(): Promise<string[]> {
    const { rows } = await shop.pool.query<{ payload: string }>(`SELECT "payload" FROM "CalcomWebhookEvent"`);
    return rows.map(({ payload }) => payload);
  }

  test('a process that is killed in the middle has lost nothing, and the next one ends the work', { timeout: 120_000 }, async () => {
    // A row in the middle is held, so that the process cannot get to the end before it is killed.
    const holder = await shop.pool.connect();
    await holder.query('BEGIN');
    await holder.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await holder.query(
      `SELECT 1 FROM "CalcomWebhookEvent" WHERE "id" = (SELECT "id" FROM "CalcomWebhookEvent" ORDER BY "id" OFFSET ${VALUES / 2} LIMIT 1) FOR UPDATE`,
    );
    const killed = rotateKeysAtShell();
    let told = '';
    killed.stderr.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.includes('1000 of')) killed.kill('SIGKILL');
    });
    expect(await ended(killed)).toEqual({ code: null, signal: 'SIGKILL' });
    await holder.query('ROLLBACK');
    holder.release();
    const half = await payloads();
    const done = half.filter((payload) => payload.startsWith('fresh:')).length;
    expect(done).toBeGreaterThanOrEqual(1_000);
    expect(done).toBeLessThan(VALUES);
    expect(new Set(half.map((payload) => both.decrypt(payload, 'webhook-payload'))).size).toBe(VALUES);

    const next = rotateKeysAtShell();
    const said = text(next.stdout);
    expect(await ended(next)).toEqual({ code: 0, signal: null });
    expect(await said).toMatch(/^[1-9]\d* values encrypted again with the key "fresh"\./);
    const whole = await payloads();
    expect(new Set(whole.map((payload) => createEncryption([fresh]).decrypt(payload, 'webhook-payload'))).size).toBe(VALUES);
  });
});
