/**
 * Who this tab is. The token lives in sessionStorage, so that each tab can be another person and closing it signs out.
 * Tokens of sandbox personas renew themselves; others end, and the person signs in again.
 */
export interface Session {
  token: string;
  /** RFC 3339; null for a token that we did not get ourselves. */
  expiresAt: string | null;
  /** The sandbox persona that the token was handed out for. */
  personaId: string | null;
}

export interface SessionStore {
  readonly read: () => Session | null;
  readonly subscribe: (listener: () => void) => () => void;
  readonly save: (session: Session) => void;
  readonly forget: () => void;
  /** A token that is good for at least another half minute, or the one there is; null when nobody is signed in. */
  readonly freshToken: () => Promise<string | null>;
}

/** Asks for a new token of a persona; null when that is not possible (no sandbox, no network). */
export type Renew = (personaId: string) => Promise<Session | null>;

const KEY = 'session';
const MARGIN_MS = 30_000;

/** `storage` null keeps the session in memory only (the live sample on the start page is such a second person). */
export function createSessionStore(storage: Storage | null, renew: Renew): SessionStore {
  let session = restore(storage);
  let renewing: Promise<string | null> | null = null;
  const listeners = new Set<() => void>();
  const become = (next: Session | null): void => {
    session = next;
    keep(storage, next);
    for (const listener of listeners) listener();
  };
  const renewed = async (current: Session, personaId: string): Promise<string | null> => {
    const next = await renew(personaId);
    // A renewal is the same person: whoever listens for a change of person must not be disturbed.
    if (next !== null && session?.personaId === personaId) {
      session = next;
      keep(storage, next);
    }
    renewing = null;
    return (next ?? current).token;
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
      const { personaId, expiresAt } = session;
      if (personaId === null || expiresAt === null || Date.parse(expiresAt) - Date.now() > MARGIN_MS) return session.token;
      renewing ??= renewed(session, personaId);
      return renewing;
    },
  };
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
