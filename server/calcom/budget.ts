/**
 * How many calls a credential may still make in the current window, from `X-RateLimit-{Limit,Remaining,Reset}-Default`
 * (seconds until reset, CONTRACT 3). Whoever is blocked once is blocked for a minute, so reads stop at 80 %: the last
 * fifth belongs to people who book, cancel and confirm. What nobody waits for (sweeps) stops at half.
 */
import { unreachable } from '../kernel/result.ts';

export interface RateHeaders {
  limit: number;
  remaining: number;
  resetSeconds: number;
}

const READS_STOP_AT = 0.2;
const BACKGROUND_STOPS_AT = 0.5;
/** Two calls stay unused, because another instance may have the same key; a tiny limit is used up. */
const WRITES_STOP_AT = 2;
const TINY_LIMIT = 5;

export function rateHeadersOf(headers: Headers): RateHeaders | null {
  const limit = numberIn(headers, 'x-ratelimit-limit-default');
  const remaining = numberIn(headers, 'x-ratelimit-remaining-default');
  const resetSeconds = numberIn(headers, 'x-ratelimit-reset-default');
  return limit === null || remaining === null || resetSeconds === null ? null : { limit, remaining, resetSeconds };
}

function numberIn(headers: Headers, name: string): number | null {
  const value = headers.get(name);
  if (value === null || !/^\d{1,9}$/.test(value.trim())) return null;
  return Number(value);
}

export type CallKind = 'background' | 'read' | 'write';

export class Budget {
  #limit: number | null = null;
  #remaining = 0;
  #resetsAt = 0;
  #blockedUntil = 0;

  /** Takes one call out of the budget, or says how many ms until there is one. `now`: Unix ms. */
  take(kind: CallKind, now: number): { waitMs: number } | null {
    if (now < this.#blockedUntil) return { waitMs: this.#blockedUntil - now };
    if (this.#limit === null) return null;
    if (now >= this.#resetsAt) this.#remaining = this.#limit;
    const reserve = reserveOf(kind, this.#limit);
    if (this.#remaining <= reserve) return { waitMs: Math.max(0, this.#resetsAt - now) };
    this.#remaining -= 1;
    return null;
  }

  /** Learns from an answer; answers overtake each other, so within a window the smaller number is the truer one. */
  learn(headers: RateHeaders, now: number): void {
    const resetsAt = now + headers.resetSeconds * 1000;
    const sameWindow = this.#limit !== null && now < this.#resetsAt && resetsAt < this.#resetsAt + 2000;
    this.#remaining = sameWindow ? Math.min(this.#remaining, headers.remaining) : headers.remaining;
    if (!sameWindow) this.#resetsAt = resetsAt;
    this.#limit = headers.limit;
  }

  /** Cal.com said 429: nothing until then. */
  block(waitMs: number, now: number): void {
    this.#blockedUntil = now + waitMs;
  }
}

/** How many calls of a window this kind leaves to the others. */
function reserveOf(kind: CallKind, limit: number): number {
  switch (kind) {
    case 'background':
      return Math.floor(limit * BACKGROUND_STOPS_AT);
    case 'read':
      return Math.floor(limit * READS_STOP_AT);
    case 'write':
      return limit < TINY_LIMIT ? 0 : WRITES_STOP_AT;
    default:
      return unreachable(kind);
  }
}
