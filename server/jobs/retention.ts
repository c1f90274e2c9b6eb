/** Rows with a limited life, deleted in bounded steps so that no transaction is long. */
import type pg from 'pg';
import type { Clock } from '../kernel/clock.ts';

const STEP = 1000;
const expiring = ['SlotHold', 'MutationKey', 'DriftReport', 'CalcomConnectionAttempt', 'DeliverySample'] as const;

/** Deletes what has expired; answers how many rows. */
export async function deleteExpired(pool: Pick<pg.Pool, 'query'>, clock: Clock): Promise<number> {
  let deleted = 0;
  for (const table of expiring) {
    for (let last = STEP; last === STEP; deleted += last) {
      const result = await pool.query(
        `DELETE FROM "${table}" WHERE ctid = ANY(ARRAY(SELECT ctid FROM "${table}" WHERE "expiresAt" < $1 ORDER BY "expiresAt" LIMIT ${STEP}))`,
        [clock.now()],
      );
      last = result.rowCount ?? 0;
    }
  }
  return deleted;
}
