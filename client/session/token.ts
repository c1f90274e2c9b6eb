/**
 * What a sign-in token says of itself. Read for planning (when to ask for the next one) and to tell two people apart;
 * nothing is trusted because of it.
 */
export interface TokenFacts {
  /** Issuer and subject; null for a token that names nobody. */
  who: string | null;
  /** Unix ms by the clock of whoever issued it. */
  issuedAt: number | null;
  expiresAt: number | null;
}

const NOTHING: TokenFacts = { who: null, issuedAt: null, expiresAt: null };

export function readToken(token: string): TokenFacts {
  try {
    const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const claims: unknown = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(body), (each) => each.charCodeAt(0))));
    if (typeof claims !== 'object' || claims === null) return NOTHING;
    const { iss, sub, iat, exp } = claims as Record<string, unknown>;
    return {
      who: typeof sub === 'string' ? JSON.stringify([iss ?? null, sub]) : null,
      issuedAt: typeof iat === 'number' ? iat * 1000 : null,
      expiresAt: typeof exp === 'number' ? exp * 1000 : null,
    };
  } catch {
    return NOTHING;
  }
}

/** When a token that was issued just now ends by this device's clock, which may be another one. Unix ms. */
export function endsAt(token: string, now: number): number | null {
  const { issuedAt, expiresAt } = readToken(token);
  return expiresAt === null || issuedAt === null ? expiresAt : now + (expiresAt - issuedAt);
}
