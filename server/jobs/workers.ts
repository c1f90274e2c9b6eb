/** One run of graphile-worker on the instance's own pool (STACK 13 lists what it needs), until it is stopped or gives up. */
import { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Logger, run, runMigrations } from 'graphile-worker';
import type pg from 'pg';
import type { Log } from '../kernel/log.ts';
import { crontab, type JobActions, taskList } from './tasks.ts';
import { openWorkerLocks, releaseDeadWorkers } from './worker-locks.ts';

export interface Workers {
  /** In whose name its jobs are locked. */
  poolIds: string[];
  /** Resolves when it has stopped, whoever stopped it. */
  ended: Promise<void>;
  add(task: keyof JobActions): Promise<void>;
  /** Waits for what runs, at most about six seconds. */
  stop(): Promise<void>;
}

const CONCURRENCY = 2;
const STOP_MS = 6000;
const LOOK_MS = 25;
/**
 * Without a delay of their own, the end of a job is written by a promise that nobody awaits (graphile-worker 0.18, worker.js): a
 * connection lost in that moment ends the process. Written as a batch, it ends only the run.
 */
const BATCHED = { completeJobBatchDelay: 0, failJobBatchDelay: 0 };

/** `dead`: pools of this process that have given up; their jobs are free again at once. */
export async function runWorkers(options: { pool: pg.Pool; actions: JobActions; log: Log; dead?: string[] }): Promise<Workers> {
  const { pool, log } = options;
  const logger = graphileLogger(log);
  await runMigrations({ pgPool: pool, logger });
  await pool.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [options.dead ?? []]);
  const released = await releaseDeadWorkers(pool);
  if (released > 0) log.warn('jobs.dead-workers-released', { workers: released });

  const locks = await openWorkerLocks(pool);
  const poolIds: string[] = [];
  const events = new EventEmitter();
  // Jobs are locked in the name of the pool (0.17 and later), whichever of its workers runs them.
  events.on('pool:create', ({ workerPool }: { workerPool: { id: string } }) => {
    poolIds.push(workerPool.id);
    locks.announce(workerPool.id);
  });
  events.on('job:error', ({ job, error }: { job: { task_identifier: string }; error: unknown }) => {
    log.warn('jobs.failed', { task: job.task_identifier, message: error instanceof Error ? error.message : String(error) });
  });

  const runner = await run({
    pgPool: pool,
    taskList: taskList(options.actions),
    crontab,
    preset: { worker: BATCHED },
    concurrency: CONCURRENCY,
    noHandleSignals: true,
    events,
    logger,
  }).catch(async (error: unknown) => {
    await locks.release();
    throw error;
  });
  let stopping = false;
  const ended = runner.promise
    .catch((error: unknown) => log.error('jobs.stopped', { message: error instanceof Error ? error.message : String(error) }))
    .then(() => (stopping ? undefined : locks.release()));

  return {
    poolIds,
    ended,
    async add(task) {
      await runner.addJob(task, {}, { jobKey: task, maxAttempts: 1 });
    },
    async stop() {
      stopping = true;
      const deadline = Date.now() + STOP_MS;
      // It rejects when it has given up before.
      await Promise.race([runner.stop().catch(() => {}), setTimeout(STOP_MS, undefined, { ref: false })]);
      // `stop` resolves before the last row is written; ending the pool now would leave its job locked.
      while (Date.now() < deadline && (await countLocked(pool, poolIds)) > 0) await setTimeout(LOOK_MS);
      await locks.release();
    },
  };
}

async function countLocked(pool: pg.Pool, poolIds: string[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM graphile_worker.jobs WHERE locked_by = ANY($1)`,
    [poolIds],
  );
  return rows[0]?.count ?? 0;
}

/** Its info lines are one per job: they go to debug. */
function graphileLogger(log: Log): Logger {
  return new Logger((scope) => (level: string, message: string) => {
    const fields = { message, task: scope.taskIdentifier };
    if (level === 'error') log.error('jobs.worker', fields);
    else if (level === 'warning') log.warn('jobs.worker', fields);
    else log.debug('jobs.worker', fields);
  });
}
