/**
 * The composition root: a complete configuration becomes a gateway that can be started and stopped. Used by main and by
 * every test that goes through the door.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createAccounts } from './auth/account.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { rememberSignIns } from './auth/remember-sign-ins.ts';
import { type Core, createCore } from './core.ts';
import { settingsThatLose } from './database/durability.ts';
import { claimInstance, identityOf } from './database/instance-identity.ts';
import { deployMigrations } from './database/migrations.ts';
import { createPool } from './database/pool.ts';
import { anyOperations, onlyOperations, type PersistedOperations } from './graphql/persisted-operations.ts';
import { createSharedDocuments } from './graphql/shared-documents.ts';
import { createGraphql } from './graphql/yoga.ts';
import { calcomReachable } from './http/calcom-reachable.ts';
import { createHealth } from './http/health.ts';
import { createOAuthCallback } from './http/oauth-callback.ts';
import { createSandboxProxy } from './http/sandbox-proxy.ts';
import { createHttpServer } from './http/server.ts';
import { createStaticClient } from './http/static-client.ts';
import { deleteExpired } from './jobs/retention.ts';
import { startJobs } from './jobs/runner.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import type { UserId } from './kernel/ids.ts';
import { createLog, type Log } from './kernel/log.ts';
import { findBlocker } from './live/horizon.ts';
import type { LivePace } from './live/live.ts';
import { attachWebSocket } from './live/websocket.ts';
import type { ResolvedConfig } from './start/surroundings.ts';
import { createMetrics } from './telemetry/metrics.ts';
import type { Measures } from './telemetry/measures.ts';
import { createReceiver, type Receiver } from './webhooks/receive.ts';
import { proofHealth } from './reconciliation/proven-equal.ts';
import { fullWindow, nearWindow, type SweepReport } from './reconciliation/sweep.ts';

export interface GatewayOverrides {
  clock: Clock;
  log: Log;
  /** False: nothing runs by the clock, and nothing is asked of Cal.com unless somebody asks. */
  jobs: boolean;
  livePace: Partial<LivePace>;
  /** Folder of the built client. */
  clientFolder: string;
}

export interface Gateway {
  /** Migrates, then listens. Rejects with a StartFailure for what the person who starts it can mend. */
  start(): Promise<{ url: string; port: number }>;
  /** Ends streams, lets requests and jobs end, closes. Safe to call at any time. */
  stop(): Promise<void>;
  /** After `start`. */
  core(): Core;
  /** Event types, then every booking that a board can show: what a start begins with. Cal.com away is no failure. */
  firstSweep(): Promise<SweepReport>;
}

/** A client that comes costs the instance about half a millisecond: 5000 connect and subscribe in 2.5 s. */
const LEAVE_EVERY_MS = 1;
const CLIENT = path.resolve(import.meta.dirname, '../client/dist');
const OPERATIONS = path.resolve(import.meta.dirname, '../client/generated/operations.json');

