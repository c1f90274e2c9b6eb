/** Who calls. `Authorization: Bearer cal_…`, or the bare key (MEASURED 005); a wrong `cal_` key is refused even where none is needed (082). */
import { forbidden, unauthorized } from '../engine/api-failure.ts';
import type { UserRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import type { Access } from './exchange.ts';

export type Credential = { kind: 'none' } | { kind: 'key'; user: UserRow } | { kind: 'token' };

/** @throws ApiFailure 401 for a `cal_` key of nobody. */
export function credentialOf(world: World, authorization: string | undefined): Credential {
  const token = authorization?.replace(/^Bearer\s+/i, '').trim();
  if (!token) return { kind: 'none' };
  if (!token.startsWith('cal_')) return { kind: 'token' };
  const user = world.store.all('users').find((row) => row.apiKey === token);
  if (!user) throw unauthorized('CustomThrottlerGuard - Invalid API Key');
  return { kind: 'key', user };
}

const NO_METHOD =
  "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' header or OAuth client credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers";
const NO_PERMISSION =
  "PermissionsGuard - no authentication provided. Provide either authorization bearer token containing managed user access token or oAuth client id in 'x-cal-client-id' header.";

/** @throws ApiFailure 401 or 403, as the route demands. */
export function authenticate(credential: Credential, access: Access): UserRow | null {
  if (credential.kind === 'key') return credential.user;
  if (credential.kind === 'token') {
    // Managed users' tokens are not imitated: every one is unknown (004).
    if (access === 'none') return null;
    throw unauthorized('Invalid Access Token.');
  }
  if (access === 'required') throw unauthorized(NO_METHOD);
  if (access === 'permissions') throw forbidden(NO_PERMISSION);
  return null;
}
