/** Tokens of our own, for the command line and the sandbox's personas. Only possible with AUTH_JWT_SECRET. */
import { SignJWT } from 'jose';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';

/** `iss` of every token issued here; its `sub` is a User.id. */
export const OWN_ISSUER = 'fintan-gateway';

export interface IssuedToken {
  token: string;
  expiresAt: Date;
}

/** Lives for `minutes`. Fails where sign-in is done by an identity provider (AUTH_JWKS_URL): there are no keys to sign with. */
export async function issueToken(
  auth: Config['auth'],
  clock: Clock,
  userId: UserId,
  minutes: number,
): Promise<Result<IssuedToken, string>> {
  if (auth.keys.kind !== 'secret') return fail('Tokens can be issued only where AUTH_JWT_SECRET is configured.');
  const now = Math.floor(clock.now().getTime() / 1000);
  const exp = now + Math.round(minutes * 60);
  const unsigned = new SignJWT({})
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(OWN_ISSUER)
    .setSubject(userId)
    .setIssuedAt(now)
    .setExpirationTime(exp);
  if (auth.audience !== null) unsigned.setAudience(auth.audience);
  const token = await unsigned.sign(new TextEncoder().encode(auth.keys.secret));
  return ok({ token, expiresAt: new Date(exp * 1000) });
}
