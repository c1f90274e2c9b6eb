/**
 * A list of appointments that keeps itself true: query with its cursor, then the stream since that cursor, patching
 * Apollo's cache. After any interruption the stream resumes at the last cursor seen, so nothing is missed and nothing
 * is loaded twice; RESYNC (the log no longer reaches that far) queries again. Framework-free: `useLiveAppointments`
 * is its face in React.
 */
import type { ApolloClient, Unmasked } from '@apollo/client';
import { print } from '@apollo/client/utilities';
import type { AppointmentCache } from '../apollo/appointment-cache.ts';
import type { AppointmentLiveFilter, LiveAppointmentFragment, LiveAppointmentsQuery } from '../generated/graphql.ts';
import { type AppointmentChange, changeOf, type LiveUpdate } from './appointment-change.ts';
import { type ConnectionMonitor, SILENCE_MS } from './connection.ts';
import type { ArrivedUpdate, DeliveryReporter } from './delivery-reporter.ts';
import { LIVE_APPOINTMENT, LIVE_APPOINTMENTS, LIVE_UPDATES } from './live-appointment.ts';
import type { LiveSocket } from './live-socket.ts';
import { followUpdates } from './live-stream.ts';
import type { PageSigns } from './page-signs.ts';
import type { ClockReading, ServerClock } from './server-clock.ts';

export interface LiveListState {
  phase: 'loading' | 'ready' | 'failed';
  /** In no particular order. */
  ids: readonly string[];
  /** The last change of each appointment that somebody else made since the list was loaded. */
  changes: ReadonlyMap<string, AppointmentChange>;
  /** What arrived together last; for one spoken sentence. */
  batch: readonly AppointmentChange[];
}

export interface LiveList {
  readonly subscribe: (listener: () => void) => () => void;
  readonly read: () => LiveListState;
  readonly reload: () => void;
  /** The person has seen the change. */
  readonly seen: (appointmentId: string) => void;
  /** Loads and follows until stopped; may be started again. */
  readonly start: () => () => void;
}

export interface LiveListParts {
  client: ApolloClient;
  cache: AppointmentCache;
  socket: Pick<LiveSocket, 'subscribe' | 'onRenewed' | 'restart'>;
  monitor: ConnectionMonitor;
  signs: Pick<PageSigns, 'onOnline' | 'onShown'>;
  clock: ServerClock;
  reporter: Pick<DeliveryReporter, 'applied'>;
  /** This device's clock, Unix ms. */
  now?: () => number;
}

const PAGE = 100;
/** Nothing a clinic shows at once is longer; the bound keeps a wrong filter from loading a whole history. */
const MOST_PAGES = 10;
/** Updates within one frame are one patch: a burst must not render two hundred times. */
const BATCH_MS = 16;
/** Between looks at whether the stream still speaks. */
const LOOK_MS = 5_000;

