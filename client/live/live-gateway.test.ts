/** The browser's side of a live list, against a real gateway: what a person sees while tokens end and gateways restart. */
import { ApolloClient, HttpLink } from '@apollo/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { AppointmentCache } from '../apollo/appointment-cache.ts';
import { type ConnectionMonitor, createConnectionMonitor } from './connection.ts';
import { createLiveList, type LiveList } from './live-list.ts';
import { createLiveSocket } from './live-socket.ts';
import type { PageSigns } from './page-signs.ts';
import { createSessionStore, type Session, type SessionStore } from '../session/session.ts';
import { endsAt } from '../session/token.ts';
import type { Viewer } from '../../server/auth/viewer.ts';
import { encodeId } from '../../server/graphql/global-id.ts';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { addPerson, stateOf, type Visit, writer } from '../../tests/corridors/live-clinic.ts';
import { type LiveGateway, startLiveGateway } from '../../tests/corridors/live-gateway.ts';

let database: TestDatabase;
let gateway: LiveGateway;
let olga: Viewer;
let visit: Visit;

beforeAll(async () => {
  database = await createTestDatabase();
  olga = await addPerson(database, 'CLINICIAN');
});
beforeEach(async () => {
  gateway = await startLiveGateway(database);
  visit = await writer(database, null).create(stateOf({ clinician: olga.userId }));
});
// Also those of a test that failed: they would come to the next one's gateway.
afterEach(async () => {
  for (const tab of tabs.splice(0)) tab.close();
  await gateway.stop();
});
afterAll(() => database.drop());

interface Tab {
  list: LiveList;
  monitor: ConnectionMonitor;
  session: SessionStore;
  /** The machine slept this long, and wakes. */
  sleep(ms: number): void;
  until(holds: () => boolean): Promise<void>;
  /** Of the visit, as the cache holds it. */
  version(): number;
  close(): void;
}

const tabs: Tab[] = [];

const seconds = (count: number) => count / 60;

/** `believed`: how long this device thinks that the token is good, where that is less than it is. */
async function signIn(lifeSeconds: number, believed = lifeSeconds): Promise<Session> {
  const token = (await gateway.token(olga.userId, seconds(lifeSeconds))).replace('Bearer ', '');
  const end = (endsAt(token, Date.now()) ?? 0) - (lifeSeconds - believed) * 1_000;
  return { token, expiresAt: new Date(end).toISOString(), personaId: null };
}

/** A browser tab with a board, but without the pixels. */
async function openTab(
  life: number | { seconds: number; believed: number },
  renew: (session: Session) => Promise<Session | null>,
): Promise<Tab> {
  const session = createSessionStore(null, renew);
  session.save(await (typeof life === 'number' ? signIn(life) : signIn(life.seconds, life.believed)));
  const cache = new AppointmentCache();
  const monitor = createConnectionMonitor(true);
  const wakeUps = new Set<() => void>();
  const nothing = () => () => undefined;
  const signs: PageSigns = {
    online: () => true,
    visible: () => true,
    onOnline: nothing,
    onOffline: nothing,
    onShown: (listener) => (wakeUps.add(listener), () => wakeUps.delete(listener)),
    afterPaint: (callback) => callback(),
  };
  const client = new ApolloClient({
    cache,
    dataMasking: true,
    link: new HttpLink({
      uri: () => gateway.url,
      fetch: async (url, init) =>
        fetch(url, {
          ...init,
          headers: {
            ...(init?.headers as Record<string, string>),
            'x-graphql-yoga-csrf': '1',
            authorization: `Bearer ${await session.freshToken()}`,
          },
        }),
    }),
  });
  const socket = createLiveSocket({ url: () => gateway.wsUrl, session, monitor, signs });
  let slept = 0;
  const list = createLiveList(
    {
      client,
      cache,
      socket,
      monitor,
      signs,
      clock: { read: () => null, measure: () => Promise.resolve() },
      reporter: { applied: () => undefined },
      now: () => Date.now() + slept,
    },
    {},
  );
  const stop = list.start();
  const tab: Tab = {
    list,
    monitor,
    session,
    sleep(ms) {
      slept += ms;
      for (const wakeUp of wakeUps) wakeUp();
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          for (const stopLooking of stops) stopLooking();
          resolve();
        };
        const stops = [list.subscribe(look), monitor.subscribe(look), session.subscribe(look)];
        look();
      }),
    version: () => cache.knownVersion(encodeId('Appointment', visit.id)),
    close() {
      stop();
      socket.dispose();
    },
  };
  tabs.push(tab);
  await tab.until(() => list.read().phase === 'ready' && monitor.read().caughtUp);
  return tab;
}

