/**
 * Whose Cal.com credential is whose. One user's sees only that user's bookings (MEASURED "Bookings"), so every clinician
 * needs one: a key of the own, else a token that was granted and reads bookings, else `CALCOM_API_KEY`, which belongs to
 * the one user that `/v2/me` names. Keys and tokens are encrypted in `User`.
 */
import type pg from 'pg';
import type { CalcomClient, CalcomCredential } from '../calcom/calcom-client.ts';
import type { Config } from '../config.ts';
import type { Encryption } from '../database/encryption.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { type CalcomTokens, TOKEN_PURPOSE } from './calcom-tokens.ts';

export interface ClinicianCredential extends CalcomCredential {
  ownerId: UserId;
  calcomUserId: number | null;
  calcomUsername: string | null;
  /** The address Cal.com knows this host by, lower case. */
  calcomEmail: string | null;
}

export interface CalcomCredentials {
  of(userId: UserId): Promise<ClinicianCredential | null>;
  /** Every clinician in service that has a credential. */
  all(): Promise<ClinicianCredential[]>;
  forHost(calcomUserId: number): Promise<ClinicianCredential | null>;
  /** Asks Cal.com who the owner is, and stores id, username and e-mail; null when Cal.com cannot be asked or another user has that id. */
  identify(credential: ClinicianCredential): Promise<ClinicianCredential | null>;
  /** Forgets what was read: a key was stored or removed. */
  forget(): void;
}

export interface CredentialOptions {
  pool: Pick<pg.Pool, 'query'>;
  encryption: Encryption;
  config: Pick<Config, 'calcom'>;
  client: Pick<CalcomClient, 'me'>;
  log: Log;
  /** Absent: people without a key of their own have no credential. */
  tokens?: Pick<CalcomTokens, 'of'>;
}

/** Lists ask for many credentials at once; a removed key is used at most this much longer. */
const KEPT_MS = 5_000;
/** The owner of CALCOM_API_KEY, when Cal.com could not be asked, is asked for again after this. */
const ASK_AGAIN_MS = 30_000;

interface CredentialRow {
  id: UserId;
  calcomUserId: number | null;
  calcomUsername: string | null;
  calcomEmail: string | null;
  calcomApiKey: string | null;
  calcomAccessToken: string | null;
  calcomTokenExpiry: Date | null;
}

/** A token that opens nothing is none. */
const COLUMNS = `"id", "calcomUserId", "calcomUsername", "calcomEmail", "calcomApiKey", "calcomTokenExpiry",
  CASE WHEN "calcomTokenState" = 'USABLE' THEN "calcomAccessToken" END AS "calcomAccessToken"`;

