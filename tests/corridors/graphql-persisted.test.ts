/** Operations by hash, and strict mode, through the door: HTTP and WebSocket. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InMemoryCache } from '@apollo/client';
import { print } from '@apollo/client/utilities';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { anyOperations, onlyOperations, type SharedDocuments } from '../../server/graphql/persisted-operations.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { createGraphqlClinic, type GraphqlClinic, MEDIA_TYPE } from './graphql-clinic.ts';

const OPERATIONS = JSON.parse(readFileSync(new URL('../../client/generated/operations.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const byHash = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
const operation = (name: string) => Object.values(OPERATIONS).find((text) => new RegExp(`^\\w+ ${name}\\b`).test(text)) ?? '';

interface Body {
  data?: unknown;
  errors?: { message: string; extensions: { code: string } }[];
}

async function post(clinic: GraphqlClinic, as: UserId, body: Record<string, unknown>): Promise<Body & { status: number }> {
  const response = await fetch(clinic.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: MEDIA_TYPE, authorization: `Bearer ${await clinic.tokenOf(as)}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as Body) };
}

/** The first result of a subscription, or its errors. */
async function first(
  clinic: GraphqlClinic,
  as: UserId,
  payload: { query: string; extensions?: Record<string, unknown> },
): Promise<unknown> {
  const client = createClient({
    url: clinic.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${await clinic.tokenOf(as)}` },
  });
  try {
    return (await client.iterate(payload).next()).value;
  } catch (errors) {
    return { errors };
  } finally {
    await client.dispose();
  }
}

const WATCH = 'subscription { appointmentUpdated { kind } }';
const POSITION = { data: { appointmentUpdated: { kind: 'POSITION' } } };

describe('a document that is named by its hash', () => {
  let clinic: GraphqlClinic;
  let desk: UserId;
  beforeAll(async () => {
    clinic = await createGraphqlClinic();
    desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  });
  afterAll(() => clinic.close());

  test('is answered once it was sent with it, again and again', async () => {
    const query = '{ clinic { name } }';
    const unknown = await post(clinic, desk, byHash(hashOf(query)));
    expect(unknown).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
    const answer = { status: 200, data: { clinic: { name: 'Test Clinic' } } };
    expect(await post(clinic, desk, { query, ...byHash(hashOf(query)) })).toEqual(answer);
    for (let time = 0; time < 4; time += 1) expect(await post(clinic, desk, byHash(hashOf(query)))).toEqual(answer);
  });

  test('must have that hash', async () => {
    const query = '{ clinic { timeZone } }';
    for (const wrong of [hashOf('{ viewer { role } }'), hashOf('{ clinic { name } }')]) {
      const refused = await post(clinic, desk, { query, ...byHash(wrong) });
      expect(refused).toMatchObject({
        status: 400,
        errors: [{ message: expect.stringContaining('SHA-256'), extensions: { code: 'BAD_REQUEST' } }],
      });
    }
    expect(await post(clinic, desk, byHash(hashOf('{ viewer { role } }')))).toMatchObject({
      errors: [{ message: 'PersistedQueryNotFound' }],
    });
  });

  test('is checked like any other', async () => {
    const query = '{ clinic { shoeSize } }';
    for (let time = 0; time < 2; time += 1)
      expect(await post(clinic, desk, { query, ...byHash(hashOf(query)) })).toMatchObject({
        status: 400,
        errors: [{ message: /shoeSize/ }],
      });
  });

  test('may be a subscription over a socket', async () => {
    const named = byHash(hashOf(WATCH));
    expect(await first(clinic, desk, { query: '', ...named })).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] });
    expect(await first(clinic, desk, { query: WATCH, ...named })).toMatchObject(POSITION);
    expect(await first(clinic, desk, { query: '', ...named })).toMatchObject(POSITION);
  });
});

describe('instances that share what was left', () => {
  const text = '{ clinic { name } }';

  function sharedBy(kept: Map<string, string>): SharedDocuments {
    return { read: (hash) => Promise.resolve(kept.get(hash) ?? null), write: (hash, value) => void kept.set(hash, value) };
  }

  test('know what another was sent', async () => {
    const shared = sharedBy(new Map());
    const [one, other] = [anyOperations(shared), anyOperations(shared)];
    await expect(other.textOf(byHash(hashOf(text)))).rejects.toThrow('PersistedQueryNotFound');
    expect(await one.textOf({ query: text, ...byHash(hashOf(text)) })).toBe(text);
    expect(await other.textOf(byHash(hashOf(text)))).toBe(text);
    expect(other.known(hashOf(text))).toBe(text);
  });

  test('do not believe a text that has another hash', async () => {
    const instance = anyOperations(sharedBy(new Map([[hashOf(text), '{ viewer { role } }']])));
    await expect(instance.textOf(byHash(hashOf(text)))).rejects.toThrow('PersistedQueryNotFound');
  });
});

describe("where only the client's own operations are answered", () => {
  let clinic: GraphqlClinic;
  let desk: UserId;
  beforeAll(async () => {
    clinic = await createGraphqlClinic({ persisted: onlyOperations(OPERATIONS) });
    desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  });
  afterAll(() => clinic.close());

  const refusal = { errors: [{ message: expect.stringContaining('PERSISTED_OPERATIONS'), extensions: { code: 'OPERATION_NOT_ALLOWED' } }] };

  test('each of them is, as Apollo sends it', () => {
    const persisted = onlyOperations(OPERATIONS);
    const cache = new InMemoryCache();
    expect(Object.keys(OPERATIONS).length).toBeGreaterThan(20);
    for (const [hash, text] of Object.entries(OPERATIONS)) {
      expect(hashOf(text)).toBe(hash);
      const sent = print(cache.transformDocument(parse(text)));
      expect(persisted.textOf({ query: sent })).toBe(sent);
    }
  });

  test('by text and by hash', async () => {
    const query = operation('ServerTime');
    const answer = { status: 200, data: { serverTime: '2026-11-23T08:00:00.000Z' } };
    for (let time = 0; time < 4; time += 1) {
      expect(await post(clinic, desk, { query })).toMatchObject(answer);
      expect(await post(clinic, desk, byHash(hashOf(query)))).toMatchObject(answer);
    }
  });

  test.each([
    ['another query', '{ clinic { name } }'],
    ['one with a field more', () => operation('ServerTime').replace('{', '{ viewer { role }')],
    ['one of theirs besides another', () => `${operation('ServerTime')} query Mine { viewer { role } }`],
    ['introspection', '{ __schema { queryType { name } } }'],
    ['what cannot be parsed', '{ clinic {'],
  ])('%s is refused', async (_what, query) => {
    expect(await post(clinic, desk, { query: typeof query === 'string' ? query : query() })).toMatchObject({ status: 400, ...refusal });
  });

  test('a hash that nobody knows cannot be taught', async () => {
    const query = '{ clinic { name } }';
    expect(await post(clinic, desk, { query, ...byHash(hashOf(query)) })).toMatchObject(refusal);
    expect(await post(clinic, desk, byHash(hashOf(query)))).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] });
  });

  test('over a socket as well, which goes on after a refusal', async () => {
    expect(await first(clinic, desk, { query: WATCH })).toMatchObject(refusal);
    const query = operation('LiveUpdates');
    expect(await first(clinic, desk, { query })).toMatchObject(POSITION);
    expect(await first(clinic, desk, { query: '', ...byHash(hashOf(query)) })).toMatchObject(POSITION);
    const client = createClient({
      url: clinic.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${await clinic.tokenOf(desk)}` },
    });
    await expect(client.iterate({ query: WATCH }).next()).rejects.toMatchObject([{ extensions: { code: 'OPERATION_NOT_ALLOWED' } }]);
    expect((await client.iterate({ query }).next()).value).toMatchObject(POSITION);
    await client.dispose();
  });

  test('there is no GraphiQL', async () => {
    const response = await fetch(clinic.url, { headers: { accept: 'text/html' } });
    expect(response.status).not.toBe(200);
    expect(await response.text()).not.toContain('<script');
  });
});
