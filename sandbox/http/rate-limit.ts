/** 120 requests a minute per key or address, then blocked for a minute from there (MEASURED "Errors"). No Retry-After. */
import { ApiFailure } from '../engine/api-failure.ts';

export interface RateLimit {
  /** Counts one request of `who` and returns the headers. @throws ApiFailure 429, with the headers set before. */
  count(who: string, limit: number, headers: Record<string, string>): void;
  reset(): void;
}

const WINDOW_MS = 60_000;
const BLOCK_MS = 60_000;
const MESSAGE = 'CustomThrottlerGuard - Too many requests. Please try again later.';

interface Bucket {
  used: number;
  windowEnds: number;
  blockedUntil: number;
}

export function createRateLimit(now: () => number): RateLimit {
  const buckets = new Map<string, Bucket>();
  return {
    count: (who, limit, headers) => {
      const at = now();
      const bucket = buckets.get(who);
      const current =
        bucket && bucket.windowEnds > at ? bucket : { used: 0, windowEnds: at + WINDOW_MS, blockedUntil: bucket?.blockedUntil ?? 0 };
      current.used += 1;
      if (current.used > limit && current.blockedUntil <= at) current.blockedUntil = at + BLOCK_MS;
      buckets.set(who, current);
      const blocked = current.blockedUntil > at;
      const until = blocked ? current.blockedUntil : current.windowEnds;
      headers['x-ratelimit-limit-default'] = String(limit);
      headers['x-ratelimit-remaining-default'] = String(blocked ? 0 : Math.max(limit - current.used, 0));
      headers['x-ratelimit-reset-default'] = String(Math.ceil((until - at) / 1000));
      if (blocked) throw tooManyRequests();
    },
    reset: () => buckets.clear(),
  };
}

/** `details` is a plain string here and nowhere else. */
export const tooManyRequests = (): ApiFailure => new ApiFailure(429, 'framework', 'ThrottlerException', MESSAGE, MESSAGE);
