import { ApolloClient, ApolloLink, Observable } from '@apollo/client';
import type { Sink, SubscribePayload } from 'graphql-ws';
import { expect, test } from 'vitest';
import { AppointmentCache } from '../apollo/appointment-cache.ts';
import { createConnectionMonitor } from './connection.ts';
import type { LiveMessage } from './live-socket.ts';
import { createLiveList, type LiveListParts, type LiveListState } from './live-list.ts';

function appointment(id: string, version = 1, startsAt = '2026-01-05T09:00:00.000Z') {
  return {
    __typename: 'Appointment',
    id,
    version,
    startsAt,
    endsAt: '2026-01-05T09:30:00.000Z',
    durationMinutes: 30,
    timeZone: 'Europe/Amsterdam',
    status: 'CONFIRMED',
    careState: 'EXPECTED',
    careChangedAt: null,
    seated: false,
    hasConflict: false,
    consultationType: 'VIDEO',
    location: null,
    reason: null,
    cancellationReason: null,
    rejectionReason: null,
    clinician: null,
    patient: null,
    eventType: null,
    video: null,
    participants: [],
    viewerMay: [],
  };
}

type Update = Record<string, unknown> & { kind: string; cursor: string };

/** A gateway of a few lines: pages of appointments, and a stream that the test speaks through. */
function stage(pages: ReturnType<typeof appointment>[][]) {
  const cache = new AppointmentCache();
  let queries = 0;
  const link = new ApolloLink(
    () =>
      new Observable((observer) => {
        const nodes = pages[Math.min(queries, pages.length - 1)] ?? [];
        queries += 1;
        observer.next({
          data: {
            appointments: {
              __typename: 'AppointmentConnection',
              nodes,
              pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
              changeCursor: `query-${queries}`,
            },
          },
        });
        observer.complete();
      }),
  );
  const streams: { payload: SubscribePayload; sink: Sink<LiveMessage> }[] = [];
  let now = Date.parse('2026-01-05T08:00:00Z');
  const renewed = new Set<() => void>();
  const left: number[] = [];
  let restarts = 0;
  const socket: LiveListParts['socket'] = {
    subscribe: (payload, sink) => {
      const place = streams.push({ payload, sink });
      return () => left.push(place - 1);
    },
    onRenewed: (listener) => (renewed.add(listener), () => renewed.delete(listener)),
    restart: () => {
      restarts += 1;
    },
  };
  const shown = new Set<() => void>();
  const applied: string[] = [];
  const list = createLiveList(
    {
      client: new ApolloClient({ cache, link, dataMasking: true }),
      cache,
      socket,
      monitor: createConnectionMonitor(true),
      signs: { onOnline: () => () => undefined, onShown: (listener) => (shown.add(listener), () => shown.delete(listener)) },
      clock: { read: () => null, measure: () => Promise.resolve() },
      reporter: { applied: (updates) => applied.push(...updates.map(({ update }) => update.cursor)) },
      now: () => now,
    },
    {},
  );
  const until = (holds: (state: LiveListState) => boolean): Promise<LiveListState> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds(list.read())) return;
        stopLooking();
        resolve(list.read());
      };
      const stopLooking = list.subscribe(look);
      look();
    });
  const say = (update: Update, stream = streams.length - 1): void =>
    streams[stream]?.sink.next({
      data: {
        appointmentUpdated: { __typename: 'AppointmentUpdate', changedFields: [], previous: null, trace: null, ...update },
      } as unknown as LiveMessage['data'],
    });
  const each = (listeners: Set<() => void>): void => listeners.forEach((listener) => listener());
  return {
    cache,
    list,
    streams,
    until,
    say,
    left,
    applied,
    restarts: () => restarts,
    renew: () => each(renewed),
    sleep: (ms: number) => {
      now += ms;
      each(shown);
    },
  };
}

