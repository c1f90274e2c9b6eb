/**
 * Live delivery of one instance: bell, tail, hub, and the streams of its subscribers (ARCHITECTURE, decision 2 and "The subscription").
 * Live delivery, catch-up after a disconnect and a second instance are the same path, because all of them read the log.
 */
import type { GraphQLError } from 'graphql';
import type pg from 'pg';
import pLimit from 'p-limit';
import type { AppointmentStore } from '../appointments/appointment-store.ts';
import { appointmentScope } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok } from '../kernel/result.ts';
import type { LiveDesk, LiveFilter } from '../services.ts';
import { atInstant } from './at-instant.ts';
import type { Bell } from './bell.ts';
import type { ChangeRow, LogPosition } from './change-log.ts';
import { cursorKeys, decodeCursor, type DecodedCursor, encodeCursor } from './cursor.ts';
import { createHeartbeat } from './heartbeat.ts';
import { readHorizon } from './horizon.ts';
import { createHub, type Hub } from './hub.ts';
import { createMarks, type Marks } from './marks.ts';
import { replay } from './replay.ts';
import { spread } from './spread.ts';
import { streamEnd } from './stream-end.ts';
import { Subscriber } from './subscriber.ts';
import { startTail, type Tail, type TailHealth } from './tail.ts';
import type { UpdateIterator } from './update-queue.ts';
import { watchViewers } from './viewer-watch.ts';

export interface LiveOptions {
  pool: pg.Pool;
  store: Pick<AppointmentStore, 'byIds'>;
  bell: Bell;
  clock: Clock;
  log: Log;
  config: Pick<Config, 'dataKeys' | 'replayWindowHours'>;
  /** From `openTimeline`. */
  timeline: string;
  /** Told of what was given to the streams, for the metrics. */
  published?: (changes: readonly ChangeRow[], at: Date) => void;
  /** Tests shorten these. */
  pace?: Partial<LivePace>;
}

export interface LivePace {
  /** Between POSITION heartbeats of one stream. */
  heartbeatMs: number;
  /** Between looks at the log when no bell rings. */
  pollMs: number;
  /** Between looks at the accounts of connected viewers. */
  watchMs: number;
  /** Updates that may wait for one subscriber. */
  queueCapacity: number;
  /** Changes read at once by a replay. */
  replayBatch: number;
  /** A cursor further behind than this many changes gets RESYNC. */
  maxReplay: number;
}

const PACE: LivePace = { heartbeatMs: 10_000, pollMs: 1_000, watchMs: 5_000, queueCapacity: 1_000, replayBatch: 400, maxReplay: 10_000 };
const REPLAYS_AT_ONCE = 4;
const HOUR_MS = 3_600_000;

export interface LiveHealth extends TailHealth {
  /** Open streams of this instance. */
  streams: number;
  /** How long something has been waiting that this instance should have delivered, ms. What an open transaction holds back does not count. */
  unreadMs: number;
  redis: 'none' | 'up' | 'down';
}

export interface LiveCounters {
  streams: number;
  /** Updates that wait to be taken, of all streams. */
  waiting: number;
  /** Streams that were told to query again. */
  resyncs: number;
}

export interface Live extends LiveDesk {
  /** Begins at the present of the log; rejects when the database cannot be asked. */
  start(): Promise<void>;
  /** Ends every stream with SERVICE_RESTART, `everyMs` apart (default: at once); close the sockets first, so that their clients simply reconnect. */
  stop(everyMs?: number): Promise<void>;
  /** Null before `start`. `findBlocker` (live/horizon) names what holds the log back. */
  lag(): LiveHealth | null;
  counters(): LiveCounters;
  /** Of the log as it is now; changes when the database was replaced under the running gateway. */
  timeline(): string;
  /** The place in the log of now that a cursor names; null when it names none. */
  positionOf(cursor: string): LogPosition | null;
}

interface Running {
  hub: Hub;
  tail: Tail;
  stop: () => void;
}

