/**
 * The WebSocket of a person in this tab (graphql-transport-ws). It is opened by the first stream, tries for ever to come
 * back, sooner when the browser says that the network is there again, and reports to the monitor.
 *
 * Before the token ends, a second connection is opened with a new one and whoever follows is told to move: both are open
 * until the new one has spoken, so nothing is missed and the person never sees an interruption.
 */
import { type Client, createClient, type Sink, type SubscribePayload } from 'graphql-ws';
import type { LiveUpdatesSubscription } from '../generated/graphql.ts';
import type { SessionStore } from '../session/session.ts';
import { backOff } from './back-off.ts';
import type { ConnectionMonitor } from './connection.ts';
import type { PageSigns } from './page-signs.ts';

const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;
/** The gateway closes with it a token that has ended or is refused. */
const FORBIDDEN = 4403;
/** Whoever is told to come later waits as after three failures. */
const TRY_AGAIN_LATER = 1013;
const LATER = 3;
/** Longest that a connection that was replaced stays open for a stream that has not moved. */
const RETIRED_MS = 30_000;
const SOONEST_RENEWAL_MS = 1_000;
/** Longest wait that a browser's timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface LiveSocket {
  /** A stream on the newest connection; answers how to leave it. */
  readonly subscribe: (payload: SubscribePayload, sink: Sink<LiveMessage>) => () => void;
  /** The connection was replaced: streams should be opened anew and then left on the old one. */
  readonly onRenewed: (listener: () => void) => () => void;
  /** Cuts the connection, which comes back at once: for one that is open and says nothing. */
  readonly restart: () => void;
  readonly dispose: () => void;
}

export interface LiveMessage {
  data?: LiveUpdatesSubscription | null;
  errors?: readonly GraphqlError[];
}

export interface GraphqlError {
  extensions?: Record<string, unknown>;
}

export interface LiveSocketParts {
  url: () => string;
  session: Pick<SessionStore, 'freshToken' | 'renewsAt' | 'refused'>;
  monitor: ConnectionMonitor;
  signs: PageSigns;
  /** Where there is no WebSocket of the browser's. */
  webSocketImpl?: unknown;
}

interface Connection {
  client: Client;
  /** That it was last opened with. */
  token: string | null;
  retired: boolean;
}

export function createLiveSocket({ url, session, monitor, signs, webSocketImpl }: LiveSocketParts): LiveSocket {
  const open = new Set<Connection>();
  const listeners = new Set<() => void>();
  const retiring = new Set<() => void>();
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let disposed = false;
  let current = connect();

  function connect(): Connection {
    let unanswered: ReturnType<typeof setTimeout> | undefined;
    let lastCode: number | null = null;
    const client = createClient({
      url,
      webSocketImpl,
      connectionParams: async () => {
        connection.token = await session.freshToken();
        return connection.token === null ? {} : { authorization: `Bearer ${connection.token}` };
      },
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => !connection.retired,
      retryWait: (attempt) => backOff(lastCode === TRY_AGAIN_LATER ? attempt + LATER : attempt, signs),
      keepAlive: PING_EVERY_MS,
      lazyCloseTimeout: 1_000,
      on: {
        connected: () => {
          // Beside one that is open it takes over without a gap: nothing to catch up with.
          if (open.size === 0) monitor.report({ open: true, caughtUp: false, replayed: 0 });
          open.add(connection);
          planRenewal();
        },
        closed: (event) => {
          clearTimeout(unanswered);
          const opened = open.delete(connection);
          if (opened && open.size === 0) monitor.report({ open: false });
          lastCode = codeOf(event);
          // At its end a token can be renewed; one that is not even let in is of no use to anyone.
          if (lastCode === FORBIDDEN && !opened && connection.token !== null) void session.refused(connection.token);
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
    const connection: Connection = { client, token: null, retired: false };
    return connection;
  }

  function planRenewal(at = session.renewsAt()): void {
    clearTimeout(renewal);
    if (at === null) return;
    const wait = Math.max(at - Date.now(), SOONEST_RENEWAL_MS);
    renewal = setTimeout(() => void (wait > LONGEST_TIMER_MS ? planRenewal() : renew()), Math.min(wait, LONGEST_TIMER_MS));
  }

  async function renew(): Promise<void> {
    const token = await session.freshToken();
    // While it is not open, it comes back with a new token by itself.
    if (disposed || !open.has(current)) return;
    if (token === current.token) return planRenewal(Date.now() + PING_EVERY_MS);
    const old = current;
    old.retired = true;
    current = connect();
    for (const listener of listeners) listener();
    retire(old);
  }

  function retire({ client }: Connection): void {
    const end = (): void => {
      clearTimeout(timer);
      retiring.delete(end);
      leave(client);
    };
    // Without streams it closes by itself; this is for one whose stream could not move.
    const timer = setTimeout(end, RETIRED_MS);
    retiring.add(end);
  }

  const stops = [
    signs.onOnline(() => monitor.report({ online: true })),
    signs.onOffline(() => {
      monitor.report({ online: false });
      for (const { client } of open) client.terminate();
    }),
  ];

  return {
    subscribe: (payload, sink) => current.client.subscribe(payload, sink as Sink),
    onRenewed: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restart: () => current.client.terminate(),
    dispose: () => {
      disposed = true;
      clearTimeout(renewal);
      for (const stop of stops) stop();
      for (const end of retiring) end();
      leave(current.client);
    },
  };
}

/** Waits for a connection that is being made and fails with it, which concerns nobody any more. */
function leave(client: Client): void {
  Promise.resolve(client.dispose()).catch(() => undefined);
}

function codeOf(event: unknown): number | null {
  return typeof event === 'object' && event !== null && 'code' in event && typeof event.code === 'number' ? event.code : null;
}
