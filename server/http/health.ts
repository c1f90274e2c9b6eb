/**
 * `GET /api/calcom/health`: always 200, the status is in the body, because a restart of the gateway mends none of what
 * it reports. Holds no personal data: counts, ages and words.
 */
import type pg from 'pg';
import type { Clock } from '../kernel/clock.ts';

export type HealthStatus = 'ok' | 'degraded' | 'down';

export interface Health {
  /** `down`: no database, nothing works. `degraded`: something a person should look at. */
  status: HealthStatus;
  /** Sentences about what is not well; empty when `ok`. */
  problems: string[];
  database: { reachable: boolean; latencyMs: number | null };
  calcom: { reachable: boolean | null };
  inbox: { waiting: number; dead: number; waitingForHost: number; oldestWaitingMs: number } | null;
  /** Age of the oldest open write transaction of the cluster: the change log is readable only up to its start. */
  changeLog: { heldBackMs: number; heldBackBy: string | null; unreadMs: number | null } | null;
}

export interface HealthSources {
  pool: Pick<pg.Pool, 'query'>;
  clock: Clock;
  /** Whether Cal.com answers at all; may take as long as it likes, 2 s are waited. */
  calcomAnswers: (signal: AbortSignal) => Promise<boolean>;
  /** How long this instance's tail has had something unread, ms. */
  tailLagMs?: () => number;
}

const DATABASE_WAIT_MS = 2000;
const CALCOM_WAIT_MS = 2000;
const CALCOM_CACHE_MS = 10_000;
/** Answers within this time are the same one: health must not be a way to load the database. */
const CACHE_MS = 1000;
const INBOX_OLD_MS = 60_000;
const HELD_BACK_MS = 10_000;

export function createHealth(sources: HealthSources): () => Promise<Health> {
  const calcomReachable = cached(sources.clock, CALCOM_CACHE_MS, async () => {
    const signal = AbortSignal.timeout(CALCOM_WAIT_MS);
    return await orAfter(CALCOM_WAIT_MS, sources.calcomAnswers(signal), false);
  });
  return cached(sources.clock, CACHE_MS, async () => {
    const [database, reachable] = await Promise.all([orAfter(DATABASE_WAIT_MS, readDatabase(sources), null), calcomReachable()]);
    const health: Omit<Health, 'status' | 'problems'> = {
      database: { reachable: database !== null, latencyMs: database?.latencyMs ?? null },
      calcom: { reachable },
      inbox: database?.inbox ?? null,
      changeLog: database === null ? null : { ...database.changeLog, unreadMs: sources.tailLagMs?.() ?? null },
    };
    const problems = problemsOf(health);
    return { status: health.database.reachable ? (problems.length > 0 ? 'degraded' : 'ok') : 'down', problems, ...health };
  });
}

function problemsOf({ database, calcom, inbox, changeLog }: Omit<Health, 'status' | 'problems'>): string[] {
  const problems: string[] = [];
  if (!database.reachable) problems.push('The database does not answer.');
  if (calcom.reachable === false) problems.push('Cal.com does not answer.');
  if (inbox !== null && inbox.dead > 0) problems.push(`${inbox.dead} webhook events failed for good: see \`npm run cli -- inbox\`.`);
  if (inbox !== null && inbox.oldestWaitingMs > INBOX_OLD_MS) problems.push('Webhook events wait longer than a minute.');
  if (changeLog !== null && changeLog.heldBackMs > HELD_BACK_MS)
    problems.push('A long write transaction in the cluster holds live updates back.');
  if (changeLog?.unreadMs != null && changeLog.unreadMs > HELD_BACK_MS) problems.push('This instance is behind the change log.');
  return problems;
}

interface DatabaseHealth {
  latencyMs: number;
  inbox: NonNullable<Health['inbox']>;
  changeLog: Omit<NonNullable<Health['changeLog']>, 'unreadMs'>;
}

async function readDatabase({ pool }: HealthSources): Promise<DatabaseHealth | null> {
  const startedAt = performance.now();
  try {
    const { rows } = await pool.query<{
      waiting: number;
      dead: number;
      waitingForHost: number;
      oldestWaitingMs: number;
      heldBackMs: number;
      heldBackBy: string | null;
    }>(
      `SELECT i.*, COALESCE(t."heldBackMs", 0) AS "heldBackMs", t."heldBackBy"
       FROM (SELECT count(*) FILTER (WHERE "outcome" IS NULL OR "outcome" = 'RETRYING')::int AS waiting,
                    count(*) FILTER (WHERE "outcome" = 'DEAD')::int AS dead,
                    count(*) FILTER (WHERE "outcome" = 'WAITING_HOST')::int AS "waitingForHost",
                    COALESCE(extract(epoch FROM now() - min("createdAt") FILTER (WHERE "outcome" IS NULL OR "outcome" = 'RETRYING')) * 1000, 0)::float8 AS "oldestWaitingMs"
             FROM "CalcomWebhookEvent" WHERE NOT "processed") i
       LEFT JOIN (SELECT extract(epoch FROM clock_timestamp() - xact_start)::float8 * 1000 AS "heldBackMs",
                         format('process %s (%s)', pid, COALESCE(NULLIF(application_name, ''), 'unnamed')) AS "heldBackBy"
                  FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
                  ORDER BY xact_start LIMIT 1) t ON true`,
    );
    const row = rows[0];
    if (row === undefined) return null;
    const { heldBackMs, heldBackBy, ...inbox } = row;
    return {
      latencyMs: Math.round(performance.now() - startedAt),
      inbox: { ...inbox, oldestWaitingMs: Math.round(inbox.oldestWaitingMs) },
      changeLog: { heldBackMs: Math.round(heldBackMs), heldBackBy },
    };
  } catch {
    return null;
  }
}

/** One answer for everybody who asks within `ms` of the last one. */
function cached<Value>(clock: Clock, ms: number, read: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  let at = 0;
  return () => {
    const now = clock.now().getTime();
    if (value === undefined || now - at >= ms) {
      at = now;
      value = read();
    }
    return value;
  };
}

/** `otherwise` when the work fails or is not done in time. */
async function orAfter<Value, Otherwise>(ms: number, work: Promise<Value>, otherwise: Otherwise): Promise<Value | Otherwise> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Otherwise>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  try {
    return await Promise.race([work.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
