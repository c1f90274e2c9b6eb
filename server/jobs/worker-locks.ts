/**
 * Which job workers are alive. After a kill -9 graphile-worker keeps a dead worker's jobs and queues locked for four hours;
 * each live worker therefore holds a session advisory lock, which PostgreSQL drops with its connection, and a start
 * releases the jobs of all whose lock can be had.
 */
import type pg from 'pg';

export interface WorkerLocks {
  /** Says that this worker is alive, until `release`. */
  announce(workerId: string): void;
  release(): Promise<void>;
}

/** A worker announces itself just after it is made; younger locks may belong to one that is about to. */
const SETTLED = '10 seconds';

export async function openWorkerLocks(pool: pg.Pool): Promise<WorkerLocks> {
  const client = await pool.connect();
  const announced: Promise<unknown>[] = [];
  return {
    announce(workerId) {
      announced.push(client.query(`SELECT pg_advisory_lock(hashtextextended('job-worker ' || $1, 0))`, [workerId]).catch(() => {}));
    },
    async release() {
      await Promise.all(announced);
      client.release(true);
    },
  };
}

/** Frees the jobs of workers that are gone; answers how many workers. The schema of graphile-worker must exist. */
export async function releaseDeadWorkers(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ workerId: string }>(
      `SELECT held."workerId"
       FROM (SELECT DISTINCT locked_by AS "workerId" FROM graphile_worker.jobs
             WHERE locked_by IS NOT NULL AND locked_at < now() - interval '${SETTLED}') held
       WHERE pg_try_advisory_lock(hashtextextended('job-worker ' || held."workerId", 0))`,
    );
    if (rows.length > 0) await client.query('SELECT graphile_worker.force_unlock_workers($1::text[])', [rows.map((row) => row.workerId)]);
    return rows.length;
  } finally {
    // Destroyed, not returned: ending the session drops the locks just taken.
    client.release(true);
  }
}
