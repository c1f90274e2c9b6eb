/** What Cal.com hands out for a person, whichever way; and why it did not. */
import type { TokenRefusal } from './token-transport.ts';

export interface TokenSet {
  accessToken: string;
  /** Null: keep the one that was used. Cal.com 5.6 does not rotate those of OAuth; newer releases and managed users do. */
  refreshToken: string | null;
  /** Unix ms. */
  expiresAt: number;
  /** As Cal.com names it; null when it does not. */
  scope: string | null;
  /** From the token itself; null when it does not tell. Only for tokens that came straight from Cal.com. */
  calcomUserId: number | null;
}

export type TokenFailure =
  /** The grant is gone: only the person can give a new one. */
  | 'Revoked'
  /** Our client id, secret or addresses are wrong: nothing that the person could do. */
  | 'Misconfigured'
  /** No answer, or one of a server in trouble: later. */
  | 'Unavailable';

export function tokenFailure({ status, error }: TokenRefusal): TokenFailure {
  if (error === 'invalid_client' || error === 'unauthorized_client' || error === 'unsupported_grant_type') return 'Misconfigured';
  if (status === 400 || status === 401 || status === 403) return 'Revoked';
  return status !== null && status >= 300 && status < 500 && status !== 408 && status !== 429 ? 'Misconfigured' : 'Unavailable';
}

/** The claim `userId` of a JWT that Cal.com gave us itself, not verified: the channel is what we trust. Null for any other token. */
export function userIdIn(accessToken: string): number | null {
  const payload = accessToken.split('.')[1];
  if (payload === undefined) return null;
  try {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as unknown;
    const id = typeof claims === 'object' && claims !== null && 'userId' in claims ? claims.userId : null;
    return typeof id === 'number' && Number.isInteger(id) && id > 0 ? id : null;
  } catch {
    return null;
  }
}
