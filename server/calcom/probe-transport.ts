/**
 * One look at one route of Cal.com, as it is: nothing is repeated, no breaker is asked, no status is a failure. For finding
 * out what an installation can do; everything else goes through `transport.ts`. Needs no budget: a check is a dozen calls.
 */
import type { Clock } from '../kernel/clock.ts';
import { boundedText } from './bounded-text.ts';

export interface ProbeAnswer {
  status: number;
  /** Undefined when the body is not JSON. */
  json: unknown;
  /** Cal.com's clock minus ours in ms, from the `Date` header, which counts whole seconds; null without the header. */
  clockSkewMs: number | null;
}

/** Null: no answer within the time. */
export type Probe = (path: string, options?: { bearer?: string; version?: string }) => Promise<ProbeAnswer | null>;

export interface ProbeOptions {
  /** Origin, without a slash at the end. */
  baseUrl: string;
  clock: Clock;
  fetch?: typeof fetch;
  timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 4 * 1024 * 1024;

export function createProbe({ baseUrl, clock, fetch: fetchIt = fetch, timeoutMs = TIMEOUT_MS }: ProbeOptions): Probe {
  return async (path, { bearer, version } = {}) => {
    const sentAt = clock.now().getTime();
    try {
      const response = await fetchIt(`${baseUrl}${path}`, {
        headers: {
          accept: 'application/json',
          ...(version === undefined ? {} : { 'cal-api-version': version }),
          ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await boundedText(response, MOST_BYTES);
      return {
        status: response.status,
        json: parsed(text),
        clockSkewMs: skew(response.headers.get('date'), sentAt, clock.now().getTime()),
      };
    } catch {
      return null;
    }
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Against the middle of the call; the header is cut to the second, so half of one is added. */
function skew(header: string | null, sentAt: number, receivedAt: number): number | null {
  const theirs = header === null ? Number.NaN : Date.parse(header);
  return Number.isNaN(theirs) ? null : Math.round(theirs + 500 - (sentAt + receivedAt) / 2);
}
