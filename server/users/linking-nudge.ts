/**
 * Has past appointments looked at soon, by whichever instance: what a person is linked by has changed. A trigger on `User`
 * has noted whose (`linkingDueAt`), so a nudge that is lost costs a minute.
 */
import type pg from 'pg';

/**
 * In the transaction of the change: the job exists when that is committed. Without a job key, because whoever adds the
 * same key waits for the first transaction to end. Nothing where no gateway has run jobs on this database.
 */
export async function nudgeLinking(db: Pick<pg.Pool, 'query'>): Promise<void> {
  await db.query(
    `DO $$ BEGIN IF to_regnamespace('graphile_worker') IS NOT NULL THEN PERFORM graphile_worker.add_job('linkPeople', max_attempts => 1); END IF; END $$`,
  );
}
