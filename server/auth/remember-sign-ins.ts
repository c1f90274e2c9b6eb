/**
 * Remembers for some seconds who a token signed in: a board asks ten times a minute, and checking the signature and the account
 * costs as much as a whole query of the other kind. Who is disabled, deleted or given another role is found out when the time is
 * over; failures are not remembered. Many who come with one token at the same moment share one check.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../kernel/clock.ts';
import { ok } from '../kernel/result.ts';
import type { Authenticate } from './authenticate.ts';
import type { Viewer } from './viewer.ts';

/** What an account lost it loses after this, as `docs/security.md` promises. */
const REMEMBERED_MS = 5_000;
/** Of headers, in characters; a token has some hundred, at most 8192. */
const MAX_CHARACTERS = 4_000_000;

interface SignIn {
  viewer: Viewer;
  until: number;
}

export function rememberSignIns(authenticate: Authenticate, clock: Clock): Authenticate {
  const known = new LRUCache<string, SignIn>({ maxSize: MAX_CHARACTERS, sizeCalculation: (_signIn, header) => header.length });
  const asked = new Map<string, ReturnType<Authenticate>>();

  async function ask(authorization: string): ReturnType<Authenticate> {
    const at = clock.now().getTime();
    const result = await authenticate(authorization);
    // From before the account was read: what changed meanwhile is found out in time.
    if (result.ok && result.value !== null)
      known.set(authorization, { viewer: result.value, until: Math.min(at + REMEMBERED_MS, result.value.expiresAt) });
    return result;
  }

  return (authorization) => {
    if (authorization === null) return authenticate(null);
    const signIn = known.get(authorization);
    if (signIn !== undefined && clock.now().getTime() < signIn.until) return Promise.resolve(ok(signIn.viewer));
    const before = asked.get(authorization);
    if (before !== undefined) return before;
    const asking = ask(authorization).finally(() => asked.delete(authorization));
    asked.set(authorization, asking);
    return asking;
  };
}
