/**
 * Which pools of job workers are alive. After a kill -9 graphile-worker keeps a dead pool's jobs and queues locked for four
 * hours; each live pool therefore holds a session advisory lock, which PostgreSQL drops with its connection, and a start
 * releases the jobs of all whose lock can be had.
 */
import type pg from 'pg';

export interface WorkerLocks {
  /** Says that this pool (`locked_by` of its jobs) is alive, until `release`. */
  announce(poolId: string): void;
  /** Safe to call twice. */
  release(): Promise<void>;
}

/** A pool is announced just after it is made; younger locks may belong to one that is about to. */
const SETTLED = '10 seconds';

export async function openWorkerLocks(pool: pg.Pool): Promise<WorkerLocks> {
  const client = await pool.connect();
  const announced: Promise<unknown>[] = [];
  let released = false;
  return {
    announce(poolId) {
      announced.push(client.query(`SELECT pg_advisory_lock(hashtextextended('job-worker ' || $1, 0))`, [poolId]).catch(() => {}));
    },
    async release() {
      if (released) return;
      released = true;
      await Promise.all(announced);
      client.release(true);
    },
  };
}

/** Frees the jobs of workers that are gone; answers how many pools. The schema of graphile-worker must exist. */
export async function releaseDeadWorkers(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ poolId: string }>(
      `SELECT held."poolId"
       FROM (SELECT DISTINCT locked_by AS "poolId" FROM graphile_worker.jobs
             WHERE locked_by IS NOT NULL AND locked_at < now() - interval '${SETTLED}') held
       WHERE pg_try_advisory_lock(hashtextextended('job-worker ' || held."poolId", 0))`,
    );
    if (rows.length > 0) await client.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [rows.map((row) => row.poolId)]);
    return rows.length;
  } finally {
    // Destroyed, not returned: ending the session drops the locks just taken.
    client.release(true);
  }
}
