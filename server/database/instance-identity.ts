/**
 * What a database was made for: the sandbox, or one Cal.com. A gateway pointed at another Cal.com would mix the bookings
 * of two clinics, so it refuses to start until a person says that this is meant.
 */
import type pg from 'pg';
import { StartFailure } from './start-failure.ts';

/** `sandbox`, or the origin of the Cal.com API. */
export function identityOf(config: { sandbox: boolean; calcom: { apiUrl: string } }): string {
  return config.sandbox ? 'sandbox' : new URL(config.calcom.apiUrl).origin;
}

/** Writes the identity into a fresh database; throws a StartFailure when it has another. */
export async function claimInstance(pool: Pick<pg.Pool, 'query'>, madeFor: string): Promise<void> {
  await pool.query(`INSERT INTO "GatewayInstance" ("id","madeFor") VALUES (1, $1) ON CONFLICT DO NOTHING`, [madeFor]);
  const { rows } = await pool.query<{ madeFor: string }>(`SELECT "madeFor" FROM "GatewayInstance"`);
  const known = rows[0]?.madeFor;
  if (known === madeFor) return;
  throw new StartFailure(
    `This database was made for ${known === 'sandbox' ? 'the sandbox' : known}, and the configuration names ${madeFor === 'sandbox' ? 'the sandbox' : madeFor}. ` +
      'Use another DATABASE_URL or DATA_DIR; or, when it is the same Cal.com under a new address, run `npm run cli -- adopt-instance` once.',
  );
}

/** Whether it still is what `claimInstance` found: another process may have adopted another Cal.com meanwhile. */
export async function isMadeFor(pool: Pick<pg.Pool, 'query'>, madeFor: string): Promise<boolean> {
  const { rows } = await pool.query<{ madeFor: string }>(`SELECT "madeFor" FROM "GatewayInstance"`);
  return rows[0]?.madeFor === madeFor;
}

/** Says that the database belongs to the Cal.com of the configuration from now on; answers what it was made for before. */
export async function adoptInstance(pool: Pick<pg.Pool, 'query'>, madeFor: string): Promise<string | null> {
  const { rows } = await pool.query<{ before: string }>(
    `WITH before AS (SELECT "madeFor" FROM "GatewayInstance")
     INSERT INTO "GatewayInstance" ("id","madeFor") VALUES (1, $1)
     ON CONFLICT ("id") DO UPDATE SET "madeFor" = EXCLUDED."madeFor"
     RETURNING (SELECT "madeFor" FROM before) AS before`,
    [madeFor],
  );
  return rows[0]?.before ?? null;
}