export function createLiveList(parts: LiveListParts, filter: AppointmentLiveFilter): LiveList {
  const { client, cache, socket, monitor, signs, clock, now = Date.now } = parts;
  let state: LiveListState = { phase: 'loading', ids: [], changes: new Map(), batch: [] };
  let cursor: string | null = null;
  let disposed = true;
  let run = 0;
  let stop: (() => void) | null = null;
  let queue: ArrivedUpdate[] = [];
  /** Unix ms. */
  let lastSign = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let caughtUpOnce = false;
  const listeners = new Set<() => void>();
  const document = print(cache.transformDocument(LIVE_UPDATES));

  const become = (next: Partial<LiveListState>): void => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };

  const load = async (): Promise<void> => {
    run += 1;
    const mine = run;
    stop?.();
    stop = null;
    queue = [];
    if (state.phase === 'failed') become({ phase: 'loading' });
    try {
      const loaded = await loadPages(client, filter);
      if (disposed || mine !== run) return;
      cursor = loaded.cursor;
      lastSign = now();
      become({ phase: 'ready', ids: loaded.ids });
      follow();
    } catch {
      if (!disposed && mine === run) become({ phase: 'failed' });
    }
  };

  const follow = (): void => {
    stop = followUpdates({
      socket,
      signs,
      query: document,
      variables: () => ({ filter, since: cursor }),
      onUpdate: enqueue,
      onBadCursor: () => void load(),
    });
  };

  const enqueue = (update: LiveUpdate): void => {
    lastSign = now();
    queue.push({ update, arrivedAt: lastSign });
    timer ??= setTimeout(flush, BATCH_MS);
  };

  /** A socket may be open and silent: a sleeping machine, a balancer that forgot it. What is shown may be old then. */
  const look = (): void => {
    if (stop === null || now() - lastSign <= SILENCE_MS) return;
    lastSign = now();
    socket.restart();
  };

  const flush = (): void => {
    timer = undefined;
    const arrived = queue;
    queue = [];
    if (disposed || arrived.length === 0) return;
    const shownAt = now();
    const live: ArrivedUpdate[] = [];
    const ids = new Set(state.ids);
    const changes = new Map(state.changes);
    const batch: AppointmentChange[] = [];
    let resync = false;
    let { caughtUp, replayed } = monitor.read();
    cache.batch({
      update: () => {
        for (const each of arrived) {
          const { update } = each;
          cursor = update.cursor;
          if (update.kind === 'RESYNC') resync = true;
          else if (update.kind === 'POSITION') caughtUp = caughtUpOnce = true;
          else {
            if (!caughtUp) replayed += 1;
            const change = apply(cache, update, ids, { now: shownAt, replayed: !caughtUp && caughtUpOnce, clock: clock.read() });
            if (change === null) continue;
            if (caughtUp) live.push(each);
            changes.set(change.appointmentId, change);
            batch.push(change);
          }
        }
      },
    });
    monitor.report({ lastSign: shownAt, caughtUp, replayed });
    if (batch.length > 0 || ids.size !== state.ids.length || state.ids.some((id) => !ids.has(id))) {
      become({ ids: [...ids], changes, batch: batch.length > 0 ? batch : state.batch });
    }
    parts.reporter.applied(live);
    if (resync) void load();
  };

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read: () => state,
    reload: () => void load(),
    seen: (appointmentId) => {
      if (!state.changes.has(appointmentId)) return;
      const changes = new Map(state.changes);
      changes.delete(appointmentId);
      become({ changes });
    },
    start: () => {
      disposed = false;
      void load();
      void clock.measure();
      const looking = setInterval(look, LOOK_MS);
      const stopLooking = signs.onShown(look);
      return () => {
        disposed = true;
        run += 1;
        clearInterval(looking);
        stopLooking();
        clearTimeout(timer);
        timer = undefined;
        stop?.();
        stop = null;
      };
    },
  };
}

async function loadPages(client: ApolloClient, filter: AppointmentLiveFilter): Promise<{ ids: string[]; cursor: string | null }> {
  const ids: string[] = [];
  let cursor: string | null = null;
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { nodes, pageInfo, changeCursor } = await loadPage(client, filter, after);
    // The first page's cursor is the oldest: what changes while the others load is replayed.
    cursor ??= changeCursor;
    ids.push(...nodes.map((node) => node.id));
    after = pageInfo.endCursor ?? null;
    if (!pageInfo.hasNextPage || after === null) break;
  }
  return { ids: [...new Set(ids)], cursor };
}

async function loadPage(
  client: ApolloClient,
  filter: AppointmentLiveFilter,
  after: string | null,
): Promise<LiveAppointmentsQuery['appointments']> {
  const { data } = await client.query({ query: LIVE_APPOINTMENTS, variables: { filter, first: PAGE, after }, fetchPolicy: 'network-only' });
  if (data === undefined) throw new Error('The gateway answered without data.');
  return data.appointments;
}

/** Patches cache and membership; the change to tell of, or null when this tab knew that version already (it made it itself). */
function apply(
  cache: AppointmentCache,
  update: LiveUpdate,
  ids: Set<string>,
  shown: { now: number; replayed: boolean; clock: ClockReading | null },
): AppointmentChange | null {
  const { appointment, appointmentId, version } = update;
  if (appointmentId == null) return null;
  const id = appointment?.id ?? appointmentId;
  const isNews = (version ?? 0) > cache.knownVersion(id);
  if (appointment != null) {
    cache.writeFragment({
      id: `Appointment:${appointment.id}`,
      fragment: LIVE_APPOINTMENT,
      fragmentName: 'LiveAppointment',
      // The stream is read past Apollo, so nothing is masked here: the data is whole.
      data: appointment as unknown as Unmasked<LiveAppointmentFragment>,
    });
  }
  // An alias: two rows turned out to be one chain, and the winner carries on.
  if (id !== appointmentId) ids.delete(appointmentId);
  if (update.kind === 'LEFT_FILTER' || update.kind === 'REMOVED' || appointment == null) ids.delete(id);
  else ids.add(id);
  return isNews ? changeOf(update, shown) : null;
}
