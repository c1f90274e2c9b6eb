/** The API as its callers meet it: behind the faults asked for on the control page. */
import { isoMs } from '../engine/instant.ts';
import { type Faults, strikes } from '../control/faults.ts';
import type { ApiAnswer, ApiRequest } from './exchange.ts';
import type { HandleRequest } from './handle.ts';

/** `closed`: the connection ends at once. `silent`: no answer ever comes. */
export type Outcome = ApiAnswer | 'closed' | 'silent';

export async function answerThroughFaults(api: HandleRequest, faults: Faults, request: ApiRequest): Promise<Outcome> {
  const active = faults.api;
  if (active.down) return 'closed';
  if (active.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, active.delayMs));
  if (strikes(active, 'tooManyRequests')) return throttled(request);
  if (strikes(active, 'serverError')) {
    return { status: 500, headers: JSON_TYPE, body: JSON.stringify({ statusCode: 500, message: 'Internal server error' }) };
  }
  // Only what would change something: a lost answer to a question is just a timeout.
  const silent = request.method !== 'GET' && strikes(active, 'commitThenTimeout');
  const answer = await api(request);
  return silent ? 'silent' : answer;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

function throttled(request: ApiRequest): ApiAnswer {
  const message = 'CustomThrottlerGuard - Too many requests. Please try again later.';
  return {
    status: 429,
    headers: {
      ...JSON_TYPE,
      'x-ratelimit-limit-default': '120',
      'x-ratelimit-remaining-default': '0',
      'x-ratelimit-reset-default': '2',
    },
    body: JSON.stringify({
      status: 'error',
      timestamp: isoMs(Date.now()),
      path: request.url,
      error: { code: 'ThrottlerException', message, details: message },
    }),
  };
}
