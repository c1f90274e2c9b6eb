/** `GET /metrics` in Prometheus' text format: what was counted, and what is read when somebody asks. */
import { timingSafeEqual } from 'node:crypto';
import { collectDefaultMetrics, Counter, Gauge } from 'prom-client';
import type pg from 'pg';
import type { LiveCounters, LiveHealth } from '../live/live.ts';
import type { SocketCounters } from '../live/websocket.ts';
import type { ProofHealth } from '../reconciliation/proven-equal.ts';
import type { Inbox } from '../webhooks/inbox.ts';
import type { Measures } from './measures.ts';

export interface MetricsSources {
  measures: Measures;
  pool: Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount'>;
  sockets: () => SocketCounters;
  live: () => LiveCounters;
  lag: () => LiveHealth | null;
  backlog: Inbox['backlog'];
  proof: () => Promise<ProofHealth>;
}

export interface MetricsAnswer {
  status: 200 | 401;
  contentType: string;
  body: string;
}

/** `authorization`: the header as it came. */
export type Metrics = (authorization: string | undefined) => Promise<MetricsAnswer>;

/** Figures that the database does not tell in time are left out: a scrape must not wait for it. */
const DATABASE_WAIT_MS = 2_000;
/** Codes that the gateway closes with, and the usual ones of clients; others are one: whoever closes chooses the number. */
const CLOSE_CODES = new Set([1000, 1001, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 4400, 4403, 4408, 4409, 4429, 4499, 4500]);

export function createMetrics(token: string, sources: MetricsSources): Metrics {
  const { registry } = sources.measures;
  collectDefaultMetrics({ register: registry });
  watchLive(sources);
  watchDatabase(sources);
  return async (authorization) => {
    if (!isBearer(authorization, token))
      return { status: 401, contentType: 'text/plain; charset=utf-8', body: 'Send METRICS_TOKEN as a bearer token.\n' };
    return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
  };
}

function watchLive({ measures, pool, sockets, live, lag }: MetricsSources): void {
  const registers = [measures.registry];
  const gauge = (name: string, help: string, read: () => number | null): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        const value = read();
        if (value === null) made.remove();
        else made.set(value);
      },
    });
  };
  const counter = (name: string, help: string, read: () => number): void => {
    const made: Counter = new Counter({ name, help, registers, collect: () => (made.reset(), made.inc(read())) });
  };
  gauge('fintan_streams', 'Open streams of this instance.', () => live().streams);
  gauge('fintan_stream_backlog', 'Updates that wait to be taken by streams of this instance.', () => live().waiting);
  counter('fintan_resyncs_total', 'Streams that were told to query again.', () => live().resyncs);
  gauge('fintan_sockets', 'Open WebSockets.', () => sockets().open);
  gauge('fintan_stream_groups', 'Groups of equal subscriptions: executions per change, at most.', () => sockets().groups);
  counter('fintan_socket_results_total', 'Results sent over WebSockets.', () => sockets().delivered);
  gauge('fintan_tail_lag_seconds', 'How long the oldest undelivered change has been waiting here.', () => {
    const health = lag();
    return health === null ? null : health.unreadMs / 1000;
  });
  gauge('fintan_redis_up', '1 while Redis answers; absent without Redis.', () => {
    const redis = lag()?.redis ?? 'none';
    return redis === 'none' ? null : Number(redis === 'up');
  });
  const closed: Counter = new Counter({
    name: 'fintan_sockets_closed_total',
    help: 'Closed WebSockets by close code.',
    labelNames: ['code'],
    registers,
    collect: () => {
      closed.reset();
      for (const [code, count] of Object.entries(sockets().closed))
        closed.inc({ code: CLOSE_CODES.has(Number(code)) ? code : 'other' }, count);
    },
  });
  const connections: Gauge = new Gauge({
    name: 'fintan_database_connections',
    help: 'Connections of this instance to PostgreSQL; `waiting`: requests for one.',
    labelNames: ['state'],
    registers,
    collect: () => {
      connections.set({ state: 'busy' }, pool.totalCount - pool.idleCount);
      connections.set({ state: 'idle' }, pool.idleCount);
      connections.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
}

function watchDatabase({ measures, backlog, proof }: MetricsSources): void {
  const registers = [measures.registry];
  const oldest = new Gauge({
    name: 'fintan_inbox_oldest_seconds',
    help: 'Age of the oldest webhook event that can still be applied.',
    registers,
  });
  const inbox: Gauge = new Gauge({
    name: 'fintan_inbox_unprocessed',
    help: 'Webhook events that are not done, by what they wait for.',
    labelNames: ['state'],
    registers,
    collect: async () => {
      const now = await inTime(backlog());
      inbox.reset();
      oldest.remove();
      if (now === null) return;
      inbox.set({ state: 'pending' }, now.unprocessed - now.waitingForHost - now.dead);
      inbox.set({ state: 'waiting_host' }, now.waitingForHost);
      inbox.set({ state: 'dead' }, now.dead);
      oldest.set(now.oldestSeconds);
    },
  });
  const overdue = new Gauge({
    name: 'fintan_clinicians_not_proven',
    help: 'Clinicians whose appointments have not been proven equal to Cal.com for too long.',
    registers,
  });
  const age: Gauge = new Gauge({
    name: 'fintan_proven_equal_age_seconds',
    help: "Since when appointments are proven to equal Cal.com's, of the clinician for whom it is longest ago.",
    registers,
    collect: async () => {
      const now = await inTime(proof());
      age.remove();
      overdue.remove();
      if (now === null) return;
      overdue.set(now.overdue);
      if (now.secondsSinceProvenEqual !== null) age.set(now.secondsSinceProvenEqual);
    },
  });
}

async function inTime<Value>(work: Promise<Value>): Promise<Value | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), DATABASE_WAIT_MS);
  });
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}

function isBearer(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
