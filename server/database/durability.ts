/**
 * Whether PostgreSQL keeps what it says it has stored. `synchronous_commit` is set by our own connections (pool.ts); these
 * two belong to the server, and only its owner can change them (PostgreSQL, "Write Ahead Log").
 */
import type pg from 'pg';

/** Settings that are off; empty when a commit survives a crash of the machine. */
export async function settingsThatLose(pool: Pick<pg.Pool, 'query'>): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}
