/** Visits to Cal.com that have not come back yet. Only hashes of what the browser carries are kept. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface Attempt {
  clinicianId: UserId;
  startedById: UserId;
  /** Encrypted. */
  verifier: string;
  redirectUrl: string;
  requestId: string;
  expiresAt: Date;
}

export const VERIFIER_PURPOSE = 'pkce-verifier';

export async function insertAttempt(db: Database, secrets: { state: string; nonce: string }, attempt: Attempt): Promise<void> {
  await db.query(
    `INSERT INTO "CalcomConnectionAttempt" ("stateHash","nonceHash","clinicianId","startedById","verifier","redirectUrl","requestId","expiresAt")
     VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
    [
      hashOf(secrets.state),
      hashOf(secrets.nonce),
      attempt.clinicianId,
      attempt.startedById,
      attempt.verifier,
      attempt.redirectUrl,
      attempt.requestId,
      attempt.expiresAt,
    ],
  );
}

/** Takes it away: of several that come back with the same state only one finds it. Null too for the wrong browser, which takes nothing. */
export async function takeAttempt(db: Database, secrets: { state: string; nonce: string }): Promise<Attempt | null> {
  const { rows } = await db.query<Attempt>(
    `DELETE FROM "CalcomConnectionAttempt" WHERE "stateHash" = $1 AND "nonceHash" = $2
     RETURNING "clinicianId", "startedById", "verifier", "redirectUrl", "requestId", "expiresAt"`,
    [hashOf(secrets.state), hashOf(secrets.nonce)],
  );
  return rows[0] ?? null;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