/** The next version of the visit, told by the bell as the write doors do. */
async function move(): Promise<void> {
  const startsAt = visit.state.startsAt + 60_000;
  visit = await writer(database, gateway.core.bell).change(visit, 'RESCHEDULED', { startsAt });
}

test('a token is replaced before it ends, and the person sees neither an interruption nor a gap', async () => {
  // Replaced after two seconds, and good for ten times that: a busy machine has time enough to move.
  const tab = await openTab({ seconds: 30, believed: 8 }, () => signIn(3_600));
  const interruptions: unknown[] = [];
  tab.monitor.subscribe(() => {
    const { open, caughtUp } = tab.monitor.read();
    if (!open || !caughtUp) interruptions.push({ open, caughtUp });
  });
  const seen = new Set<number>();
  tab.list.subscribe(() => seen.add(tab.version()));
  const first = visit.version;
  // Changes all along, until the second socket has spoken and the first has been left.
  while (gateway.sockets.counters().opened < 2 || gateway.sockets.counters().open > 1) {
    await move();
    await tab.until(() => tab.version() === visit.version);
  }
  await move();
  await tab.until(() => tab.version() === visit.version);
  expect(interruptions).toEqual([]);
  expect([...seen].filter((version) => version > first)).toEqual(
    Array.from({ length: visit.version - first }, (_, index) => first + 1 + index),
  );
  expect(tab.list.read().changes.get(encodeId('Appointment', visit.id))?.replayed).toBe(false);
});

test('a token that nobody can replace signs the person out when it ends', async () => {
  const tab = await openTab(5, () => Promise.resolve(null));
  await tab.until(() => tab.session.read() === null);
});

test('a token that could only be replaced after it had ended loses nothing', async () => {
  let network = false;
  const tab = await openTab(5, () => (network ? signIn(3_600) : Promise.resolve(null)));
  await tab.until(() => !tab.monitor.read().open);
  network = true;
  await move();
  await tab.until(() => tab.monitor.read().open && tab.version() === visit.version);
  expect(tab.session.read()).not.toBe(null);
});

test('a gateway that restarts is followed by the next one, with what happened in between', async () => {
  const tab = await openTab(3_600, () => Promise.resolve(null));
  const { closed } = gateway.sockets.counters();
  expect(closed).toEqual({});
  const interrupted = tab.until(() => !tab.monitor.read().open);
  await gateway.stop();
  await interrupted;
  expect(gateway.sockets.counters().closed).toEqual({ 1012: 1 });
  visit = await writer(database, null).change(visit, 'RESCHEDULED', { startsAt: visit.state.startsAt + 60_000 });
  gateway = await startLiveGateway(database);
  await tab.until(() => tab.version() === visit.version && tab.monitor.read().caughtUp);
  expect([...tab.list.read().changes.values()]).toMatchObject([{ version: visit.version, replayed: true, latencyMs: null }]);
});

test('a machine that slept cuts its socket, which is silent, and catches up', async () => {
  const tab = await openTab(3_600, () => Promise.resolve(null));
  tab.sleep(60_000);
  await tab.until(() => !tab.monitor.read().open);
  await move();
  await tab.until(() => tab.monitor.read().caughtUp && tab.version() === visit.version);
  expect(gateway.sockets.counters().opened).toBe(2);
});

test('an account that was disabled is signed out at its next connection', async () => {
  await gateway.stop();
  gateway = await startLiveGateway(database, { livePace: { watchMs: 50 } });
  const tab = await openTab(3_600, () => Promise.resolve(null));
  await database.prisma.user.update({ where: { id: olga.userId }, data: { disabledAt: new Date() } });
  await tab.until(() => tab.session.read() === null);
  await database.prisma.user.update({ where: { id: olga.userId }, data: { disabledAt: null } });
});
