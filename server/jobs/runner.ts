/**
 * Jobs of one instance: graphile-worker on the instance's own pool, and again after it has given up. It gives up when PostgreSQL is
 * away at the wrong moment (a job just done cannot be marked so), and a gateway without jobs would look well for a long time.
 */
import type pg from 'pg';
import type { Log } from '../kernel/log.ts';
import { keepTrying } from '../live/keep-trying.ts';
import type { JobActions } from './tasks.ts';
import { runWorkers, type Workers } from './workers.ts';

export interface Jobs {
  /** Adds one of the tasks to be run now, by any instance. */
  add(task: keyof JobActions): Promise<void>;
  /** Waits for what runs, at most about six seconds. */
  stop(): Promise<void>;
}

/** Rejects when the first start fails. */
export async function startJobs(options: { pool: pg.Pool; actions: JobActions; log: Log }): Promise<Jobs> {
  const { log } = options;
  const stopping = new AbortController();
  let workers: Workers = await runWorkers(options);

  async function keepRunning(): Promise<void> {
    for (;;) {
      await workers.ended;
      if (stopping.signal.aborted) return;
      log.error('jobs.gave-up');
      const dead = workers.poolIds;
      workers = await keepTrying(() => runWorkers({ ...options, dead }), {
        signal: stopping.signal,
        failed(error, failures) {
          if (failures % 10 === 1)
            log.warn('jobs.not-started', { failures, message: error instanceof Error ? error.message : String(error) });
        },
      });
      log.info('jobs.started-again');
    }
  }

  const running = keepRunning().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    add: (task) => workers.add(task),
    async stop() {
      stopping.abort();
      await workers.stop();
      await running;
    },
  };
}
