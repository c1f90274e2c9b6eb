/**
 * Who calls. `Authorization: Bearer cal_…`, or the bare key (MEASURED 005); a wrong `cal_` key is refused even where none is
 * needed (082). Or an access token: one that has ended is 498 (CONTRACT 2).
 */
import { ApiFailure, forbidden, unauthorized } from '../engine/api-failure.ts';
import { grantByAccess, ownerOf } from '../engine/grants.ts';
import type { GrantRow, UserRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import type { Access } from './exchange.ts';

export type Credential =
  | { kind: 'none' }
  | { kind: 'key'; user: UserRow }
  | { kind: 'grant'; user: UserRow; grant: GrantRow }
  | { kind: 'token' };

/** @throws ApiFailure 401 for a `cal_` key of nobody. */
export function credentialOf(world: World, authorization: string | undefined): Credential {
  const token = authorization?.replace(/^Bearer\s+/i, '').trim();
  if (!token) return { kind: 'none' };
  if (!token.startsWith('cal_')) {
    const grant = grantByAccess(world, token);
    return grant === undefined ? { kind: 'token' } : { kind: 'grant', user: ownerOf(world, grant), grant };
  }
  const user = world.store.all('users').find((row) => row.apiKey === token);
  if (!user) throw unauthorized('CustomThrottlerGuard - Invalid API Key');
  return { kind: 'key', user };
}

const NO_METHOD =
  "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' header or OAuth client credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers";
const NO_PERMISSION =
  "PermissionsGuard - no authentication provided. Provide either authorization bearer token containing managed user access token or oAuth client id in 'x-cal-client-id' header.";

const ENDED = 'ACCESS_TOKEN_IS_EXPIRED';
const tokenEnded = (): ApiFailure => new ApiFailure(498, 'framework', 'TokenExpiredException', ENDED, { message: ENDED, statusCode: 498 });

/** @throws ApiFailure 401, 403 or 498, as the route demands. */
export function authenticate(credential: Credential, access: Access, now: number): UserRow | null {
  if (credential.kind === 'key') return credential.user;
  if (credential.kind === 'grant') {
    const { user, grant } = credential;
    if (access !== 'none' && grant.scope === 'none') throw unauthorized('Invalid Access Token.');
    if (access !== 'none' && grant.accessEndsAt <= now) throw tokenEnded();
    // The text is not recorded; that it may echo the token is (CONTRACT 2).
    if (access === 'permissions' && grant.scope === 'profile')
      throw forbidden(`PermissionsGuard - no permissions for access token ${grant.accessToken}`);
    return user;
  }
  if (credential.kind === 'token') {
    // Nobody's, or not any more (004).
    if (access === 'none') return null;
    throw unauthorized('Invalid Access Token.');
  }
  if (access === 'required') throw unauthorized(NO_METHOD);
  if (access === 'permissions') throw forbidden(NO_PERMISSION);
  return null;
}
