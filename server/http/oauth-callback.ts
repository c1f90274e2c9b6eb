/**
 * `GET /api/calcom/callback`: a browser comes back from Cal.com. Always 303 to one fixed page with one word: nothing of
 * what was in the address is repeated, stays in the history, or is sent on as a referrer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionOutcome } from '../connection/connection.ts';
import type { ReturnFromCalcom } from '../connection/finish-connection.ts';
import { endedNonceCookie, nonceFrom } from '../connection/nonce-cookie.ts';
import { refuse } from './respond.ts';

export type OAuthCallback = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => Promise<void>;

/** Longer ones are not ours or Cal.com's. */
const MOST_CHARACTERS = 4096;

export function createOAuthCallback(finish: (back: ReturnFromCalcom) => Promise<ConnectionOutcome>): OAuthCallback {
  return async (request, response, query) => {
    if (request.method !== 'GET') {
      refuse(response, 405, 'METHOD_NOT_ALLOWED', 'Browsers come back from Cal.com with GET.', { allow: 'GET' });
      return;
    }
    const outcome = await finish({
      state: bounded(query.get('state')),
      code: bounded(query.get('code')),
      error: bounded(query.get('error')),
      nonce: bounded(nonceFrom(request.headers.cookie ?? '')),
    });
    response.writeHead(303, {
      location: `/connected?result=${outcome}`,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'set-cookie': endedNonceCookie(),
    });
    response.end();
  };
}

function bounded(value: string | null): string | null {
  return value === null || value === '' || value.length > MOST_CHARACTERS ? null : value;
}
