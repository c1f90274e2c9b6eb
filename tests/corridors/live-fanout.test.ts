/** One execution for many, whatever they filter and however they are connected; and a reader who is slow. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Viewer } from '../../server/auth/viewer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson, stateOf, writer } from './live-clinic.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

const WATCH = `subscription Watch($since: Cursor, $filter: AppointmentLiveFilter) {
  appointmentUpdated(since: $since, filter: $filter) { kind cursor version appointment { id careState title reason } }
}`;

interface Update {
  kind: string;
  cursor: string;
  version: number | null;
  appointment: { id: string; careState: string | null; title: string | null; reason: string | null } | null;
}

let database: TestDatabase;
let gateway: LiveGateway;
let sockets: WebSocket[];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  sockets = [];
  gateway = await startLiveGateway(database, { livePace: { queueCapacity: 5 } });
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await gateway.stop();
});

/** A socket that speaks for itself, so that it can stop reading. */
async function open(viewer: Viewer, variables: Record<string, unknown> = {}, query = WATCH) {
  const socket = new WebSocket(gateway.wsUrl, 'graphql-transport-ws', { perMessageDeflate: false });
  sockets.push(socket);
  await once(socket, 'open');
  const waiting: unknown[] = [];
  let taker: ((message: unknown) => void) | null = null;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { type: string };
    if (taker === null) waiting.push(message);
    else {
      const give = taker;
      taker = null;
      give(message);
    }
  });
  const message = () =>
    new Promise<unknown>((resolve) => {
      if (waiting.length > 0) resolve(waiting.shift());
      else taker = resolve;
    });
  const next = async () => {
    const { payload } = (await message()) as { payload: { data: { appointmentUpdated: Update } } };
    return payload.data.appointmentUpdated;
  };
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: await gateway.token(viewer.userId) } }));
  expect(await message()).toMatchObject({ type: 'connection_ack' });
  socket.send(JSON.stringify({ id: 'a "quoted" id', type: 'subscribe', payload: { query, variables } }));
  return { socket, message, next };
}

const kinds = (updates: Update[]) => updates.map(({ kind }) => kind);

test('dashboards that look at different days share the text of a change that both are shown, and are told of nothing else', async () => {
  const [desk, other, clinician] = await Promise.all([
    addPerson(database, 'FRONT_DESK'),
    addPerson(database, 'FRONT_DESK'),
    addPerson(database, 'CLINICIAN'),
  ]);
  const nine = Date.parse('2027-03-01T09:00:00Z');
  const day = { startsAfter: '2027-03-01T00:00:00Z', startsBefore: '2027-03-02T00:00:00Z' };
  const oneDay = await open(desk, { filter: day });
  const twoDays = await open(other, { filter: { ...day, startsBefore: '2027-03-03T00:00:00Z' } });
  expect(kinds([await oneDay.next(), await twoDays.next()])).toEqual(['POSITION', 'POSITION']);
  expect(gateway.sockets.counters().groups).toBe(1);

  const door = writer(database, gateway.core.bell);
  const before = gateway.sockets.counters().executions;
  const visit = await door.create(stateOf({ clinician: clinician.userId }, { startsAt: nine, endsAt: nine + 1 }));
  const created = await oneDay.next();
  expect(await twoDays.next()).toEqual(created);
  expect(created.kind).toBe('CREATED');
  expect(gateway.sockets.counters().executions).toBe(before + 1);

  const moved = await door.change(visit, 'RESCHEDULED', { startsAt: nine + 86_400_000, endsAt: nine + 86_400_001 });
  expect(await oneDay.next()).toMatchObject({ kind: 'LEFT_FILTER', version: moved.version });
  expect(await twoDays.next()).toMatchObject({ kind: 'RESCHEDULED', version: moved.version });
  await door.change(moved, 'UPDATED', { hasConflict: true });
  const last = await door.create(stateOf({ clinician: clinician.userId }, { startsAt: nine, endsAt: nine + 1 }));
  expect(kinds([await twoDays.next(), await twoDays.next()])).toEqual(['UPDATED', 'CREATED']);
  expect(await oneDay.next()).toMatchObject({ kind: 'CREATED', version: last.version });
});