export function createLive(options: LiveOptions): Live {
  const { pool, bell, clock, log } = options;
  const pace = { ...PACE, ...options.pace };
  const keys = cursorKeys(options.config.dataKeys.map((dataKey) => dataKey.key));
  const limits = { windowMs: options.config.replayWindowHours * HOUR_MS, maxChanges: pace.maxReplay };
  const inTurn = pLimit(REPLAYS_AT_ONCE);
  const streams = new Map<Viewer, Set<Subscriber>>();
  let open = 0;
  let stopping = false;
  let running: Running | null = null;

  const cursorOf = (position: LogPosition) => encodeCursor(keys, position);
  let resyncs = 0;
  const made = createMarks(cursorOf);
  const marks: Marks = {
    position: made.position,
    resync(at) {
      resyncs += 1;
      return made.resync(at);
    },
  };
  const timeline = () => running?.tail.health().position.timeline ?? options.timeline;

  function begin(viewer: Viewer, filter: LiveFilter, since: DecodedCursor | null): UpdateIterator {
    if (running === null) throw new Error('Live delivery has not been started.');
    const { hub } = running;
    const scope = appointmentScope(viewer);
    let cancelExpiry = () => {};
    const subscriber = new Subscriber({
      viewer,
      scope,
      filter: withPlainIds(filter),
      capacity: pace.queueCapacity,
      marks,
      closed() {
        cancelExpiry();
        hub.leave(subscriber);
        forget(subscriber);
      },
    });
    remember(subscriber);
    if (stopping) subscriber.end(streamEnd('SERVICE_RESTART'));
    else if ('none' in scope) subscriber.end(streamEnd('FORBIDDEN'));
    else {
      cancelExpiry = atInstant(clock, viewer.expiresAt, () => subscriber.end(streamEnd('UNAUTHENTICATED')));
      enter(subscriber, since, hub);
    }
    return subscriber.queue;
  }

  function enter(subscriber: Subscriber, since: DecodedCursor | null, hub: Hub): void {
    if (since === null) return subscriber.mark(hub.joinNow(subscriber));
    if (since.kind === 'FOREIGN' || since.position.timeline !== hub.reached().timeline) return subscriber.resync(hub.joinNow(subscriber));
    replay(subscriber, since.position, { pool, hub, clock, limits, inTurn, batch: pace.replayBatch }).catch((error: unknown) => {
      log.error('live.replay-failed', { message: error instanceof Error ? error.message : String(error) });
      subscriber.end(streamEnd('INTERNAL_SERVER_ERROR'));
    });
  }

  function remember(subscriber: Subscriber): void {
    open += 1;
    const own = streams.get(subscriber.viewer) ?? new Set();
    own.add(subscriber);
    streams.set(subscriber.viewer, own);
  }

  function forget(subscriber: Subscriber): void {
    open -= 1;
    const own = streams.get(subscriber.viewer);
    own?.delete(subscriber);
    if (own?.size === 0) streams.delete(subscriber.viewer);
  }

  function endStreams(which: Iterable<Subscriber>, reason: GraphQLError): void {
    for (const subscriber of which) subscriber.end(reason);
  }

  return {
    cursor: cursorOf,
    ring: () => bell.ring(),
    timeline,
    positionOf(cursor) {
      const decoded = decodeCursor(keys, cursor);
      return decoded.ok && decoded.value.kind === 'OURS' && decoded.value.position.timeline === timeline() ? decoded.value.position : null;
    },
    lag() {
      if (running === null) return null;
      const health = running.tail.health();
      const since = health.failingSince ?? health.deliveringSince;
      const unreadMs = since === null ? 0 : clock.now().getTime() - since.getTime();
      return { ...health, unreadMs, streams: open, redis: bell.redis() };
    },

    counters() {
      let waiting = 0;
      for (const own of streams.values()) for (const { queue } of own) waiting += queue.size();
      return { streams: open, waiting, resyncs };
    },

    subscribe(viewer, filter, since) {
      const decoded = since === null ? null : decodeCursor(keys, since);
      if (decoded !== null && !decoded.ok) return fail({ code: decoded.failure, message: 'This cursor is not one of this gateway.' });
      return ok({ [Symbol.asyncIterator]: () => begin(viewer, filter, decoded?.value ?? null) });
    },

    async start() {
      stopping = false;
      const from = await readHorizon(pool, options.timeline);
      const hub = createHub({ store: options.store, from, clock, log, cursorOf });
      const tail = startTail({
        pool,
        bell,
        from,
        listener: {
          async changes(changes, upTo) {
            await hub.publish(changes, upTo);
            options.published?.(changes, clock.now());
          },
          restarted: hub.restart,
        },
        clock,
        log,
        pollMs: pace.pollMs,
      });
      const heartbeat = createHeartbeat(hub, pace.heartbeatMs);
      const watch = watchViewers({
        pool,
        everyMs: pace.watchMs,
        viewers: () => streams.keys(),
        lost: (viewer) => endStreams(streams.get(viewer) ?? [], streamEnd('UNAUTHENTICATED')),
        log,
      });
      running = {
        hub,
        tail,
        stop() {
          heartbeat.stop();
          watch.stop();
          hub.stop();
        },
      };
    },

    async stop(everyMs = 0) {
      if (running === null) return;
      const { tail, stop } = running;
      stopping = true;
      // Not as completed: a client over server-sent events would take that for the last word.
      const all = [...streams.values()].flatMap((own) => [...own]);
      await spread(all, everyMs, (subscriber) => subscriber.end(streamEnd('SERVICE_RESTART')));
      stop();
      await tail.stop();
      running = null;
    },
  };
}

/** PostgreSQL answers ids in lower case; a filter may spell them otherwise. */
function withPlainIds(filter: LiveFilter): LiveFilter {
  return {
    ...filter,
    ...(filter.clinicianIds === undefined ? {} : { clinicianIds: filter.clinicianIds.map((id) => id.toLowerCase()) }),
    ...(filter.patientId === undefined ? {} : { patientId: filter.patientId.toLowerCase() }),
  };
}
