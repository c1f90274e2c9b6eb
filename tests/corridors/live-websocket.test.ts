/** Walk 3, its last part: from the log to a browser's socket, and the same stream over SSE. */
import { once } from 'node:events';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Viewer } from '../../server/auth/viewer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson, stateOf, writer } from './live-clinic.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

const WATCH = `subscription Watch($since: Cursor, $filter: AppointmentLiveFilter) {
  appointmentUpdated(since: $since, filter: $filter) { kind cursor appointmentId version appointment { id status careState } }
}`;

interface Update {
  kind: string;
  cursor: string;
  appointmentId: string | null;
  version: number | null;
  appointment: { id: string; status: string; careState: string | null } | null;
}

interface Answer {
  data?: { appointmentUpdated?: Update } | null;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
}

let database: TestDatabase;
let gateway: LiveGateway;
let olga: Viewer;
let otto: Viewer;
const clients: Client[] = [];
const gateways: LiveGateway[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startLiveGateway(database, { allowedOrigins: 'https://clinic.example' });
  [olga, otto] = await Promise.all([addPerson(database, 'CLINICIAN'), addPerson(database, 'CLINICIAN')]);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  for (const other of gateways.splice(0)) await other.stop();
});
afterAll(async () => {
  await gateway.stop();
  await database.drop();
});

async function otherGateway(options: Parameters<typeof startLiveGateway>[1]): Promise<LiveGateway> {
  const other = await startLiveGateway(database, options);
  gateways.push(other);
  return other;
}

function connect(to: LiveGateway, authorization: string | null): Client {
  const client = createClient({
    url: to.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
    ...(authorization === null ? {} : { connectionParams: { authorization } }),
  });
  clients.push(client);
  return client;
}

/** The close event of a client's socket. */
function closed(client: Client): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    client.on('closed', (event) => {
      if (event !== null && typeof event === 'object' && 'code' in event && 'reason' in event) {
        resolve({ code: Number(event.code), reason: String(event.reason) });
      }
    });
  });
}

function run(client: Client, query = WATCH, variables: Record<string, unknown> = {}): AsyncIterableIterator<Answer> {
  return client.iterate({ query, variables }) as AsyncIterableIterator<Answer>;
}

async function nextUpdate(stream: AsyncIterator<Answer>): Promise<Update | undefined> {
  const { value } = (await stream.next()) as { value: Answer | undefined };
  return value?.data?.appointmentUpdated;
}

/** The code of the error that an operation ends with, in a result or instead of one. */
async function refusalOf(stream: AsyncIterator<Answer>): Promise<unknown> {
  try {
    const { value } = (await stream.next()) as { value: Answer | undefined };
    return value?.errors?.[0]?.extensions?.code;
  } catch (errors) {
    return Array.isArray(errors) ? (errors[0] as { extensions?: { code?: unknown } }).extensions?.code : errors;
  }
}

