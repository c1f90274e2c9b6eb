/**
 * Mutation keys (SCHEMA "Mutation keys"): asking twice with one key does a thing once. The key is claimed in a committed
 * row before Cal.com is asked for anything; a claimant that died is taken over once its call to Cal.com must have ended.
 */
import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

const KEPT_MS = 24 * 3_600_000;
/** Longer than the longest call to Cal.com and the look-up that may follow it. */
export const TAKEOVER_MS = 60_000;

export interface KeyOwner {
  viewerId: UserId;
  key: string;
}

export type KeyClaim =
  /** Go ahead. `repeated`: an earlier attempt may have reached Cal.com; look for `requestId` first. */
  | { kind: 'CLAIMED'; requestId: string; repeated: boolean; claimant: string }
  | { kind: 'ANSWERED'; answer: unknown }
  | { kind: 'OTHER_INPUT' }
  /** The same wish is being carried out at this moment. */
  | { kind: 'RUNNING' };

/** SHA-256 of the input with its keys in order; instants as ISO text. */
export function hashOfInput(input: Record<string, unknown>): string {
  return createHash('sha256').update(canonical(input)).digest('hex');
}

function canonical(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
      .join(',')}}`;
  return JSON.stringify(value ?? null);
}

export async function claimKey(db: Database, owner: KeyOwner, wish: { mutation: string; inputHash: string }, now: Date): Promise<KeyClaim> {
  await db.query(`DELETE FROM "MutationKey" WHERE "viewerId" = $1 AND "key" = $2 AND "expiresAt" <= $3`, [owner.viewerId, owner.key, now]);
  const claimant = randomUUID();
  const claimed = await db.query<{ requestId: string; fresh: boolean }>(
    `INSERT INTO "MutationKey" AS k ("viewerId","key","mutation","inputHash","requestId","claimedAt","claimant","expiresAt")
     VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
     ON CONFLICT ("viewerId","key") DO UPDATE SET "claimedAt" = EXCLUDED."claimedAt", "claimant" = EXCLUDED."claimant"
       WHERE k."answer" IS NULL AND k."mutation" = EXCLUDED."mutation" AND k."inputHash" = EXCLUDED."inputHash"
         AND (k."claimant" IS NULL OR k."claimedAt" <= $9)
     RETURNING "requestId", (xmax = 0) AS fresh`,
    [
      owner.viewerId,
      owner.key,
      wish.mutation,
      wish.inputHash,
      randomUUID(),
      now,
      claimant,
      new Date(now.getTime() + KEPT_MS),
      new Date(now.getTime() - TAKEOVER_MS),
    ],
  );
  const row = claimed.rows[0];
  if (row !== undefined) return { kind: 'CLAIMED', requestId: row.requestId, repeated: !row.fresh, claimant };
  const existing = await db.query<{ mutation: string; inputHash: string; answer: unknown }>(
    `SELECT "mutation", "inputHash", "answer" FROM "MutationKey" WHERE "viewerId" = $1 AND "key" = $2`,
    [owner.viewerId, owner.key],
  );
  const known = existing.rows[0];
  // Gone in between: whoever had it gave it back.
  if (known === undefined) return { kind: 'RUNNING' };
  if (known.mutation !== wish.mutation || known.inputHash !== wish.inputHash) return { kind: 'OTHER_INPUT' };
  return known.answer === null ? { kind: 'RUNNING' } : { kind: 'ANSWERED', answer: known.answer };
}

/** Final: the same key is answered with this from now on. */
export async function answerKey(db: Database, owner: KeyOwner, claimant: string, answer: object): Promise<void> {
  await db.query(`UPDATE "MutationKey" SET "answer" = $4, "claimant" = NULL WHERE "viewerId" = $1 AND "key" = $2 AND "claimant" = $3`, [
    owner.viewerId,
    owner.key,
    claimant,
    JSON.stringify(answer),
  ]);
}

/** Not final: the same key may try again, and looks for what the earlier attempt has done. */
export async function releaseKey(db: Database, owner: KeyOwner, claimant: string): Promise<void> {
  await db.query(`UPDATE "MutationKey" SET "claimant" = NULL WHERE "viewerId" = $1 AND "key" = $2 AND "claimant" = $3`, [
    owner.viewerId,
    owner.key,
    claimant,
  ]);
}

/** Nothing was sent because the input was wrong: the key is free for the corrected one. */
export async function forgetKey(db: Database, owner: KeyOwner, claimant: string): Promise<void> {
  await db.query(`DELETE FROM "MutationKey" WHERE "viewerId" = $1 AND "key" = $2 AND "claimant" = $3`, [
    owner.viewerId,
    owner.key,
    claimant,
  ]);
}
