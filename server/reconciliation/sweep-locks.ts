/**
 * One sweep of a clinician at a time, whoever began it: a job, another instance or the command line. Advisory locks of one
 * session, so that they end with the process that holds them.
 */
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';

export interface SweepLocks {
  /** False: another sweep of this clinician is running. */
  takeOwner(ownerId: UserId | null): Promise<boolean>;
  releaseOwner(ownerId: UserId | null): Promise<void>;
  /** Held until `release`: tells that the run which writes this report is alive. */
  takeReport(reportId: string): Promise<boolean>;
  /** The session has ended, and the locks with it. */
  lost(): boolean;
  release(): Promise<void>;
}

export async function openSweepLocks(pool: pg.Pool): Promise<SweepLocks> {
  const client = await pool.connect();
  let lost: Error | undefined;
  const onError = (error: Error) => {
    lost = error;
  };
  client.on('error', onError);
  const take = async (name: string) => {
    const result = await client.query<{ taken: boolean }>(`SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken`, [name]);
    return result.rows[0]?.taken === true;
  };
  const ownerLock = (ownerId: UserId | null) => `sweep:${ownerId ?? 'shared'}`;
  return {
    takeOwner: (ownerId) => take(ownerLock(ownerId)),
    async releaseOwner(ownerId) {
      if (lost === undefined) await client.query(`SELECT pg_advisory_unlock(hashtextextended($1, 0))`, [ownerLock(ownerId)]);
    },
    takeReport: (reportId) => take(`drift-report:${reportId}`),
    lost: () => lost !== undefined,
    async release() {
      if (lost === undefined) await client.query(`SELECT pg_advisory_unlock_all()`).catch(onError);
      client.off('error', onError);
      client.release(lost);
    },
  };
}

/** Reports that say RUNNING though nobody holds their lock: their process ended in the middle. */
export async function markInterrupted(pool: pg.Pool, now: Date): Promise<void> {
  await pool.query(
    `UPDATE "DriftReport" r SET "state" = 'INTERRUPTED', "finishedAt" = $1
     WHERE r."state" = 'RUNNING' AND NOT EXISTS (
       SELECT 1 FROM pg_locks l
       WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended('drift-report:' || r."id", 0))`,
    [now],
  );
}