export function createCredentials(options: CredentialOptions): CalcomCredentials {
  const { pool, encryption, client, log } = options;
  const sharedKey = options.config.calcom?.apiKey ?? null;
  let known: { at: number; list: Promise<ClinicianCredential[]> } | null = null;
  let sharedOwner: { at: number; calcomUserId: number | null } | null = null;

  async function read(): Promise<ClinicianCredential[]> {
    const result = await pool.query<CredentialRow>(
      `SELECT ${COLUMNS} FROM "User" WHERE "role" = 'CLINICIAN' AND "disabledAt" IS NULL
         AND ("calcomApiKey" IS NOT NULL OR ("calcomAccessToken" IS NOT NULL AND "calcomTokenState" = 'USABLE')) ORDER BY "id"`,
    );
    const own = result.rows.flatMap((row) => ownCredential(row) ?? []);
    const shared = await sharedCredential();
    return shared === null || own.some((credential) => credential.ownerId === shared.ownerId) ? own : [...own, shared];
  }

  function ownCredential(row: CredentialRow): ClinicianCredential | null {
    try {
      if (row.calcomApiKey !== null) return credentialOf(row, encryption.decrypt(row.calcomApiKey, 'calcom-api-key'));
      if (row.calcomAccessToken === null || options.tokens === undefined) return null;
      const bearer = encryption.decrypt(row.calcomAccessToken, TOKEN_PURPOSE);
      return { ...credentialOf(row, bearer), token: options.tokens.of(row.id, { bearer, expiresAt: row.calcomTokenExpiry }) };
    } catch {
      log.error('calcom.credential.unreadable', { owner: row.id });
      return null;
    }
  }

  /** CALCOM_API_KEY, bound to the clinician that Cal.com names. */
  async function sharedCredential(): Promise<ClinicianCredential | null> {
    if (sharedKey === null) return null;
    const calcomUserId = await ownerOfSharedKey(sharedKey);
    if (calcomUserId === null) return null;
    const result = await pool.query<CredentialRow>(
      `SELECT ${COLUMNS} FROM "User" WHERE "calcomUserId" = $1 AND "role" = 'CLINICIAN' AND "disabledAt" IS NULL`,
      [calcomUserId],
    );
    const row = result.rows[0];
    return row === undefined ? null : credentialOf(row, sharedKey);
  }

  async function ownerOfSharedKey(bearer: string): Promise<number | null> {
    const fresh = sharedOwner !== null && (sharedOwner.calcomUserId !== null || performance.now() - sharedOwner.at < ASK_AGAIN_MS);
    if (sharedOwner !== null && fresh) return sharedOwner.calcomUserId;
    const me = await client.me({ ownerId: null, bearer });
    sharedOwner = { at: performance.now(), calcomUserId: me.ok ? me.value.id : null };
    // The first key of a clinic also tells which of our clinicians is which host.
    if (me.ok) await storeIdentity(null, me.value);
    return sharedOwner.calcomUserId;
  }

  /** `owner` null: the clinician without a Cal.com id who has this e-mail. False when nobody could be named. */
  async function storeIdentity(owner: UserId | null, me: { id: number; username: string | null; email: string }): Promise<boolean> {
    const email = me.email.toLowerCase();
    const result = await pool.query(
      `UPDATE "User" u SET "calcomUserId" = $2, "calcomUsername" = $3, "calcomEmail" = $4, "updatedAt" = now()
       WHERE u."role" = 'CLINICIAN'
         AND u."id" = COALESCE($1::uuid, (
           SELECT "id" FROM "User" WHERE "role" = 'CLINICIAN' AND ("calcomUserId" = $2 OR ("calcomUserId" IS NULL AND "email" = $4))
           ORDER BY "calcomUserId" NULLS LAST LIMIT 1))
         AND NOT EXISTS (SELECT 1 FROM "User" other WHERE other."id" <> u."id" AND (other."calcomUserId" = $2 OR other."calcomUsername" = $3))`,
      [owner, me.id, me.username, email],
    );
    return (result.rowCount ?? 0) > 0;
  }

  function list(): Promise<ClinicianCredential[]> {
    if (known !== null && performance.now() - known.at < KEPT_MS) return known.list;
    const entry = { at: performance.now(), list: read() };
    known = entry;
    entry.list.catch(() => {
      if (known === entry) known = null;
    });
    return entry.list;
  }

  return {
    all: list,
    of: async (userId) => (await list()).find((credential) => credential.ownerId === userId) ?? null,
    forHost: async (calcomUserId) => (await list()).find((credential) => credential.calcomUserId === calcomUserId) ?? null,
    async identify(credential) {
      const me = await client.me(credential);
      if (!me.ok) return null;
      const { id, username, email } = me.value;
      const same =
        credential.calcomUserId === id && credential.calcomUsername === username && credential.calcomEmail === email.toLowerCase();
      if (!same && !(await storeIdentity(credential.ownerId, me.value))) {
        log.error('calcom.credential.conflict', { owner: credential.ownerId });
        return null;
      }
      if (!same) known = null;
      return { ...credential, calcomUserId: id, calcomUsername: username, calcomEmail: email.toLowerCase() };
    },
    forget() {
      known = null;
      sharedOwner = null;
    },
  };
}

function credentialOf(row: CredentialRow, bearer: string): ClinicianCredential {
  return { ownerId: row.id, bearer, calcomUserId: row.calcomUserId, calcomUsername: row.calcomUsername, calcomEmail: row.calcomEmail };
}
