/** The one door of the imitated API: body, version, route, throttling, authentication, the route itself; every failure gets its recorded shape here. */
import { createHash } from 'node:crypto';
import { ApiFailure, badRequest, coreFailure, notFound } from '../engine/api-failure.ts';
import type { World } from '../engine/world.ts';
import { authenticate, credentialOf } from './authentication.ts';
import type { ApiAnswer, ApiRequest, Call, Route } from './exchange.ts';
import { failureAnswer } from './failure-answer.ts';
import type { RateLimit } from './rate-limit.ts';
import { versionOf } from './versions.ts';

const PER_KEY = 120;
const PER_TOKEN = 500;

export interface ApiOptions {
  world: World;
  routes: Route[];
  /** Null: nobody is ever throttled. */
  rateLimit: RateLimit | null;
  newRequestId: () => string;
}

export type HandleRequest = (request: ApiRequest) => Promise<ApiAnswer>;

export function createApi({ world, routes, rateLimit, newRequestId }: ApiOptions): HandleRequest {
  return async (request) => {
    // The client's own x-request-id is ignored (MEASURED 417).
    const headers: Record<string, string> = { 'x-request-id': newRequestId() };
    const url = request.url.replace(/^\/api\/v2(?=[/?]|$)/, '/v2');
    try {
      const { pathname, searchParams } = new URL(url, 'http://sandbox');
      if (pathname === '/health') return { status: 200, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' }, body: 'OK' };
      const body = parseBody(request);
      const match = findRoute(routes, request.method, pathname, versionOf(request.headers['cal-api-version']));
      if (!match) throw notFound(`Cannot ${request.method} ${url}`);
      const credential = credentialOf(world, request.headers['authorization']);
      const bucket =
        credential.kind === 'key' || credential.kind === 'grant'
          ? `${credential.kind} ${credential.user.id}`
          : `${credential.kind} ${request.ip}`;
      rateLimit?.count(bucket, credential.kind === 'token' || credential.kind === 'grant' ? PER_TOKEN : PER_KEY, headers);
      const user = authenticate(credential, match.route.access, world.clock.now());
      const call: Call = { world, user, params: match.params, query: searchParams, headers: request.headers, body };
      const answer = await match.route.handle(call);
      return withEtag(request, { status: answer.status, headers: json(headers), body: JSON.stringify(answer.body) });
    } catch (failure) {
      return withEtag(request, failed(world, url, headers, failure));
    }
  };
}

function parseBody(request: ApiRequest): Record<string, unknown> {
  if (request.body === '' || request.method === 'GET') return {};
  try {
    const parsed: unknown = JSON.parse(request.body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Record<string, unknown>) : {};
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : 'Unexpected token in JSON');
  }
}

function findRoute(
  routes: Route[],
  method: string,
  pathname: string,
  version: string,
): { route: Route; params: Record<string, string> } | undefined {
  const parts = pathname.split('/').filter((part) => part !== '');
  for (const route of routes) {
    if (route.method !== method || (route.versions !== 'any' && !route.versions.includes(version))) continue;
    const params = matchPath(route.path, parts);
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(path: string, parts: string[]): Record<string, string> | undefined {
  const pattern = path.split('/').filter((part) => part !== '');
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const actual = parts[index] ?? '';
    if (expected.startsWith(':')) params[expected.slice(1)] = decoded(actual);
    else if (expected !== actual) return undefined;
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const json = (headers: Record<string, string>): Record<string, string> => ({
  ...headers,
  'content-type': 'application/json; charset=utf-8',
});

/** Express's weak ETag; a GET that repeats it is answered 304 (MEASURED 416). */
function withEtag(request: ApiRequest, answer: ApiAnswer): ApiAnswer {
  const digest = createHash('sha1').update(answer.body).digest('base64').slice(0, 27);
  const etag = `W/"${Buffer.byteLength(answer.body).toString(16)}-${digest}"`;
  const headers = { ...answer.headers, etag };
  return request.method === 'GET' && answer.status === 200 && request.headers['if-none-match'] === etag
    ? { status: 304, headers, body: '' }
    : { ...answer, headers };
}

function failed(world: World, path: string, headers: Record<string, string>, failure: unknown): ApiAnswer {
  const known = failure instanceof ApiFailure ? failure : coreFailure(500, 'Internal server error');
  if (known !== failure) process.stderr.write(`sandbox: ${failure instanceof Error ? failure.stack : String(failure)}\n`);
  return failureAnswer(known, path, world.clock.now(), json(headers));
}
