/** One person's dashboard: watches, and when its connection is lost goes on at the other instance from its last cursor. */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { encodeId, decodeId } from '../../../server/graphql/global-id.ts';
import type { Person, Which } from './clinic.ts';

/** Ids are plain UUIDs here. */
export interface Filter {
  clinicianIds?: string[];
  statuses?: string[];
  careStates?: string[];
  startsBefore?: Date;
}

export interface Seen {
  kind: string;
  appointmentId: string;
  version: number;
  /** Of the appointment that came with it. */
  shownVersion: number | null;
}

export interface Dashboard {
  person: Person;
  filter: Filter;
  /** Where its first stream began; null before that. */
  begin: string | null;
  /** Of its last update. */
  cursor: string | null;
  /** Every change it was told of, in the order of arrival. */
  seen: Seen[];
  resyncs: number;
  /** Codes of errors that its streams ended with. */
  errors: string[];
  /** Close codes of its sockets. */
  closed: number[];
  /** Resolves at its first update. */
  begun: Promise<void>;
  leave(): Promise<void>;
}

interface Update {
  kind: string;
  cursor: string;
  appointmentId: string | null;
  version: number | null;
  appointment: { version: number } | null;
}

const WATCH = `subscription Watch($since: Cursor, $filter: AppointmentLiveFilter) {
  appointmentUpdated(since: $since, filter: $filter) { kind cursor appointmentId version appointment { id version status } }
}`;
const LEAST_WAIT_MS = 50;
const MOST_WAIT_MS = 400;

/** Left before it is open it emits an error that nobody listens for any more. */
class QuietSocket extends WebSocket {
  constructor(address: string, protocols: string) {
    super(address, protocols);
    this.on('error', () => {});
  }
}

export function openDashboard(options: {
  person: Person;
  filter: Filter;
  first: Which;
  urlOf: (which: Which) => string;
  /** Ends a connection on which a ping is not answered for so long, ms; 0: waits for as long as it takes. */
  patienceMs: number;
}): Dashboard {
  const { person, filter, patienceMs } = options;
  let which = options.first;
  const left = new AbortController();
  let leaveNow = () => {};
  const begun = Promise.withResolvers<void>();
  const dashboard: Dashboard = {
    person,
    filter,
    begin: null,
    cursor: null,
    seen: [],
    resyncs: 0,
    errors: [],
    closed: [],
    begun: begun.promise,
    async leave() {
      left.abort();
      leaveNow();
      await done;
    },
  };

  function take({ kind, cursor, appointmentId, version, appointment }: Update): void {
    dashboard.begin ??= cursor;
    dashboard.cursor = cursor;
    begun.resolve();
    if (kind === 'RESYNC') dashboard.resyncs += 1;
    if (appointmentId === null || version === null) return;
    const id = decodeId(appointmentId)?.id ?? appointmentId;
    dashboard.seen.push({ kind, appointmentId: id, version, shownVersion: appointment?.version ?? null });
  }

  /** Resolves when this connection is of no more use. */
  function watchOnce(): Promise<void> {
    return new Promise((resolve) => {
      let unanswered: NodeJS.Timeout | undefined;
      const client = createClient({
        url: `${options.urlOf(which).replace('http', 'ws')}/graphql`,
        webSocketImpl: QuietSocket,
        connectionParams: { authorization: `Bearer ${person.token}` },
        retryAttempts: 0,
        keepAlive: patienceMs,
        on: {
          ping(received) {
            if (!received) unanswered = setTimeout(() => client.terminate(), patienceMs);
          },
          pong: () => clearTimeout(unanswered),
          closed(event) {
            if (event !== null && typeof event === 'object' && 'code' in event) dashboard.closed.push(Number(event.code));
          },
        },
      });
      const end = () => {
        clearTimeout(unanswered);
        client.terminate();
        resolve();
      };
      leaveNow = end;
      client.subscribe<{ appointmentUpdated: Update }>(
        { query: WATCH, variables: { since: dashboard.cursor, filter: inputOf(filter) } },
        {
          next({ data, errors }) {
            for (const error of errors ?? []) dashboard.errors.push(String(error.extensions?.['code']));
            if (data != null) take(data.appointmentUpdated);
          },
          error(reason) {
            for (const code of codesOf(reason)) dashboard.errors.push(code);
            end();
          },
          complete: end,
        },
      );
    });
  }

  const done = (async () => {
    while (!left.signal.aborted) {
      await watchOnce();
      if (left.signal.aborted) return;
      which = which === 0 ? 1 : 0;
      await delay(LEAST_WAIT_MS + Math.random() * (MOST_WAIT_MS - LEAST_WAIT_MS));
    }
  })();
  return dashboard;
}

function inputOf({ clinicianIds, ...rest }: Filter): object {
  return { ...rest, ...(clinicianIds === undefined ? {} : { clinicianIds: clinicianIds.map((id) => encodeId('Clinician', id)) }) };
}

/** Of GraphQL errors; the loss of a connection has none. */
function codesOf(reason: unknown): string[] {
  if (!Array.isArray(reason)) return [];
  return reason.map((error: { extensions?: { code?: unknown } }) => String(error.extensions?.code));
}
