import { ApolloClient, ApolloLink, Observable } from '@apollo/client';
import type { Client, Sink, SubscribePayload } from 'graphql-ws';
import { expect, test } from 'vitest';
import { AppointmentCache } from '../apollo/appointment-cache.ts';
import { createConnectionMonitor } from './connection.ts';
import { createLiveList, type LiveListState } from './live-list.ts';

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
  const streams: { payload: SubscribePayload; sink: Sink }[] = [];
  const socket = {
    subscribe: (payload: SubscribePayload, sink: Sink) => {
      streams.push({ payload, sink });
      return () => undefined;
    },
  } as unknown as Client;
  const list = createLiveList(
    { client: new ApolloClient({ cache, link, dataMasking: true }), cache, socket, monitor: createConnectionMonitor(true) },
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
  const say = (update: Update): void =>
    streams.at(-1)?.sink.next({
      data: { appointmentUpdated: { __typename: 'AppointmentUpdate', changedFields: [], previous: null, trace: null, ...update } },
    });
  return { cache, list, streams, until, say };
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
