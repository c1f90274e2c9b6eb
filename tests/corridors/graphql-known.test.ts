/** When the short way for known queries is taken, and when it must not be: by a count, whatever is answered. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onlyOperations } from '../../server/graphql/persisted-operations.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { createGraphqlClinic, type GraphqlClinic, MEDIA_TYPE } from './graphql-clinic.ts';

const ORIGIN = 'https://board.example';
const named = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(text).digest('hex') } });

let clinic: GraphqlClinic;
let desk: UserId;
let token: string;
let texts = 0;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  token = await clinic.tokenOf(desk);
});
afterAll(() => clinic.close());

/** A query that nobody has sent before. */
function newText(selection = 'viewer { role } clinic { name }'): string {
  texts += 1;
  return `query Number${texts} { ${selection} }`;
}

interface Sent {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Whether it took the short way, and what was answered. */
async function send(
  { method = 'POST', path = '', headers = {}, body }: Sent,
  to = clinic,
): Promise<{ short: boolean; status: number; text: string }> {
  const before = to.graphql.answeredWithoutYoga();
  const response = await fetch(to.url + path, {
    method,
    headers: { accept: 'application/json', 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { short: to.graphql.answeredWithoutYoga() > before, status: response.status, text };
}

/** Which of so many identical requests took the short way. */
async function ways(sent: Sent, times = 5, to = clinic): Promise<boolean[]> {
  const all: boolean[] = [];
  for (let time = 0; time < times; time += 1) all.push((await send(sent, to)).short);
  return all;
}

/** Twice by Yoga: parsed and checked, then compiled. */
const FROM_THE_THIRD = [false, false, true, true, true];
const NEVER = [false, false, false, false, false];

describe('the short way', () => {
  test('is taken from the third identical request on, and answers the same', async () => {
    const query = newText();
    expect(await ways({ body: { query } })).toEqual(FROM_THE_THIRD);
    const yoga = await send({ body: { query: newText() } });
    expect(await send({ body: { query } })).toEqual({ ...yoga, short: true });
  });

  test('is taken by everybody for what one has asked, with variables of their own', async () => {
    const query = newText().replace(' {', ' ($first: Int) { appointments(first: $first) { totalCount }');
    expect(await ways({ body: { query, variables: { first: 5 } } })).toEqual(FROM_THE_THIRD);
    const patient = await clinic.addPerson('PATIENT', 'Mia Bakker');
    const headers = { authorization: `Bearer ${await clinic.tokenOf(patient)}` };
    const answer = await send({ headers, body: { query, variables: { first: 7 } } });
    expect(answer).toMatchObject({ short: true, status: 200 });
    expect(JSON.parse(answer.text)).toMatchObject({ data: { viewer: { role: 'PATIENT' } } });
  });

  test('is taken for a hash instead of the text', async () => {
    const query = newText();
    expect(await ways({ body: { query, extensions: named(query) } }, 2)).toEqual([false, false]);
    expect(await ways({ body: { extensions: named(query) } })).toEqual([true, true, true, true, true]);
  });
});

describe('a known query does not take it', () => {
  let query: string;
  beforeAll(async () => {
    query = newText();
    expect(await ways({ body: { query } })).toEqual(FROM_THE_THIRD);
  });

  test.each<[string, () => Sent, number]>([
    ['without a good token', () => ({ headers: { authorization: 'Bearer no.good.token' }, body: { query } }), 401],
    ['by GET', () => ({ method: 'GET', path: `?query=${encodeURIComponent(query)}` }), 200],
    ['with parameters in the address', () => ({ path: '?a=b', body: { query } }), 200],
    ['as a form', () => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `query=${query}` }), 415],
    ['as plain text', () => ({ headers: { 'content-type': 'text/plain' }, body: { query } }), 415],
    ['among several', () => ({ body: [{ query }, { query }] }), 400],
    ['with a key that is unknown', () => ({ body: { query, more: 1 } }), 400],
    ['with variables that are none', () => ({ body: { query, variables: 'many' } }), 400],
    ['with text and hash at once', () => ({ body: { query, extensions: named(query) } }), 200],
    [
      'with the hash of another',
      () => ({ headers: { accept: MEDIA_TYPE }, body: { query, extensions: named('{ clinic { name } }') } }),
      400,
    ],
    ['under the name of an operation that is not in it', () => ({ body: { query, operationName: 'Another' } }), 400],
    ['when the body breaks off', () => ({ body: JSON.stringify({ query }).slice(0, -1) }), 400],
  ])('%s', async (_how, sent, status) => {
    for (let time = 0; time < 3; time += 1) {
      const { short, status: answered } = await send(sent());
      expect({ short, answered }).toEqual({ short: false, answered: status });
    }
    expect((await send({ body: { query } })).short).toBe(true);
  });

  test('the first time that another kind of answer is accepted', async () => {
    const headers = { accept: MEDIA_TYPE };
    expect(await ways({ headers, body: { query } }, 3)).toEqual([false, true, true]);
  });
});

describe('never', () => {
  test.each([
    ['a mutation', () => newText().replace('query', 'mutation').replace(/\{.*/, '{ releaseSlot(input: { holdId: "x" }) { __typename } }')],
    ['what is not compiled', () => newText('viewer @include(if: true) { role }')],
    ['what is refused', () => newText('appointments(first: 0) { totalCount }')],
    ['what is not in the schema', () => newText('clinic { shoeSize }')],
  ])('%s', async (_what, text) => {
    expect(await ways({ body: { query: text() } })).toEqual(NEVER);
  });

  test('a subscription', async () => {
    for (let time = 0; time < 4; time += 1) {
      const before = clinic.graphql.answeredWithoutYoga();
      const away = new AbortController();
      const response = await fetch(clinic.url, {
        method: 'POST',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: 'subscription { appointmentUpdated { kind } }' }),
        signal: away.signal,
      });
      expect(response.headers.get('content-type')).toContain('text/event-stream');
      away.abort();
      expect(clinic.graphql.answeredWithoutYoga()).toBe(before);
    }
  });

  test('with an origin, where other origins are answered', async () => {
    const open = await createGraphqlClinic({ database: clinic.database, config: { allowedOrigins: [ORIGIN] } });
    const query = newText();
    expect(await ways({ headers: { origin: ORIGIN }, body: { query } }, 5, open)).toEqual(NEVER);
    expect(await ways({ body: { query } }, 1, open)).toEqual([true]);
    await open.close();
  });

  test('what is not one of the operations, where no others are answered', async () => {
    const ours = newText();
    const strict = await createGraphqlClinic({
      database: clinic.database,
      persisted: onlyOperations({ [named(ours).persistedQuery.sha256Hash]: ours }),
    });
    expect(await ways({ body: { query: newText() } }, 5, strict)).toEqual(NEVER);
    expect(await ways({ body: { query: ours } }, 5, strict)).toEqual(FROM_THE_THIRD);
    await strict.close();
  });
});
