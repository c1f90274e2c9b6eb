/** The API as its callers meet it: behind the faults asked for on the control page. */
import { isoMs } from '../engine/instant.ts';
import { type Faults, type Resource, strikes } from '../control/faults.ts';
import { REFUSALS } from '../control/refusals.ts';
import type { ApiAnswer, ApiRequest } from './exchange.ts';
import { failureAnswer } from './failure-answer.ts';
import type { HandleRequest } from './handle.ts';

/** `closed`: the connection ends at once. `silent`: no answer ever comes. */
export type Outcome = ApiAnswer | 'closed' | 'silent';

export async function answerThroughFaults(api: HandleRequest, faults: Faults, request: ApiRequest): Promise<Outcome> {
  const active = faults.api;
  if (active.down) return 'closed';
  if (active.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, active.delayMs));
  if (strikes(active, 'tooManyRequests')) return throttled(request);
  if (strikes(active, 'serverError')) return INTERNAL;
  const resource = resourceOf(request.url);
  if (resource !== null && active.missing.includes(resource))
    return refusal(request, 404, 'NotFoundException', `Cannot ${request.method} ${request.url}`);
  if (active.unlicensed && /\bcal_/.test(request.headers['authorization'] ?? '')) {
    // The text is the source's, not recorded.
    const message = 'ApiAuthStrategy - api key - Invalid or missing CALCOM_LICENSE_KEY environment variable';
    return refusal(request, 401, 'UnauthorizedException', message);
  }
  const { refuse } = active;
  const hit = refuse !== null && (refuse.hits === 'all' || (refuse.hits === 'reads') === (request.method === 'GET'));
  if (hit && strikes(refuse, 'count')) return failureAnswer(REFUSALS[refuse.name](), request.url, Date.now(), JSON_TYPE);
  // Only what would change something: a lost answer to a question is just a timeout.
  const silent = request.method !== 'GET' && strikes(active, 'commitThenTimeout');
  const answer = await api(active.oldVersion ? withoutVersion(request) : request);
  if (silent) return 'silent';
  return request.method !== 'GET' && strikes(active, 'commitThenError') ? INTERNAL : answer;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const INTERNAL: ApiAnswer = {
  status: 500,
  headers: JSON_TYPE,
  body: JSON.stringify({ statusCode: 500, message: 'Internal server error' }),
};

function withoutVersion(request: ApiRequest): ApiRequest {
  const { 'cal-api-version': _version, ...headers } = request.headers;
  return { ...request, headers };
}

/** Which part of the API a path belongs to. */
function resourceOf(url: string): Resource | null {
  const [path = ''] = url.split('?');
  if (path.startsWith('/v2/slots/reservations')) return 'reservations';
  if (/^\/v2\/event-types\/[^/]+\/webhooks/.test(path)) return 'webhooks';
  const name = /^\/v2\/(me|event-types|schedules|slots|bookings|webhooks)(?:\/|$)/.exec(path)?.[1];
  return (name as Resource | undefined) ?? null;
}

function refusal(request: ApiRequest, status: number, code: string, message: string): ApiAnswer {
  const error = { code, message, details: { message, statusCode: status } };
  return {
    status,
    headers: JSON_TYPE,
    body: JSON.stringify({ status: 'error', timestamp: isoMs(Date.now()), path: request.url, error }),
  };
}

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
