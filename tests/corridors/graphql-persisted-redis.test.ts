/** Operations by hash at two gateways that share a real Redis, which also hangs, dies and comes back empty. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRedis, type RedisServer, redisServer } from '../support/redis.ts';
import { type Both, startTwoGateways, type TwoGateways } from '../support/two-gateways.ts';

if (!hasRedis) console.info('Skipped: documents shared over Redis, because there is no redis-server on this machine.');

const ANSWER = { status: 200, data: { clinic: { timeZone: 'Europe/Amsterdam' } } };
const UNKNOWN = { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] };

interface Named {
  query: string;
  extensions: { persistedQuery: { version: 1; sha256Hash: string } };
}

let documents = 0;

/** One that nobody has sent before. */
function newDocument(): Named {
  documents += 1;
  const query = `query Number${documents} { clinic { timeZone } }`;
  return { query, extensions: { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } } };
}

describe.skipIf(!hasRedis)('a document that was left at one gateway', () => {
  let redis: RedisServer;
  let both: TwoGateways;
  beforeAll(async () => {
    redis = await redisServer();
    await redis.start();
    both = await startTwoGateways({ REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await both.close();
    await redis.stop();
  });

  async function post(which: Both, body: Partial<Named>): Promise<Record<string, unknown>> {
    const response = await fetch(both.url(which), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }

  const leave = (which: Both, document: Named) => post(which, document);
  const name = (which: Both, { extensions }: Named) => post(which, { extensions });

  /** A question to a busy Redis may be given up, so other documents are tried until one is known. */
  async function knownAtOther(): Promise<Named> {
    let document = newDocument();
    const left: unknown[] = [];
    await expect
      .poll(
        async () => {
          document = newDocument();
          left.push(await leave(0, document));
          return name(1, document);
        },
        { timeout: 25_000 },
      )
      .toEqual(ANSWER);
    for (const answer of left) expect(answer).toEqual(ANSWER);
    return document;
  }

  /** As a client does it: by hash; with the text when it is not known; from then on by hash. */
  async function workAlone(): Promise<void> {
    for (const which of [0, 1] as const) {
      const document = newDocument();
      expect(await name(which, document)).toMatchObject(UNKNOWN);
      expect(await leave(which, document)).toEqual(ANSWER);
      for (let time = 0; time < 4; time += 1) expect(await name(which, document)).toEqual(ANSWER);
    }
  }

  test('is known at the other, which then needs Redis for it no more', async () => {
    const document = await knownAtOther();
    await redis.stop();
    for (let time = 0; time < 4; time += 1) expect(await name(1, document)).toEqual(ANSWER);
  });

  test('is known there while Redis is away, and at the other after it was sent once more', async () => {
    await redis.stop();
    await workAlone();
    const document = newDocument();
    expect(await leave(0, document)).toEqual(ANSWER);
    expect(await name(1, document)).toMatchObject(UNKNOWN);
    expect(await leave(1, document)).toEqual(ANSWER);
    expect(await name(1, document)).toEqual(ANSWER);
  });

  test('is known at the other again when Redis is back, though it has forgotten everything', async () => {
    await redis.stop();
    await redis.start();
    await knownAtOther();
  });

  test('is known there while Redis hangs', async () => {
    await redis.stop();
    await redis.start();
    await knownAtOther();
    redis.hang();
    await workAlone();
    await redis.stop();
    await workAlone();
  });
});
