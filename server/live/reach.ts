/** Whether, and from where, the log can still be replayed for a cursor. */
import type pg from 'pg';
import { LOG_HORIZON, type LogPosition } from './change-log.ts';
import { comparePositions } from './log-position.ts';

export interface ReplayLimits {
  windowMs: number;
  maxChanges: number;
}

/**
 * REACHED: the changes that follow the cursor can be told. NEWER: the cursor is of a log that went further than
 * this one. OLDER: something that follows it lies outside of the window. FAR: more than `maxChanges` follow it; querying again
 * is cheaper than being told.
 */
export interface Reach {
  kind: 'REACHED' | 'NEWER' | 'OLDER' | 'FAR';
  /** How far the log could be read at the time of the question. */
  present: LogPosition;
  /** Changes after the cursor, counted up to `maxChanges` + 1. */
  following: number;
}

export async function reachOf(pool: Pick<pg.Pool, 'query'>, since: LogPosition, limits: ReplayLimits, now: Date): Promise<Reach> {
  const result = await pool.query<{ horizon: string; following: number; oldest: Date | null }>(
    `SELECT ${LOG_HORIZON}::text AS horizon, count(*)::int AS following, min(c."appliedAt") AS oldest
     FROM (
       SELECT c."appliedAt" FROM "AppointmentChange" c
       WHERE (c.xid, c.id) > ($1::xid8, $2::bigint) AND c.xid < ${LOG_HORIZON}
       ORDER BY c.xid, c.id LIMIT $3
     ) c`,
    [since.xid, since.id, limits.maxChanges + 1],
  );
  const range = result.rows[0];
  if (range === undefined) throw new Error('The reach of a cursor could not be read.');
  const present = { timeline: since.timeline, xid: range.horizon, id: '0' };
  const { following, oldest } = range;
  if (comparePositions(since, present) > 0) return { kind: 'NEWER', present, following };
  if (oldest !== null && oldest.getTime() < now.getTime() - limits.windowMs) return { kind: 'OLDER', present, following };
  return { kind: following > limits.maxChanges ? 'FAR' : 'REACHED', present, following };
}