test('over server-sent events and over a socket it is the same execution and the same text', async () => {
  const [desk, clinician] = await Promise.all([addPerson(database, 'FRONT_DESK'), addPerson(database, 'CLINICIAN')]);
  const socket = await open(desk);
  await socket.next();
  const leave = new AbortController();
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: await gateway.token(desk.userId),
    },
    body: JSON.stringify({ query: WATCH, variables: { filter: { statuses: ['CONFIRMED'] } } }),
    signal: leave.signal,
  });
  const events = dataOf(response);
  expect((await events.next()).value).toContain('"POSITION"');
  expect(gateway.sockets.counters().groups).toBe(1);
  const before = gateway.sockets.counters().executions;
  await writer(database, gateway.core.bell).create(stateOf({ clinician: clinician.userId }));
  const message = (await socket.message()) as { id: string; payload: unknown };
  expect(message.id).toBe('a "quoted" id');
  expect((await events.next()).value).toBe(JSON.stringify(message.payload));
  expect(gateway.sockets.counters().executions).toBe(before + 1);
  leave.abort();
});

test('another selection, an alias or a fragment is another text', async () => {
  const [desk, clinician] = await Promise.all([addPerson(database, 'FRONT_DESK'), addPerson(database, 'CLINICIAN')]);
  const queries = [
    'subscription { appointmentUpdated { kind } }',
    'subscription { appointmentUpdated { kind: cursor } }',
    'subscription { appointmentUpdated { ...f } } fragment f on AppointmentUpdate { kind }',
    'subscription { appointmentUpdated { ...f } } fragment f on AppointmentUpdate { kind appointment { status } }',
    'subscription { all: appointmentUpdated { kind } }',
    'subscription ($yes: Boolean = true) { appointmentUpdated { kind @include(if: $yes) version } }',
    'subscription ($yes: Boolean = false) { appointmentUpdated { kind @include(if: $yes) version } }',
  ];
  const streams = await Promise.all(queries.map((query) => open(desk, {}, query)));
  await Promise.all(streams.map((stream) => stream.message()));
  expect(gateway.sockets.counters().groups).toBe(queries.length);
  await writer(database, gateway.core.bell).create(stateOf({ clinician: clinician.userId }));
  const shown = await Promise.all(streams.map(async (stream) => ((await stream.message()) as { payload: { data: unknown } }).payload.data));
  expect(shown).toMatchObject([
    { appointmentUpdated: { kind: 'CREATED' } },
    { appointmentUpdated: { kind: expect.stringMatching(/./) } },
    { appointmentUpdated: { kind: 'CREATED' } },
    { appointmentUpdated: { kind: 'CREATED', appointment: { status: 'CONFIRMED' } } },
    { all: { kind: 'CREATED' } },
    { appointmentUpdated: { kind: 'CREATED', version: 1 } },
    { appointmentUpdated: { version: 1 } },
  ]);
  expect(shown[6]).not.toHaveProperty('appointmentUpdated.kind');
});

test('a reader who stops reading is told to query again, loses nothing after that, and holds nobody up', async () => {
  const [desk, clinician] = await Promise.all([addPerson(database, 'FRONT_DESK'), addPerson(database, 'CLINICIAN')]);
  const slow = await open(desk);
  const quick = await open(desk);
  await Promise.all([slow.next(), quick.next()]);
  const door = writer(database, gateway.core.bell);
  let visit = await door.create(stateOf({ clinician: clinician.userId }));
  await Promise.all([slow.next(), quick.next()]);
  // Larger than what the kernel takes off our hands.
  await database.pool.query(`UPDATE "Appointment" SET "reason" = repeat('x', 1000000) WHERE "id" = $1`, [visit.id]);
  slow.socket.pause();
  const heard: Update[] = [];
  for (let n = 0; n < 40; n += 1) {
    visit = await door.change(visit, 'CARE_CHANGED', { careStates: [n % 2 === 0 ? 'ARRIVED' : 'EXPECTED'] });
    heard.push(await quick.next());
  }
  expect(heard.map(({ version }) => version)).toEqual(Array.from({ length: 40 }, (_, n) => n + 2));

  slow.socket.resume();
  const caught: Update[] = [];
  do caught.push(await slow.next());
  while (caught.at(-1)?.kind !== 'RESYNC');
  const told = caught.slice(0, -1).map(({ version }) => version);
  expect(told).toEqual(Array.from({ length: told.length }, (_, n) => n + 2));
  expect(told.length).toBeLessThan(40);
  // What follows RESYNC is complete: everything from its cursor on, or nothing where it named the end.
  visit = await door.change(visit, 'CARE_CHANGED', { careStates: ['IN_ROOM'] });
  const after: Update[] = [];
  do after.push(await slow.next());
  while (after.at(-1)?.version !== visit.version);
  const versions = after.filter(({ kind }) => kind !== 'RESYNC').map(({ version }) => version ?? 0);
  expect(versions).toEqual(Array.from({ length: versions.length }, (_, n) => visit.version - versions.length + 1 + n));
  expect(after.at(-1)?.appointment?.careState).toBe('IN_ROOM');
});

/** The `data:` of each event. */
async function* dataOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (data !== undefined) yield data;
    }
  }
}
