/**
 * The three addresses of Cal.com's web application that OAuth needs, as the source of 5.6 has them (not recorded). The page
 * asks which of the clinic's people is signed in; `sandbox_user=<username>` in the address answers at once, for tests.
 */
import { createHash } from 'node:crypto';
import { createGrant, grantByRefresh, OAUTH_CLIENT, refreshGrant } from '../engine/grants.ts';
import type { GrantRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import type { ApiAnswer, ApiRequest } from './exchange.ts';
import type { HandleRequest } from './handle.ts';

export interface OAuthBehaviour {
  /** True: as newer releases, `expires_in`, a new refresh token at each refresh, RFC 6749 errors. Default false, as 5.6. */
  modern?: boolean;
}

const CODE_MS = 10 * 60_000;

/** Those three addresses, before everything else. */
export function withWebApp(api: HandleRequest, world: World, behaviour: OAuthBehaviour): HandleRequest {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url, 'http://sandbox');
    switch (`${request.method} ${pathname}`) {
      case 'GET /auth/oauth2/authorize':
        return authorize(world, searchParams);
      case 'POST /api/auth/oauth/token':
        return exchange(world, new URLSearchParams(request.body), behaviour);
      case 'POST /api/auth/oauth/refreshToken':
        return refresh(world, request, behaviour);
      default:
        return await api(request);
    }
  };
}

function authorize(world: World, query: URLSearchParams): ApiAnswer {
  const redirect = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== OAUTH_CLIENT.id || !isLoopback(redirect)) return json(400, { message: 'Unknown client or redirect URI' });
  const back = new URL(redirect);
  const state = query.get('state');
  if (state !== null) back.searchParams.set('state', state);
  const username = query.get('sandbox_user');
  if (username === null) return page(world, query);
  const user = world.store.all('users').find((row) => row.username === username);
  if (user === undefined) {
    back.searchParams.set('error', 'access_denied');
  } else {
    const code = world.ids.uuid();
    world.store.put('codes', {
      code,
      userId: user.id,
      redirectUri: redirect,
      challenge: query.get('code_challenge'),
      scope: scopeOf(query.get('sandbox_scope')),
      endsAt: world.clock.now() + CODE_MS,
    });
    world.store.commit();
    back.searchParams.set('code', code);
  }
  return { status: 302, headers: { location: back.href, 'cache-control': 'no-store' }, body: '' };
}

function scopeOf(asked: string | null): GrantRow['scope'] {
  return asked === 'profile' || asked === 'none' ? asked : 'all';
}

function page(world: World, query: URLSearchParams): ApiAnswer {
  const link = (username: string, label: string) => {
    const again = new URLSearchParams(query);
    again.set('sandbox_user', username);
    return `<li><a href="?${escaped(again.toString())}">${escaped(label)}</a></li>`;
  };
  const people = world.store.all('users').map((user) => link(user.username, `Allow, as ${user.name}`));
  const body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox Cal.com</title>
<style>body{font:16px/1.5 system-ui;margin:15vh auto;max-width:28rem;padding:0 1rem}li{margin:.5rem 0}</style>
<h1>Allow the gateway to see and change your bookings?</h1><p>This is the sandbox: choose who is signed in at Cal.com.</p>
<ul>${people.join('')}${link('', 'Do not allow')}</ul></html>`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, body };
}

function exchange(world: World, form: URLSearchParams, behaviour: OAuthBehaviour): ApiAnswer {
  if (form.get('grant_type') !== 'authorization_code') return json(400, { message: 'grant_type invalid' });
  if (!isClient(form)) return refused(behaviour, 'invalid_client');
  const found = world.store.get('codes', form.get('code') ?? '');
  if (found) world.store.remove('codes', found.code);
  world.store.commit();
  const good = found !== undefined && found.endsAt > world.clock.now() && found.redirectUri === form.get('redirect_uri');
  if (!good || !provesPossession(found.challenge, form.get('code_verifier'))) return refused(behaviour, 'invalid_grant');
  const grant = createGrant(world, { kind: 'oauth', userId: found.userId, scope: found.scope });
  world.store.commit();
  const tokens = { access_token: grant.accessToken, refresh_token: grant.refreshToken };
  return json(
    200,
    behaviour.modern === true ? { ...tokens, token_type: 'bearer', expires_in: 1800, scope: 'BOOKING_READ BOOKING_WRITE' } : tokens,
  );
}

/** 5.6 knows no PKCE and ignores it; who sends both has them compared. */
function provesPossession(challenge: string | null, verifier: string | null): boolean {
  return challenge === null || verifier === null || createHash('sha256').update(verifier).digest('base64url') === challenge;
}

/** The refresh token comes as a bearer in 5.6, in the form later. */
function refresh(world: World, request: ApiRequest, behaviour: OAuthBehaviour): ApiAnswer {
  const form = new URLSearchParams(request.body);
  if (form.get('grant_type') !== 'refresh_token') return json(400, { message: 'grant type invalid' });
  if (!isClient(form)) return refused(behaviour, 'invalid_client');
  const modern = behaviour.modern === true;
  const token = modern ? form.get('refresh_token') : (request.headers['authorization'] ?? '').split(' ')[1];
  const grant = grantByRefresh(world, token ?? '');
  if (grant === undefined) return refused(behaviour, 'invalid_grant');
  const row = refreshGrant(world, grant, modern);
  return json(
    200,
    modern ? { access_token: row.accessToken, refresh_token: row.refreshToken, expires_in: 1800 } : { access_token: row.accessToken },
  );
}

function isClient(form: URLSearchParams): boolean {
  return form.get('client_id') === OAUTH_CLIENT.id && form.get('client_secret') === OAUTH_CLIENT.secret;
}

/** 5.6 says the same to everything. */
function refused(behaviour: OAuthBehaviour, error: 'invalid_client' | 'invalid_grant'): ApiAnswer {
  if (behaviour.modern !== true) return json(401, { message: 'Unauthorized' });
  return json(error === 'invalid_client' ? 401 : 400, { error, error_description: 'Unauthorized' });
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function json(status: number, body: unknown): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: JSON.stringify(body) };
}