export function createGateway(config: ResolvedConfig, overrides: Partial<GatewayOverrides> = {}): Gateway {
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? createLog({ level: config.logLevel });
  /** What has been started, in order; stopped in the opposite one. */
  const stops: (() => Promise<void> | void)[] = [];
  let running: Core | null = null;
  let stopping: Promise<void> | null = null;

  async function begin(): Promise<{ url: string; port: number }> {
    await deployMigrations(config.database.url);
    const pool = createPool({ url: config.database.url, size: config.database.poolSize, log });
    stops.push(() => pool.end());
    await claimInstance(pool, identityOf(config));
    const losing = await settingsThatLose(pool);
    if (losing.length > 0) log.warn('database.not-durable', { settings: losing, see: 'npm run cli -- doctor' });

    const core = await createCore({
      config,
      clock,
      log,
      pool,
      ...(overrides.livePace === undefined ? {} : { livePace: overrides.livePace }),
    });
    running = core;
    stops.push(() => core.services.prisma.$disconnect());
    stops.push(() => core.oddities.stop());
    stops.push(() => core.bell.stop());
    stops.push(() => core.sharedSlots?.stop());
    core.applier.start();
    stops.push(() => core.applier.stop());
    await core.live.start();

    if (overrides.jobs !== false) {
      const jobs = await startJobs({ pool, actions: jobActions(core), log });
      stops.push(() => jobs.stop());
    }
    // Before the jobs: one of them may be a sweep that waits for a rate limit.
    stops.push(() => core.reconciler.stop());
    return await listen(core);
  }

  async function listen(core: Core): Promise<{ url: string; port: number }> {
    const accounts = createAccounts(core.services.pool);
    const authenticate = rememberSignIns(createAuthenticate({ auth: config.auth, accounts, clock, log }), clock);
    const startedAt = clock.now();
    const proof = async () => proofHealth(core.services.pool, await ownerIds(core), startedAt, clock.now());
    const metrics =
      config.metricsToken === null
        ? null
        : createMetrics(config.metricsToken, {
            measures: core.measures,
            pool: core.services.pool,
            sockets: () => sockets.counters(),
            live: core.live.counters,
            lag: core.live.lag,
            backlog: core.inbox.backlog,
            proof,
          });
    const graphql = createGraphql(core.services, { authenticate, persisted: persistedOperations() });
    const http = createHttpServer(
      {
        graphql: graphql.handler,
        webhooks: counted(
          createReceiver({
            inbox: core.inbox,
            secrets: config.webhook,
            clock,
            log,
            onRecorded: core.applier.take,
          }),
          core.measures,
        ),
        health: createHealth({
          clock,
          backlog: () => core.inbox.backlog(),
          refused: core.inbox.refused,
          blocker: () => findBlocker(core.services.pool),
          live: () => core.live.lag(),
          proof,
          calcomProblems: () => core.instance.problems(),
          reconnects: () => core.services.connections.reconnects(),
          calcomAnswers: calcomReachable(config.calcom.apiUrl),
        }),
        metrics,
        calcomCallback: createOAuthCallback((back) => core.services.connections.finish(back)),
        client: createStaticClient(overrides.clientFolder ?? CLIENT),
        sandbox: config.sandbox ? createSandboxProxy(config.calcom.apiUrl) : null,
      },
      log,
    );
    const sockets = attachWebSocket({
      server: http.node,
      subscriptions: graphql.subscriptions,
      getEnveloped: graphql.getEnveloped,
      textOf: graphql.persisted.textOf,
      authenticate,
      allowedOrigins: config.allowedOrigins,
      clock,
      log,
    });
    stops.push(async () => {
      // The balancer sends new connections elsewhere from here on; whoever watches is served until sent away.
      http.refuse();
      const leaving = sockets.counters().open + (core.live.lag()?.streams ?? 0);
      const everyMs = Math.min(LEAVE_EVERY_MS, config.drainWindowMs / Math.max(leaving, 1));
      await sockets.stop(everyMs);
      // What is left are server-sent events, which end with live delivery; only then can the server close.
      await core.live.stop(everyMs);
      await http.close();
    });
    return await http.listen(config.host, config.port);
  }

  function persistedOperations(): PersistedOperations {
    if (config.persistedOperations === 'only')
      return onlyOperations(JSON.parse(readFileSync(OPERATIONS, 'utf8')) as Record<string, string>);
    if (config.redisUrl === null) return anyOperations();
    const shared = createSharedDocuments({ redisUrl: config.redisUrl, log });
    stops.push(() => shared.stop());
    return anyOperations(shared);
  }

  async function end(): Promise<void> {
    for (const stop of stops.splice(0).toReversed()) {
      try {
        await stop();
      } catch (error) {
        log.error('stop.failed', { message: error instanceof Error ? error.message : String(error) });
      }
    }
    running = null;
  }

  const core = (): Core => {
    if (running === null) throw new Error('The gateway has not been started.');
    return running;
  };

  return {
    async start() {
      try {
        return await begin();
      } catch (error) {
        await end();
        throw error;
      }
    },
    stop() {
      stopping ??= end();
      return stopping;
    },
    core,
    async firstSweep() {
      // First of all: what another Cal.com offers is not to be copied.
      await core().instance.check();
      await core().mirror();
      // What changed while nobody listened, wherever it lies; then everything a board can show.
      await core().reconciler.sweep({ kind: 'recent' });
      return await core().reconciler.sweep(nearWindow(clock.now()));
    },
  };
}

function counted(receive: Receiver, measures: Pick<Measures, 'answered'>): Receiver {
  return async (rawBody, headers) => {
    const answer = await receive(rawBody, headers);
    measures.answered(answer.body.status);
    return answer;
  };
}

/** Whose bookings the sweeps compare. */
async function ownerIds(core: Core): Promise<UserId[]> {
  return (await core.reconciler.owners()).flatMap((owner) => owner.ownerId ?? []);
}

function jobActions(core: Core): Parameters<typeof startJobs>[0]['actions'] {
  const { clock, pool } = core.services;
  return {
    sweepRecent: () => core.reconciler.sweep({ kind: 'recent' }),
    sweepWindow: () => core.reconciler.sweep(nearWindow(clock.now())),
    sweepEverything: () => core.reconciler.sweep(fullWindow(clock.now())),
    runRequestedSweeps: () => core.reconciler.runQueued(),
    applyLeftovers: () => core.applier.leftovers(),
    mirrorEventTypes: () => core.mirror(),
    linkPeople: () => core.linkDuePeople(),
    checkCalcom: () => core.instance.check(),
    retention: () => deleteExpired(pool, clock),
  };
}