describe('a socket', () => {
  test('brings each change to those it concerns, and resumes from the last cursor', async () => {
    const client = connect(gateway, await gateway.token(olga.userId));
    const board = run(client);
    expect(await nextUpdate(board)).toMatchObject({ kind: 'POSITION', appointmentId: null });
    const door = writer(database, gateway.core.bell);
    await door.create(stateOf({ clinician: otto.userId }));
    const visit = await door.create(stateOf({ clinician: olga.userId }));
    const created = await nextUpdate(board);
    expect(created).toMatchObject({ kind: 'CREATED', version: 1, appointment: { status: 'CONFIRMED', careState: 'EXPECTED' } });
    expect(created?.appointment?.id).toBe(created?.appointmentId);
    await board.return?.();

    await door.change(visit, 'CARE_CHANGED', { careStates: ['ARRIVED'] });
    const resumed = run(client, WATCH, { since: created?.cursor });
    expect(await nextUpdate(resumed)).toMatchObject({ kind: 'CARE_CHANGED', version: 2, appointment: { careState: 'ARRIVED' } });
  });

  test('ends what was left, and keeps nothing of it', async () => {
    const other = await otherGateway({});
    const open = () => [other.core.live.lag()?.streams, other.sockets.counters().operations];
    const client = connect(other, await other.token(olga.userId));
    const left = run(client);
    const cut = run(client);
    await Promise.all([nextUpdate(left), nextUpdate(cut)]);
    expect(open()).toEqual([2, 2]);
    await left.return?.();
    await expect.poll(open).toEqual([1, 1]);
    client.terminate();
    await expect.poll(open).toEqual([0, 0]);
  });

  test('refuses a token that is not good with 4403', async () => {
    expect(await closed(connect(gateway, 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.bad'))).toEqual({ code: 4403, reason: 'Forbidden' });
    expect(await closed(connect(gateway, 'nonsense'))).toMatchObject({ code: 4403 });
  });

  test('without a token opens, and refuses each subscription by itself', async () => {
    const client = connect(gateway, null);
    expect(await refusalOf(run(client))).toBe('UNAUTHENTICATED');
    expect(await refusalOf(run(client))).toBe('UNAUTHENTICATED');
    expect(gateway.sockets.counters().open).toBeGreaterThan(0);
  });

  test('refuses what is not a good subscription without harm to the others on it', async () => {
    const client = connect(gateway, await gateway.token(olga.userId));
    const board = run(client);
    await nextUpdate(board);
    expect(await refusalOf(run(client, '{ __typename }'))).toBe('SUBSCRIPTIONS_ONLY');
    expect(await refusalOf(run(client, 'mutation { __typename }'))).toBe('SUBSCRIPTIONS_ONLY');
    expect(await refusalOf(run(client, WATCH, { since: 'nonsense' }))).toBe('BAD_CURSOR');
    await expect(run(client, 'subscription { nothing }').next()).rejects.toMatchObject([{ message: expect.stringContaining('nothing') }]);
    await expect(run(client, 'subscription {').next()).rejects.toMatchObject([{ message: expect.stringContaining('Syntax Error') }]);
    await expect(run(client, WATCH, { filter: { startsAfter: 'yesterday' } }).next()).resolves.toMatchObject({ value: { errors: [{}] } });
    await writer(database, gateway.core.bell).create(stateOf({ clinician: olga.userId }));
    expect(await nextUpdate(board)).toMatchObject({ kind: 'CREATED' });
  });

  test('carries a bounded number of operations', async () => {
    const other = await otherGateway({ limits: { operations: 2 } });
    const client = connect(other, await other.token(olga.userId));
    const [first, second] = [run(client), run(client)];
    await Promise.all([nextUpdate(first), nextUpdate(second)]);
    expect(await refusalOf(run(client))).toBe('TOO_MANY_OPERATIONS');
    await first.return?.();
    await expect.poll(() => other.sockets.counters().operations).toBe(1);
    expect(await nextUpdate(run(client))).toMatchObject({ kind: 'POSITION' });
  });

  test('ends its streams as UNAUTHENTICATED and closes with 4403 when the token expires', async () => {
    const client = connect(gateway, await gateway.token(otto.userId, 2 / 60));
    const closing = closed(client);
    const board = run(client);
    expect(await nextUpdate(board)).toMatchObject({ kind: 'POSITION' });
    expect(await refusalOf(board)).toBe('UNAUTHENTICATED');
    expect(await closing).toEqual({ code: 4403, reason: 'Token expired' });
  });

  test('of a person who is disabled carries nothing any more', async () => {
    const other = await otherGateway({ livePace: { watchMs: 20 } });
    const gone = await addPerson(database, 'CLINICIAN');
    const client = connect(other, await other.token(gone.userId));
    const board = run(client);
    await nextUpdate(board);
    await database.prisma.user.update({ where: { id: gone.userId }, data: { disabledAt: new Date() } });
    expect(await refusalOf(board)).toBe('UNAUTHENTICATED');
    expect(await refusalOf(run(client))).toBe('UNAUTHENTICATED');
  });

  test('is closed with 1012 at a stop, so that clients come back', async () => {
    const other = await startLiveGateway(database);
    const client = connect(other, await other.token(olga.userId));
    await nextUpdate(run(client));
    const closing = closed(client);
    await other.stop();
    expect(await closing).toMatchObject({ code: 1012 });
    expect(other.sockets.counters()).toMatchObject({ open: 0, operations: 0, closed: { 1012: 1 } });
  });
});

/** Ten of them last three seconds: long enough for what happens while the last one waits, also on a busy machine. */
const PACE_MS = 300;

describe('at a stop with a pace', () => {
  test('sockets are sent away one after the other, those that wait are served, and nobody new comes in', async () => {
    const other = await startLiveGateway(database);
    const token = await other.token(olga.userId);
    const all = Array.from({ length: 10 }, () => connect(other, token));
    const boards = all.map((client) => run(client));
    await Promise.all(boards.map(nextUpdate));
    const closings = all.map(closed);
    const left: number[] = [];
    closings.forEach((closing, index) => void closing.then(() => left.push(index)));

    const stopping = other.sockets.stop(PACE_MS);
    await Promise.race(closings);
    await writer(database, other.core.bell).create(stateOf({ clinician: olga.userId }));
    expect(await boards.at(-1)?.next()).toMatchObject({ value: { data: { appointmentUpdated: { kind: 'CREATED' } } } });
    expect(left.length).toBeLessThan(all.length);
    const late = new WebSocket(other.wsUrl, 'graphql-transport-ws');
    late.on('error', () => {});
    expect(((await once(late, 'unexpected-response')) as [unknown, { statusCode: number }])[1].statusCode).toBe(503);

    await stopping;
    expect((await Promise.all(closings)).map(({ code }) => code)).toEqual(all.map(() => 1012));
    expect(left).toEqual(all.map((_client, index) => index));
    await other.stop();
  });
});

describe('an upgrade', () => {
  /** How the server answers: `open`, or the status of the refusal. */
  async function upgrade(path: string, headers: Record<string, string>): Promise<string | number> {
    const socket = new WebSocket(gateway.wsUrl.replace('/graphql', path), 'graphql-transport-ws', { headers });
    const answer = await Promise.race([
      once(socket, 'open').then(() => 'open'),
      once(socket, 'unexpected-response').then(([, response]) => (response as { statusCode: number }).statusCode),
    ]);
    socket.on('error', () => {});
    socket.terminate();
    return answer;
  }

  test('is refused to a page of another origin, and anywhere but at /graphql', async () => {
    const own = new URL(gateway.url).origin;
    expect(await upgrade('/graphql', {})).toBe('open');
    expect(await upgrade('/graphql?x=1', { origin: own })).toBe('open');
    expect(await upgrade('/graphql', { origin: 'https://clinic.example' })).toBe('open');
    expect(await upgrade('/graphql', { origin: 'https://evil.example' })).toBe(403);
    expect(await upgrade('/graphql', { origin: 'null' })).toBe(403);
    expect(await upgrade('/elsewhere', {})).toBe(404);
  });
});

describe('a client that does not behave', () => {
  async function rawSocket(to: LiveGateway, options: { autoPong?: boolean } = {}): Promise<WebSocket> {
    const socket = new WebSocket(to.wsUrl, 'graphql-transport-ws', options);
    await once(socket, 'open');
    return socket;
  }
  const closeCode = async (socket: WebSocket) => ((await once(socket, 'close')) as [number])[0];

  test('is closed when it never says who it is, subscribes first, or sends what is no message', async () => {
    const impatient = await otherGateway({ limits: { initMs: 50 } });
    expect(await closeCode(await rawSocket(impatient))).toBe(4408);
    const other = await otherGateway({});
    const hasty = await rawSocket(other);
    hasty.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH } }));
    expect(await closeCode(hasty)).toBe(4401);
    const garbled = await rawSocket(other);
    garbled.send('nonsense');
    expect(await closeCode(garbled)).toBe(4400);
  });

  test('is closed when a message is too large', async () => {
    const other = await otherGateway({ limits: { messageBytes: 1000 } });
    const socket = await rawSocket(other);
    socket.send('x'.repeat(1001));
    expect(await closeCode(socket)).toBe(1009);
  });

  test('is cut when it answers no pings', async () => {
    // Long enough for the pong of a busy machine.
    const other = await otherGateway({ limits: { pingMs: 1_000, initMs: 60_000 } });
    const alive = await rawSocket(other);
    expect(await closeCode(await rawSocket(other, { autoPong: false }))).toBe(1006);
    expect(alive.readyState).toBe(alive.OPEN);
    alive.terminate();
  });
});

