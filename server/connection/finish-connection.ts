/** A browser comes back from Cal.com. Whatever it brings, the answer is one word for the page that is shown. */
import { recordAudit } from '../audit/audit-log.ts';
import { mayConnect } from '../auth/authorize.ts';
import type { Role } from '../auth/viewer.ts';
import type { TokenSet } from '../calcom/token-set.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { TOKEN_PURPOSE } from '../users/calcom-tokens.ts';
import { type Attempt, takeAttempt, VERIFIER_PURPOSE } from './attempt-store.ts';
import type { CalcomIdentity, ConnectionOutcome } from './connection.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { activeConnection, storeTokens } from './connection-store.ts';
import { linkIdentity } from './link-identity.ts';
import { readsBookings, whoIs } from './probe.ts';
import { startUsing } from './start-using.ts';

export interface ReturnFromCalcom {
  state: string | null;
  /** From the cookie. */
  nonce: string | null;
  code: string | null;
  /** OAuth error code, `access_denied` when the person said no. */
  error: string | null;
}

export async function finishConnection(parts: ConnectionParts, back: ReturnFromCalcom): Promise<ConnectionOutcome> {
  const { state, nonce, code, error } = back;
  if (state === null || nonce === null) return 'invalid';
  const attempt = await takeAttempt(parts.pool, { state, nonce });
  if (attempt === null) return 'invalid';
  if (attempt.expiresAt.getTime() <= parts.clock.now().getTime()) return 'expired';
  if (error !== null) return error === 'access_denied' ? 'declined' : 'failed';
  const starter = await starterOf(parts, attempt);
  if (code === null || starter === null || parts.oauth === null) return 'invalid';
  const verifier = parts.encryption.decrypt(attempt.verifier, VERIFIER_PURPOSE);
  const exchanged = await parts.oauth.exchange({ code, verifier, redirectUrl: attempt.redirectUrl });
  if (!exchanged.ok) {
    parts.log.warn('calcom.connect.failed', { owner: attempt.clinicianId, why: exchanged.failure });
    return 'failed';
  }
  return await keep(parts, attempt, starter, exchanged.value);
}

/** The role of whoever was sent; null when they may not connect this clinician any more, or there is no such clinician. */
async function starterOf({ pool }: ConnectionParts, { startedById, clinicianId }: Attempt): Promise<Role | null> {
  const { rows } = await pool.query<{ role: Role }>(`SELECT "role"::text AS role FROM "User" WHERE "id" = $1 AND "disabledAt" IS NULL`, [
    startedById,
  ]);
  const role = rows[0]?.role;
  if (role === undefined || !mayConnect({ userId: startedById, role, expiresAt: 0 }, clinicianId)) return null;
  return (await activeConnection(pool, clinicianId)) === null ? null : role;
}

async function keep(parts: ConnectionParts, attempt: Attempt, role: Role, tokens: TokenSet): Promise<ConnectionOutcome> {
  const { pool, client, encryption, clock, log } = parts;
  const id = attempt.clinicianId;
  const credential = { ownerId: id, bearer: tokens.accessToken };
  const who = await identityOf(parts, id, tokens);
  if (who === null) return 'failed';
  const reads = await readsBookings(client, credential);
  if (!reads.ok) return 'failed';
  const refused = await inTransaction(pool, async (tx) => {
    const refusal = await linkIdentity(tx, id, who);
    if (refusal !== null) return refusal;
    await storeTokens(tx, id, {
      kind: 'OAUTH',
      state: reads.value ? 'USABLE' : 'LINKED_ONLY',
      accessToken: encryption.encrypt(tokens.accessToken, TOKEN_PURPOSE),
      refreshToken: tokens.refreshToken === null ? null : encryption.encrypt(tokens.refreshToken, TOKEN_PURPOSE),
      expiresAt: new Date(tokens.expiresAt),
      scope: tokens.scope,
      since: clock.now(),
    });
    const caller = { viewer: { userId: attempt.startedById, role }, requestId: attempt.requestId };
    await recordAudit(tx, caller, { action: 'calcom.connect', subjectType: 'User', subjectId: id });
    return null;
  });
  if (refused !== null) {
    log.warn('calcom.connect.refused', { owner: id, why: refused });
    return refused === 'ANOTHER_CALCOM_USER' ? 'another-user' : 'already-linked';
  }
  await startUsing(parts, id);
  return reads.value ? 'connected' : 'linked-only';
}

/** From `/v2/me`, else from the token: Cal.com 5.6 gives tokens that its API v2 does not take. */
async function identityOf({ client }: ConnectionParts, id: UserId, tokens: TokenSet): Promise<CalcomIdentity | null> {
  const me = await whoIs(client, { ownerId: id, bearer: tokens.accessToken });
  if (!me.ok) return null;
  if (me.value !== null) return me.value;
  return tokens.calcomUserId === null ? null : { id: tokens.calcomUserId, username: null, email: null, timeZone: null };
}
