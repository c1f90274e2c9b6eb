/** How far the change log can be read, and what holds it back. */
import type pg from 'pg';
import { CLUSTER, LOG_HORIZON, type LogPosition } from './change-log.ts';

/** The place before which every transaction has ended: where a reader that wants only what is new begins. */
export async function readHorizon(pool: Pick<pg.Pool, 'query'>, timeline: string): Promise<LogPosition> {
  const result = await pool.query<{ horizon: string }>(`SELECT ${LOG_HORIZON}::text AS horizon`);
  const horizon = result.rows[0]?.horizon;
  if (horizon === undefined) throw new Error('The horizon of the change log could not be read.');
  return { timeline, xid: horizon, id: '0' };
}

export interface Survey {
  /** When the oldest change was applied that is committed but lies above the horizon, held back by an open transaction; null: none. */
  heldBackSince: Date | null;
  /** False: the database was replaced since `timeline` was opened, and `openTimeline` must be asked again. */
  sameLog: boolean;
}

export async function surveyLog(pool: Pick<pg.Pool, 'query'>, timeline: string): Promise<Survey> {
  const result = await pool.query<Survey>(
    `SELECT (SELECT min(c."appliedAt") FROM "AppointmentChange" c WHERE c.xid >= ${LOG_HORIZON}) AS "heldBackSince",
            COALESCE((SELECT t."id" = $1 AND t."systemIdentifier" = ${CLUSTER}
                      FROM "ChangeTimeline" t ORDER BY t."createdAt" DESC, t."id" DESC LIMIT 1), false) AS "sameLog"`,
    [timeline],
  );
  const survey = result.rows[0];
  if (survey === undefined) throw new Error('The change log could not be surveyed.');
  return survey;
}

export interface Blocker {
  pid: number;
  applicationName: string;
  state: string | null;
  startedAt: Date | null;
}

/**
 * The oldest transaction with an id, which holds back the log of every database of the cluster; null: none is open.
 * What other roles run is seen only in part without `pg_read_all_stats`.
 */
export async function findBlocker(pool: Pick<pg.Pool, 'query'>): Promise<Blocker | null> {
  const result = await pool.query<Blocker>(
    `SELECT pid, application_name AS "applicationName", state, xact_start AS "startedAt"
     FROM pg_stat_activity WHERE backend_xid IS NOT NULL ORDER BY age(backend_xid) DESC LIMIT 1`,
  );
  return result.rows[0] ?? null;
}