describe('over server-sent events', () => {
  /** The results of one subscription, in order; `complete` when the server says so. */
  async function* events(response: Response): AsyncGenerator<Answer | 'complete'> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith('event: complete')) yield 'complete';
        const data = /^data: (.+)$/m.exec(block)?.[1];
        if (data !== undefined) yield JSON.parse(data) as Answer;
      }
    }
  }

  async function subscribe(to: LiveGateway, authorization: string, signal: AbortSignal): Promise<Response> {
    return await fetch(to.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization },
      body: JSON.stringify({ query: WATCH }),
      signal,
    });
  }

  test('the same stream comes, and is left when the client goes', async () => {
    const other = await otherGateway({});
    const leave = new AbortController();
    const stream = events(await subscribe(other, await other.token(olga.userId), leave.signal));
    expect((await stream.next()).value).toMatchObject({ data: { appointmentUpdated: { kind: 'POSITION' } } });
    await writer(database, other.core.bell).create(stateOf({ clinician: olga.userId }));
    expect((await stream.next()).value).toMatchObject({ data: { appointmentUpdated: { kind: 'CREATED' } } });
    expect(other.core.live.lag()?.streams).toBe(1);
    leave.abort();
    await expect.poll(() => other.core.live.lag()?.streams).toBe(0);
  });

  test('a stop is told to one after the other, and those that wait are served', async () => {
    const other = await startLiveGateway(database);
    const token = await other.token(olga.userId);
    const streams = await Promise.all(
      Array.from({ length: 10 }, async () => events(await subscribe(other, token, new AbortController().signal))),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    const [first, last] = [streams[0], streams.at(-1)];
    const stopping = other.core.live.stop(PACE_MS);
    expect((await first?.next())?.value).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_RESTART' } }] });
    expect((await first?.next())?.value).toBe('complete');
    const late = events(await subscribe(other, token, new AbortController().signal));
    expect((await late.next()).value).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_RESTART' } }] });
    await writer(database, other.core.bell).create(stateOf({ clinician: olga.userId }));
    expect((await last?.next())?.value).toMatchObject({ data: { appointmentUpdated: { kind: 'CREATED' } } });
    expect((await last?.next())?.value).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_RESTART' } }] });
    await stopping;
    expect(other.core.live.lag()).toBeNull();
    await other.stop();
  });

  test('the end of the token is told before the stream ends', async () => {
    const stream = events(await subscribe(gateway, await gateway.token(otto.userId, 2 / 60), new AbortController().signal));
    expect((await stream.next()).value).toMatchObject({ data: { appointmentUpdated: { kind: 'POSITION' } } });
    expect((await stream.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await stream.next()).value).toBe('complete');
  });
});