test('the stream begins at the query’s cursor, and resumes at the last one seen', async () => {
  const { list, streams, until, say } = stage([[appointment('a')]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  expect(streams[0]?.payload.variables).toMatchObject({ since: 'query-1' });
  say({ kind: 'CREATED', cursor: 'c-7', appointmentId: 'b', version: 1, appointment: appointment('b') });
  await until(({ ids }) => ids.length === 2);
  // graphql-ws reads the payload again when it subscribes on a new socket.
  expect(streams[0]?.payload.variables).toMatchObject({ since: 'c-7' });
});

test('what left the filter or is no longer ours leaves the list', async () => {
  const { list, until, say } = stage([[appointment('a'), appointment('b')]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  say({ kind: 'LEFT_FILTER', cursor: 'c-1', appointmentId: 'a', version: 2, appointment: appointment('a', 2) });
  say({ kind: 'REMOVED', cursor: 'c-2', appointmentId: 'b', version: 2, appointment: null });
  expect((await until(({ ids }) => ids.length === 0)).ids).toEqual([]);
});

test('of two that turn out to be one, the survivor stays', async () => {
  const { list, until, say } = stage([[appointment('older'), appointment('alias')]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  say({ kind: 'MERGED', cursor: 'c-1', appointmentId: 'alias', version: 3, appointment: appointment('older', 3) });
  expect((await until(({ ids }) => ids.length === 1)).ids).toEqual(['older']);
});

test('a version that this window knows already is no news', async () => {
  const { cache, list, until, say } = stage([[appointment('a', 5)]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  say({ kind: 'RESCHEDULED', cursor: 'c-1', appointmentId: 'a', version: 4, appointment: appointment('a', 4, '2026-01-05T08:00:00.000Z') });
  say({ kind: 'CREATED', cursor: 'c-2', appointmentId: 'b', version: 1, appointment: appointment('b') });
  const { changes } = await until(({ ids }) => ids.includes('b'));
  expect([...changes.keys()]).toEqual(['b']);
  expect(cache.knownVersion('a')).toBe(5);
});

test('RESYNC queries again', async () => {
  const { list, streams, until, say } = stage([[appointment('a')], [appointment('z')]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  say({ kind: 'RESYNC', cursor: 'c-1', appointmentId: null, version: null, appointment: null });
  expect((await until(({ ids }) => ids.includes('z'))).ids).toEqual(['z']);
  expect(streams.at(-1)?.payload.variables).toMatchObject({ since: 'query-2' });
});

test('when the connection is replaced, the old stream goes on until the new one has spoken', async () => {
  const { list, streams, until, say, left, renew } = stage([[appointment('a')]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  say({ kind: 'POSITION', cursor: 'c-1', appointmentId: null, version: null, appointment: null });
  renew();
  expect(streams).toHaveLength(2);
  say({ kind: 'CREATED', cursor: 'c-2', appointmentId: 'b', version: 1, appointment: appointment('b') }, 0);
  await until(({ ids }) => ids.includes('b'));
  expect(left).toEqual([]);
  expect(streams[1]?.payload.variables).toMatchObject({ since: 'c-2' });
  say({ kind: 'POSITION', cursor: 'c-2', appointmentId: null, version: null, appointment: null }, 1);
  expect(left).toEqual([0]);
  say({ kind: 'CREATED', cursor: 'c-3', appointmentId: 'old', version: 1, appointment: appointment('old') }, 0);
  say({ kind: 'CREATED', cursor: 'c-3', appointmentId: 'c', version: 1, appointment: appointment('c') }, 1);
  expect((await until(({ ids }) => ids.includes('c'))).ids).not.toContain('old');
});

test('a stream that has said nothing for two heartbeats is cut, once for each silence', async () => {
  const { list, until, sleep, restarts } = stage([[appointment('a')]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  sleep(20_000);
  expect(restarts()).toBe(0);
  sleep(10_000);
  sleep(1_000);
  expect(restarts()).toBe(1);
  sleep(30_000);
  expect(restarts()).toBe(2);
});

test('only what came live is reported as delivered, not what was caught up with', async () => {
  const { list, until, say, applied } = stage([[]]);
  list.start();
  await until(({ phase }) => phase === 'ready');
  say({ kind: 'CREATED', cursor: 'replayed', appointmentId: 'a', version: 1, appointment: appointment('a') });
  say({ kind: 'POSITION', cursor: 'present', appointmentId: null, version: null, appointment: null });
  say({ kind: 'CREATED', cursor: 'live', appointmentId: 'b', version: 1, appointment: appointment('b') });
  await until(({ ids }) => ids.length === 2);
  expect(applied).toEqual(['live']);
});
