/**
 * The one WebSocket of a person in this tab (graphql-transport-ws). It is opened by the first stream, tries for ever
 * to come back, sooner when the browser says that the network is there again, and reports to the monitor.
 */
import { type Client, createClient } from 'graphql-ws';
import type { SessionStore } from '../session/session.ts';
import type { ConnectionMonitor } from './connection.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;

export interface LiveSocket {
  readonly client: Client;
  readonly dispose: () => void;
}

export function createLiveSocket(session: SessionStore, monitor: ConnectionMonitor): LiveSocket {
  let unanswered: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: () => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: async () => {
      const token = await session.freshToken();
      return token === null ? {} : { authorization: `Bearer ${token}` };
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (attempt) => backOff(attempt),
    keepAlive: PING_EVERY_MS,
    lazyCloseTimeout: 1_000,
    on: {
      connected: () => monitor.report({ open: true, caughtUp: false, replayed: 0 }),
      closed: () => {
        clearTimeout(unanswered);
        monitor.report({ open: false });
      },
      ping: (received) => {
        // A dead network keeps a socket "open" for minutes: a ping without a pong ends it.
        if (!received) unanswered = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(unanswered);
      },
    },
  });
  const online = (): void => monitor.report({ online: true });
  const offline = (): void => {
    monitor.report({ online: false });
    client.terminate();
  };
  addEventListener('online', online);
  addEventListener('offline', offline);
  return {
    client,
    dispose: () => {
      removeEventListener('online', online);
      removeEventListener('offline', offline);
      clearTimeout(unanswered);
      void client.dispose();
    },
  };
}

/** Waits with jitter (a restarted gateway must not meet every board at once); the browser's `online` ends the wait. */
export function backOff(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, longest / 2 + (Math.random() * longest) / 2);
    addEventListener('online', done);
  });
}
