/**
 * Access tokens of clinicians, renewed in time and once: for all who ask in this process, and by a lease in the row for
 * all instances. The row is locked only while the lease is taken; Cal.com is asked outside of any transaction
 * (docs/adr/0003).
 */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { calcomFailure, type CalcomFailure } from '../calcom/errors.ts';
import type { ManagedUsers } from '../calcom/managed-users.ts';
import type { OAuthClient } from '../calcom/oauth-client.ts';
import type { RenewableToken } from '../calcom/renewable-token.ts';
import type { TokenFailure, TokenSet } from '../calcom/token-set.ts';
import type { Encryption } from '../database/encryption.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok, type Result } from '../kernel/result.ts';

export type TokenKind = 'OAUTH' | 'MANAGED';

export interface CalcomTokens {
  /** What a credential carries. `read` is what the row said just now; null `expiresAt` means not known. */
  of(owner: UserId, read: { bearer: string; expiresAt: Date | null }): RenewableToken;
  /** Also where the person was to connect again: an operator may have mended what was wrong. */
  retry(owner: UserId): Promise<Result<string, CalcomFailure>>;
  /** A connection was made or ended. */
  forget(owner: UserId): void;
}

export interface CalcomTokenOptions {
  pool: pg.Pool;
  encryption: Encryption;
  /** Null: not configured. */
  oauth: OAuthClient | null;
  managed: ManagedUsers | null;
  clock: Clock;
  log: Log;
}

/** Encrypted columns are bound to it. */
export const TOKEN_PURPOSE = 'calcom-token';
/** A token that ends within this time is renewed before it is used. */
const AHEAD_MS = 30_000;
/** Longer than a call to Cal.com may take: whoever holds the lease is then gone. */
const LEASE_SECONDS = 25;
const LOOK_AGAIN_MS = 100;
const PATIENCE_MS = 40_000;

interface Known {
  bearer: string;
  /** Unix ms. */
  expiresAt: number | null;
}

interface Leased {
  lease: string;
  kind: TokenKind;
  refreshToken: string | null;
  calcomUserId: number | null;
}

type Claim = { do: 'renew'; leased: Leased } | { do: 'use'; known: Known } | { do: 'wait' } | { do: 'reconnect' };

