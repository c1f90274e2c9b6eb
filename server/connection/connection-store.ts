/** Reads and writes of the connection columns of `User`. Each function is one statement; secrets come in encrypted. */
import type pg from 'pg';
import type { Role } from '../auth/viewer.ts';
import type { UserId } from '../kernel/ids.ts';
import type { TokenKind } from '../users/calcom-tokens.ts';
import type { ConnectionState } from './connection.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface ConnectionRow {
  id: UserId;
  role: Role;
  name: string;
  email: string | null;
  timezone: string;
  disabledAt: Date | null;
  calcomUserId: number | null;
  calcomUsername: string | null;
  hasApiKey: boolean;
  tokenKind: TokenKind | null;
  tokenState: Exclude<ConnectionState, 'NOT_CONNECTED'> | null;
  tokenScope: string | null;
  tokenSince: Date | null;
  tokenExpiry: Date | null;
}

const COLUMNS = `"id", "role"::text AS role, "name", "email", "timezone", "disabledAt", "calcomUserId", "calcomUsername",
  "calcomApiKey" IS NOT NULL AS "hasApiKey", "calcomTokenKind"::text AS "tokenKind", "calcomTokenState"::text AS "tokenState",
  "calcomTokenScope" AS "tokenScope", "calcomTokenSince" AS "tokenSince", "calcomTokenExpiry" AS "tokenExpiry"`;

const NO_TOKENS = `"calcomAccessToken" = NULL, "calcomRefreshToken" = NULL, "calcomTokenExpiry" = NULL, "calcomTokenKind" = NULL,
  "calcomTokenState" = NULL, "calcomTokenScope" = NULL, "calcomTokenSince" = NULL, "calcomRenewalLease" = NULL, "calcomRenewalUntil" = NULL`;

/** Clinicians only, in any order; unknown ids are left out. */
export async function connectionRows(db: Database, ids: readonly UserId[]): Promise<ConnectionRow[]> {
  const result = await db.query<ConnectionRow>(`SELECT ${COLUMNS} FROM "User" WHERE "id" = ANY($1::uuid[]) AND "role" = 'CLINICIAN'`, [
    ids,
  ]);
  return result.rows;
}

/** Null when there is no such clinician in service. */
export async function activeConnection(db: Database, id: UserId): Promise<ConnectionRow | null> {
  const [row] = await connectionRows(db, [id]);
  return row === undefined || row.disabledAt !== null ? null : row;
}

export interface StoredTokens {
  kind: TokenKind;
  state: 'USABLE' | 'LINKED_ONLY';
  /** Encrypted, as the next one. */
  accessToken: string;
  refreshToken: string | null;
  expiresAt: Date;
  scope: string | null;
  since: Date;
}

/** Replaces any tokens, and the key when they are usable; a renewal of the old ones that is under way comes to nothing. */
export async function storeTokens(db: Database, id: UserId, tokens: StoredTokens): Promise<void> {
  await db.query(
    `UPDATE "User" SET "calcomTokenKind" = $2::"CalcomTokenKind", "calcomTokenState" = $3::"CalcomTokenState", "calcomAccessToken" = $4,
            "calcomRefreshToken" = $5, "calcomTokenExpiry" = $6, "calcomTokenScope" = $7, "calcomTokenSince" = $8,
            "calcomApiKey" = CASE WHEN $3 = 'USABLE' THEN NULL ELSE "calcomApiKey" END,
            "calcomRenewalLease" = NULL, "calcomRenewalUntil" = NULL, "updatedAt" = now()
     WHERE "id" = $1`,
    [id, tokens.kind, tokens.state, tokens.accessToken, tokens.refreshToken, tokens.expiresAt, tokens.scope, tokens.since],
  );
}

/** `LINKED_ONLY` and `USABLE` change places when Cal.com thinks otherwise. */
export async function setTokenState(db: Database, id: UserId, state: 'USABLE' | 'LINKED_ONLY'): Promise<void> {
  await db.query(`UPDATE "User" SET "calcomTokenState" = $2::"CalcomTokenState" WHERE "id" = $1 AND "calcomTokenState" IS NOT NULL`, [
    id,
    state,
  ]);
}

/** Replaces any other connection. */
export async function storeApiKey(db: Database, id: UserId, encrypted: string): Promise<void> {
  await db.query(`UPDATE "User" SET ${NO_TOKENS}, "calcomApiKey" = $2, "updatedAt" = now() WHERE "id" = $1`, [id, encrypted]);
}

/** Key and tokens go; with `identity` also who they are at Cal.com. */
export async function removeConnection(db: Database, id: UserId, identity: boolean): Promise<void> {
  await db.query(
    `UPDATE "User" SET ${NO_TOKENS}, "calcomApiKey" = NULL,
            "calcomUserId" = CASE WHEN $2 THEN NULL ELSE "calcomUserId" END,
            "calcomUsername" = CASE WHEN $2 THEN NULL ELSE "calcomUsername" END,
            "calcomEmail" = CASE WHEN $2 THEN NULL ELSE "calcomEmail" END, "updatedAt" = now()
     WHERE "id" = $1`,
    [id, identity],
  );
}

/** Clinicians in service who have to connect again. */
export async function countReconnects(db: Database): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM "User" WHERE "calcomTokenState" = 'RECONNECT' AND "calcomApiKey" IS NULL AND "disabledAt" IS NULL`,
  );
  return rows[0]?.count ?? 0;
}
