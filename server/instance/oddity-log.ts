/**
 * Counts what Cal.com sends that this release does not know. Counts are gathered in memory and written together: a flood
 * of unknown things must not become a flood of writes, and a crash loses at most the last second of counting.
 */
import type pg from 'pg';
import type { Oddity } from '../calcom/oddity.ts';
import type { Log } from '../kernel/log.ts';

export interface OddityCount extends Oddity {
  count: number;
  firstAt: Date;
  lastAt: Date;
}

export interface OddityLog {
  /** Never throws, never waits. */
  note(oddities: readonly Oddity[]): void;
  /** The most recent 200. */
  list(): Promise<OddityCount[]>;
  /** Writes what has been counted; false when the database could not be asked, then it is kept for the next time. */
  flush(): Promise<boolean>;
  /** Writes, and counts no more. */
  stop(): Promise<void>;
}

const WRITE_AFTER_MS = 1_000;
/** Different ones in memory and, per kind, in the table: a subject comes from outside. */
const MOST_SUBJECTS = 500;

export function createOddityLog({ pool, log }: { pool: Pick<pg.Pool, 'query'>; log: Log }): OddityLog {
  let counts = new Map<string, { oddity: Oddity; count: number }>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function flush(): Promise<boolean> {
    clearTimeout(timer);
    timer = undefined;
    if (counts.size === 0) return true;
    const writing = counts;
    counts = new Map();
    try {
      await write(pool, [...writing.values()]);
      return true;
    } catch (error) {
      for (const { oddity, count } of writing.values()) add(oddity, count);
      log.warn('oddities.not-written', { problem: error instanceof Error ? error.message : String(error) });
      return false;
    }
  }

  function add(oddity: Oddity, by: number): void {
    const key = `${oddity.kind} ${oddity.subject}`;
    const known = counts.get(key);
    if (known !== undefined) known.count += by;
    else if (counts.size < MOST_SUBJECTS) counts.set(key, { oddity, count: by });
  }

  return {
    note(oddities) {
      if (stopped || oddities.length === 0) return;
      for (const oddity of oddities) add(oddity, 1);
      timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS).unref();
    },
    async list() {
      await flush();
      const { rows } = await pool.query<Omit<OddityCount, 'count'> & { count: string }>(
        `SELECT "kind", "subject", "count", "firstAt", "lastAt" FROM "CalcomOddity" ORDER BY "lastAt" DESC, "kind", "subject" LIMIT 200`,
      );
      return rows.map((row) => ({ ...row, count: Number(row.count) }));
    },
    flush,
    async stop() {
      stopped = true;
      await flush();
    },
  };
}

/** Beyond the limit of a kind only what is in the table already is counted further. */
async function write(db: Pick<pg.Pool, 'query'>, counted: readonly { oddity: Oddity; count: number }[]): Promise<void> {
  await db.query(
    `INSERT INTO "CalcomOddity" ("kind","subject","count")
     SELECT n.kind, n.subject, n.count FROM jsonb_to_recordset($1::jsonb) AS n(kind text, subject text, count bigint)
     WHERE EXISTS (SELECT 1 FROM "CalcomOddity" o WHERE o."kind" = n.kind AND o."subject" = n.subject)
        OR (SELECT count(*) FROM "CalcomOddity" o WHERE o."kind" = n.kind) < ${MOST_SUBJECTS}
     ON CONFLICT ("kind","subject") DO UPDATE SET "count" = "CalcomOddity"."count" + EXCLUDED."count", "lastAt" = now()`,
    [JSON.stringify(counted.map(({ oddity, count }) => ({ ...oddity, count })))],
  );
}