export function createCalcomTokens(options: CalcomTokenOptions): CalcomTokens {
  const { pool, encryption, oauth, managed, clock, log } = options;
  const latest = new Map<UserId, Known>();
  const running = new Map<UserId, Promise<Result<string, CalcomFailure>>>();

  function renew(owner: UserId, refused: string | null, again = false): Promise<Result<string, CalcomFailure>> {
    const already = running.get(owner);
    if (already !== undefined) return already;
    const work = renewOnce(owner, refused, again).finally(() => running.delete(owner));
    running.set(owner, work);
    return work;
  }

  async function renewOnce(owner: UserId, refused: string | null, again: boolean): Promise<Result<string, CalcomFailure>> {
    for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; ) {
      const claimed = await claim(owner, refused, again);
      switch (claimed.do) {
        case 'use':
          latest.set(owner, claimed.known);
          return ok(claimed.known.bearer);
        case 'reconnect':
          latest.delete(owner);
          return fail(calcomFailure('Unauthorized', 'The connection to Cal.com has ended: connect again.'));
        case 'renew': {
          const renewed = await askForTokens(claimed.leased);
          const outcome = await settle(owner, claimed.leased, renewed);
          if (outcome !== 'lost') return outcome;
          break;
        }
        case 'wait':
          await setTimeout(LOOK_AGAIN_MS);
          break;
      }
    }
    return fail(calcomFailure('Unreachable', 'The token is being renewed elsewhere, without an end.'));
  }

  /** One short transaction on the person's row. */
  function claim(owner: UserId, refused: string | null, again: boolean): Promise<Claim> {
    return inTransaction(pool, async (tx): Promise<Claim> => {
      const { rows } = await tx.query<TokenRow>(
        `SELECT "calcomAccessToken", "calcomRefreshToken", "calcomTokenExpiry", "calcomTokenKind"::text AS kind,
                "calcomTokenState"::text AS state, "calcomUserId", COALESCE("calcomRenewalUntil" > now(), false) AS leased
         FROM "User" WHERE "id" = $1 FOR UPDATE`,
        [owner],
      );
      const row = rows[0];
      if (row?.calcomAccessToken == null || row.kind === null) return { do: 'reconnect' };
      if (row.state === 'RECONNECT' && !again) return { do: 'reconnect' };
      const known = {
        bearer: encryption.decrypt(row.calcomAccessToken, TOKEN_PURPOSE),
        expiresAt: row.calcomTokenExpiry?.getTime() ?? null,
      };
      // Another instance was faster.
      if (known.bearer !== refused && row.state !== 'RECONNECT' && !endsSoon(known)) return { do: 'use', known };
      if (row.leased) return { do: 'wait' };
      const lease = randomUUID();
      await tx.query(
        `UPDATE "User" SET "calcomRenewalLease" = $2, "calcomRenewalUntil" = now() + ${LEASE_SECONDS} * interval '1 second' WHERE "id" = $1`,
        [owner, lease],
      );
      const refreshToken = row.calcomRefreshToken === null ? null : encryption.decrypt(row.calcomRefreshToken, TOKEN_PURPOSE);
      return { do: 'renew', leased: { lease, kind: row.kind, refreshToken, calcomUserId: row.calcomUserId } };
    });
  }

  async function askForTokens({ kind, refreshToken, calcomUserId }: Leased): Promise<Result<TokenSet, TokenFailure>> {
    if (kind === 'OAUTH') {
      if (oauth === null) return fail('Misconfigured');
      return refreshToken === null ? fail('Revoked') : await oauth.refresh(refreshToken);
    }
    if (managed === null) return fail('Misconfigured');
    const refreshed = refreshToken === null ? fail<TokenFailure>('Revoked') : await managed.refresh(refreshToken);
    if (refreshed.ok || refreshed.failure !== 'Revoked' || calcomUserId === null) return refreshed;
    // Lost in a crash between Cal.com's answer and our row.
    return await managed.forceRefresh(calcomUserId);
  }

  /** Stores what came of it and ends the lease, in one statement. `lost`: the connection is another one by now. */
  async function settle(
    owner: UserId,
    { lease }: Leased,
    renewed: Result<TokenSet, TokenFailure>,
  ): Promise<Result<string, CalcomFailure> | 'lost'> {
    if (!renewed.ok) {
      const revoked = renewed.failure === 'Revoked';
      await pool.query(
        `UPDATE "User" SET "calcomRenewalLease" = NULL, "calcomRenewalUntil" = NULL,
                "calcomTokenState" = CASE WHEN $3 THEN 'RECONNECT' ELSE "calcomTokenState" END
         WHERE "id" = $1 AND "calcomRenewalLease" = $2`,
        [owner, lease, revoked],
      );
      if (revoked) latest.delete(owner);
      log.warn(revoked ? 'calcom.grant.ended' : 'calcom.token.not-renewed', { owner, why: renewed.failure });
      return fail(
        revoked
          ? calcomFailure('Unauthorized', 'The connection to Cal.com has ended: connect again.')
          : calcomFailure('Unreachable', `The token could not be renewed (${renewed.failure}).`),
      );
    }
    const tokens = renewed.value;
    const { rowCount } = await pool.query(
      `UPDATE "User" SET "calcomAccessToken" = $3, "calcomRefreshToken" = COALESCE($4, "calcomRefreshToken"), "calcomTokenExpiry" = $5,
              "calcomTokenScope" = COALESCE($6, "calcomTokenScope"), "calcomTokenSince" = $7,
              "calcomTokenState" = CASE WHEN "calcomTokenState" = 'RECONNECT' THEN 'USABLE' ELSE "calcomTokenState" END,
              "calcomRenewalLease" = NULL, "calcomRenewalUntil" = NULL
       WHERE "id" = $1 AND "calcomRenewalLease" = $2`,
      [
        owner,
        lease,
        encryption.encrypt(tokens.accessToken, TOKEN_PURPOSE),
        tokens.refreshToken === null ? null : encryption.encrypt(tokens.refreshToken, TOKEN_PURPOSE),
        new Date(tokens.expiresAt),
        tokens.scope,
        clock.now(),
      ],
    );
    if ((rowCount ?? 0) === 0) return 'lost';
    latest.set(owner, { bearer: tokens.accessToken, expiresAt: tokens.expiresAt });
    log.info('calcom.token.renewed', { owner });
    return ok(tokens.accessToken);
  }

  async function giveUp(owner: UserId, refused: string): Promise<void> {
    if (latest.get(owner)?.bearer !== refused) return;
    latest.delete(owner);
    const ended = await inTransaction(pool, async (tx) => {
      const { rows } = await tx.query<{ token: string | null }>(
        `SELECT "calcomAccessToken" AS token FROM "User" WHERE "id" = $1 AND "calcomTokenState" IS NOT NULL FOR UPDATE`,
        [owner],
      );
      // A connection that was made meanwhile, here or at another instance, is not the one that was refused.
      const token = rows[0]?.token ?? null;
      if (token === null || encryption.decrypt(token, TOKEN_PURPOSE) !== refused) return false;
      await tx.query(`UPDATE "User" SET "calcomTokenState" = 'RECONNECT' WHERE "id" = $1`, [owner]);
      return true;
    });
    if (ended) log.warn('calcom.grant.ended', { owner, why: 'refused' });
  }

  function endsSoon({ expiresAt }: Known): boolean {
    return expiresAt !== null && expiresAt - AHEAD_MS <= clock.now().getTime();
  }

  return {
    of(owner, read) {
      const fromRow: Known = { bearer: read.bearer, expiresAt: read.expiresAt?.getTime() ?? null };
      const before = latest.get(owner);
      // A row that was read before the last renewal is the older one.
      if (before === undefined || (fromRow.expiresAt ?? 0) >= (before.expiresAt ?? 0)) latest.set(owner, fromRow);
      return {
        async bearer() {
          const known = latest.get(owner) ?? fromRow;
          if (!endsSoon(known)) return ok(known.bearer);
          const renewed = await renew(owner, known.bearer);
          // Not ended yet, only soon: good enough while Cal.com's token endpoint is away.
          const stillGood = known.expiresAt === null || known.expiresAt > clock.now().getTime();
          return !renewed.ok && renewed.failure.kind === 'Unreachable' && stillGood ? ok(known.bearer) : renewed;
        },
        renew: (refused) => {
          const known = latest.get(owner);
          return known !== undefined && known.bearer !== refused ? Promise.resolve(ok(known.bearer)) : renew(owner, refused);
        },
        giveUp: (refused) => giveUp(owner, refused),
      };
    },
    retry: (owner) => renew(owner, null, true),
    forget(owner) {
      latest.delete(owner);
    },
  };
}

interface TokenRow {
  calcomAccessToken: string | null;
  calcomRefreshToken: string | null;
  calcomTokenExpiry: Date | null;
  kind: TokenKind | null;
  state: 'USABLE' | 'LINKED_ONLY' | 'RECONNECT' | null;
  calcomUserId: number | null;
  leased: boolean;
}
