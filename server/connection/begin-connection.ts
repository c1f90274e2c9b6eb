/**
 * Sends a person to Cal.com to grant access. What comes back is believed only with the state that is in the address and
 * the nonce that is in this browser's cookie: neither a forwarded link nor a stolen one connects anybody.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { mayConnect } from '../auth/authorize.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { insertAttempt, VERIFIER_PURPOSE } from './attempt-store.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { activeConnection } from './connection-store.ts';

/** How long a person may take at Cal.com. */
export const ATTEMPT_MS = 10 * 60_000;

export interface BegunConnection {
  authorizationUrl: string;
  expiresAt: Date;
  /** For a cookie that only the callback is sent. */
  nonce: string;
}

/** `address`: where this browser reaches the gateway, when that is on this machine; used where no address is configured. */
export async function beginConnection(
  parts: ConnectionParts,
  caller: Caller,
  request: { clinicianId: UserId; address: string | null },
): Promise<Result<BegunConnection, Failure>> {
  const { clinicianId } = request;
  if (!mayConnect(caller.viewer, clinicianId)) return fail(notAllowed('Clinicians connect themselves; admins connect anyone.'));
  const { oauth } = parts;
  if (oauth === null) return fail(notAllowed('Signing in at Cal.com is not set up here. Set an API key of Cal.com instead.'));
  if ((await activeConnection(parts.pool, clinicianId)) === null) return fail(notFound('The clinician'));
  const redirectUrl =
    parts.config.calcom?.oauth?.redirectUrl ?? (request.address === null ? null : `${request.address}/api/calcom/callback`);
  if (redirectUrl === null) return fail(notAllowed('Set CALCOM_OAUTH_REDIRECT_URL first: Cal.com has to know where to send people back.'));

  const [state, nonce, verifier] = [secret(), secret(), secret()];
  const expiresAt = new Date(parts.clock.now().getTime() + ATTEMPT_MS);
  await insertAttempt(
    parts.pool,
    { state, nonce },
    {
      clinicianId,
      startedById: caller.viewer.userId,
      verifier: parts.encryption.encrypt(verifier, VERIFIER_PURPOSE),
      redirectUrl,
      requestId: caller.requestId,
      expiresAt,
    },
  );
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return ok({ authorizationUrl: oauth.authorizationUrl({ state, challenge, redirectUrl }), expiresAt, nonce });
}

/** 256 bits; also the 43 characters that a PKCE verifier needs at least. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}
