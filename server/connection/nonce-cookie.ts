/** The cookie that ties a visit to Cal.com to the browser it began in. Only the callback is ever sent it. */

export const NONCE_COOKIE = 'calcom_connect';
const PATH = '/api/calcom/callback';

/** Lax, because Cal.com sends the browser back with a top-level GET. `secure` where the callback is reached by https. */
export function nonceCookie(nonce: string, seconds: number, secure: boolean): string {
  return `${NONCE_COOKIE}=${nonce}; Path=${PATH}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

export function endedNonceCookie(): string {
  return nonceCookie('', 0, false);
}

/** From a `Cookie` header. */
export function nonceFrom(header: string): string | null {
  for (const part of header.split(';')) {
    const [name, value] = part.split('=', 2);
    if (name?.trim() === NONCE_COOKIE) return value?.trim() ?? null;
  }
  return null;
}
