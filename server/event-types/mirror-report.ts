/** What the last mirror found, kept for the people who run the clinic: slugs, titles and names of facts, nobody's data. */
import type pg from 'pg';
import type { MirrorResult } from './mirror-event-types.ts';

export interface MirrorReport extends MirrorResult {
  at: Date;
}

const NAME = 'event-types:mirror';
/** A first mirror of a large clinic; everything after that is short. */
const MOST_DRIFT = 1_000;

export async function keepReport(db: Pick<pg.Pool, 'query'>, { at, ...result }: MirrorReport): Promise<void> {
  const value = { ...result, drift: result.drift.slice(0, MOST_DRIFT), at: at.toISOString() };
  await db.query(
    `INSERT INTO "JobCheckpoint" ("name","value","updatedAt") VALUES ($1,$2::jsonb,now())
     ON CONFLICT ("name") DO UPDATE SET "value" = EXCLUDED."value", "updatedAt" = EXCLUDED."updatedAt"`,
    [NAME, JSON.stringify(value)],
  );
}

/** Null: none was made yet. */
export async function lastReport(db: Pick<pg.Pool, 'query'>): Promise<MirrorReport | null> {
  const result = await db.query<{ value: MirrorResult & { at: string } }>(`SELECT "value" FROM "JobCheckpoint" WHERE "name" = $1`, [NAME]);
  const value = result.rows[0]?.value;
  return value === undefined ? null : { ...value, at: new Date(value.at) };
}
