/**
 * Who this tab is. The token lives in sessionStorage, so that each tab can be another person and closing it signs out.
 * It is renewed before it ends where that is possible: of the sandbox's personas, and where the installation says from
 * where tokens come (AUTH_TOKEN_URL). Others end, and the person signs in again.
 */
import { readToken } from './token.ts';

export interface Session {
  token: string;
  /** RFC 3339, by this device's clock; null when the token does not say. */
  expiresAt: string | null;
  /** The sandbox persona that the token was handed out for. */
  personaId: string | null;
}

export interface SessionStore {
  readonly read: () => Session | null;
  readonly subscribe: (listener: () => void) => () => void;
  readonly save: (session: Session) => void;
  readonly forget: () => void;
  /** A token that is not about to end, or the one there is; null when nobody is signed in. */
  readonly freshToken: () => Promise<string | null>;
  /** When to ask for the next token, Unix ms; null when that is not known. */
  readonly renewsAt: () => number | null;
  /** The gateway does not accept this token: another one, or nobody is signed in. */
  readonly refused: (token: string) => Promise<void>;
}

/** Asks for a new token of the same person; null when there is none. Never rejects. */
export type Renew = (session: Session) => Promise<Session | null>;

const KEY = 'session';
const MARGIN_MS = 60_000;
/** Of a token's life: of a short one the margin must not be all of it. */
const MARGIN_PART = 0.2;

/** `storage` null keeps the session in memory only (the live sample on the start page is such a second person). */
export function createSessionStore(storage: Storage | null, renew: Renew): SessionStore {
  let session = restore(storage);
  let renewing: Promise<Session | null> | null = null;
  const listeners = new Set<() => void>();

  const become = (next: Session | null): void => {
    session = next;
    keep(storage, next);
    for (const listener of listeners) listener();
  };

  const renewOnce = async (current: Session): Promise<Session | null> => {
    const next = await renew(current);
    renewing = null;
    // Who signed out or became somebody else in the meantime is not signed in again.
    if (next === null || session?.token !== current.token) return null;
    if (identityOf(next) === identityOf(current)) {
      // The same person: whoever listens for a change of person must not be disturbed.
      session = next;
      keep(storage, next);
    } else become(next);
    return next;
  };
  const renewed = (current: Session): Promise<Session | null> => {
    renewing ??= renewOnce(current);
    return renewing;
  };

  return {
    read: () => session,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    save: become,
    forget: () => become(null),
    freshToken: async () => {
      if (session === null) return null;
      const at = renewsAt(session);
      if (at !== null && Date.now() >= at) await renewed(session);
      return session?.token ?? null;
    },
    renewsAt: () => (session === null ? null : renewsAt(session)),
    refused: async (token) => {
      if (session?.token !== token) return;
      const next = await renewed(session);
      if (next === null && session?.token === token) become(null);
    },
  };
}

/** The same through all renewals of a token. */
export function identityOf({ personaId, token }: Session): string {
  return personaId ?? readToken(token).who ?? token;
}

function renewsAt({ token, expiresAt }: Session): number | null {
  if (expiresAt === null) return null;
  const facts = readToken(token);
  const life = facts.expiresAt === null || facts.issuedAt === null ? Number.POSITIVE_INFINITY : facts.expiresAt - facts.issuedAt;
  return Date.parse(expiresAt) - Math.min(MARGIN_MS, life * MARGIN_PART);
}

function restore(storage: Storage | null): Session | null {
  try {
    const text = storage?.getItem(KEY) ?? null;
    if (text === null) return null;
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('token' in value) || typeof value.token !== 'string') return null;
    return {
      token: value.token,
      expiresAt: 'expiresAt' in value && typeof value.expiresAt === 'string' ? value.expiresAt : null,
      personaId: 'personaId' in value && typeof value.personaId === 'string' ? value.personaId : null,
    };
  } catch {
    return null;
  }
}

function keep(storage: Storage | null, session: Session | null): void {
  try {
    if (session === null) storage?.removeItem(KEY);
    else storage?.setItem(KEY, JSON.stringify(session));
  } catch {
    // A browser that forbids storage keeps the session until the page is left.
  }
}
