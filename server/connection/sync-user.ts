/**
 * Makes our clinician and their Cal.com user agree, whichever way they are connected: looks with their credential who they
 * are, and says what is missing. Makes a Cal.com user only where a platform client is configured (deprecated upstream).
 */
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayConnect } from '../auth/authorize.ts';
import type { CalcomCredential } from '../calcom/calcom-client.ts';
import type { TokenFailure } from '../calcom/token-set.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { TOKEN_PURPOSE } from '../users/calcom-tokens.ts';
import type { ConnectionLack, ConnectionReport } from './connection.ts';
import { calcomAway, type ConnectionParts } from './connection-parts.ts';
import { activeConnection, type ConnectionRow, setTokenState, storeTokens } from './connection-store.ts';
import { examineConnection } from './examine-connection.ts';
import { linkIdentity } from './link-identity.ts';
import { startUsing } from './start-using.ts';

export async function syncUser(parts: ConnectionParts, caller: Caller, clinicianId: UserId): Promise<Result<ConnectionReport, Failure>> {
  if (!mayConnect(caller.viewer, clinicianId)) return fail(notAllowed('Clinicians look after their own connection; admins after any.'));
  const row = await activeConnection(parts.pool, clinicianId);
  if (row === null) return fail(notFound('The clinician'));
  await recordAudit(parts.pool, caller, { action: 'calcom.sync', subjectType: 'User', subjectId: clinicianId });
  const found = await credentialFor(parts, row);
  if (!found.ok) return found;
  const { credential, created, lack } = found.value;
  if (credential === null) return ok({ clinicianId, linked: false, created, lacks: [lack] });
  const examined = await examineConnection(parts, clinicianId, credential);
  if (!examined.ok) return fail(calcomAway(examined.failure));
  const { linked, readsBookings } = examined.value;
  const lacks = examined.value.lacks.map((lack) => (lack === 'CREDENTIAL_REFUSED' ? refusedLack(row) : lack));
  if (linked && !row.hasApiKey) await setTokenState(parts.pool, clinicianId, readsBookings ? 'USABLE' : 'LINKED_ONLY');
  await startUsing(parts, clinicianId);
  return ok({ clinicianId, linked, created, lacks });
}

/** A key can only be replaced; a grant given again; a token that API v2 never took was of no more use before. */
function refusedLack({ hasApiKey, tokenState }: ConnectionRow): ConnectionLack {
  if (hasApiKey || tokenState === null) return 'CREDENTIAL_REFUSED';
  return tokenState === 'LINKED_ONLY' ? 'BOOKINGS_NOT_READABLE' : 'RECONNECT';
}

interface Found {
  credential: CalcomCredential | null;
  created: boolean;
  /** With a null credential. */
  lack: ConnectionLack;
}

async function credentialFor(parts: ConnectionParts, row: ConnectionRow): Promise<Result<Found, Failure>> {
  const { credentials, tokens } = parts;
  const found = (credential: CalcomCredential | null, lack: ConnectionLack = 'CREDENTIAL', created = false) =>
    ok<Found>({ credential, created, lack });
  if (!row.hasApiKey && row.tokenState !== null && row.tokenState !== 'USABLE') {
    // Looked at again: what was wrong may have been mended at Cal.com.
    const bearer = await tokens.retry(row.id);
    if (bearer.ok) return found({ ownerId: row.id, bearer: bearer.value });
    return bearer.failure.kind === 'Unauthorized' ? found(null, 'RECONNECT') : fail(calcomAway(bearer.failure));
  }
  credentials.forget();
  const credential = await credentials.of(row.id);
  if (credential !== null) return found(credential);
  if (parts.managed === null || row.email === null) return found(null);
  const made = await makeManagedUser(parts, row, row.email);
  if (!made.ok) {
    parts.log.warn('calcom.managed-user.failed', { owner: row.id, why: made.failure });
    return fail(calcomAway({ retryAfterMs: null }));
  }
  return typeof made.value === 'string' ? found(null, made.value) : found(made.value, 'CREDENTIAL', true);
}

/** The credential of the new user, or why it could not become this clinician. */
async function makeManagedUser(
  { managed, pool, encryption, clock }: ConnectionParts,
  row: ConnectionRow,
  email: string,
): Promise<Result<CalcomCredential | ConnectionLack, TokenFailure>> {
  if (managed === null) return fail('Misconfigured');
  const made = await managed.ensure({ email, name: row.name, timeZone: row.timezone });
  if (!made.ok) return made;
  const { user, tokens } = made.value;
  const refusal = await inTransaction(pool, async (tx) => {
    const refused = await linkIdentity(tx, row.id, user);
    if (refused !== null) return refused;
    await storeTokens(tx, row.id, {
      kind: 'MANAGED',
      state: 'USABLE',
      accessToken: encryption.encrypt(tokens.accessToken, TOKEN_PURPOSE),
      refreshToken: tokens.refreshToken === null ? null : encryption.encrypt(tokens.refreshToken, TOKEN_PURPOSE),
      expiresAt: new Date(tokens.expiresAt),
      scope: tokens.scope,
      since: clock.now(),
    });
    return null;
  });
  return ok(refusal ?? { ownerId: row.id, bearer: tokens.accessToken });
}
