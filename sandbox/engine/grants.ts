/**
 * Access that people granted to OAuth clients, and tokens of managed users (CONTRACT 6). One living pair of tokens a grant:
 * a real server lets an old access token of OAuth live until it ends; here it is gone with the first refresh, which is stricter.
 */
import type { GrantRow, UserRow } from './records.ts';
import type { World } from './world.ts';

/** The clients of every sandbox. Their secrets open nothing else. */
export const OAUTH_CLIENT = { id: 'sandbox-oauth-client', secret: 'sandbox-oauth-secret' };
export const PLATFORM_CLIENT = { id: 'sandbox-platform-client', secret: 'sandbox-platform-secret' };

const OAUTH_MS = 30 * 60_000;
const MANAGED_MS = 60 * 60_000;

export interface NewGrant {
  kind: GrantRow['kind'];
  userId: number;
  scope: GrantRow['scope'];
}

export function createGrant(world: World, { kind, userId, scope }: NewGrant): GrantRow {
  const row = withTokens(world, {
    id: world.ids.uuid(),
    kind,
    userId,
    scope,
    accessToken: '',
    accessEndsAt: 0,
    refreshToken: '',
    revoked: false,
    refreshes: 0,
  });
  world.store.put('grants', row);
  return row;
}

/** A new access token; `rotate`: a new refresh token as well. */
export function refreshGrant(world: World, grant: GrantRow, rotate: boolean): GrantRow {
  const fresh = withTokens(world, grant);
  const row = { ...fresh, refreshToken: rotate ? fresh.refreshToken : grant.refreshToken, refreshes: grant.refreshes + 1 };
  world.store.put('grants', row);
  world.store.commit();
  return row;
}

export function grantByAccess(world: World, token: string): GrantRow | undefined {
  return world.store.all('grants').find((row) => row.accessToken === token && !row.revoked);
}

export function grantByRefresh(world: World, token: string): GrantRow | undefined {
  return world.store.all('grants').find((row) => row.refreshToken === token && !row.revoked);
}

export function ownerOf(world: World, grant: GrantRow): UserRow {
  const user = world.store.get('users', grant.userId);
  if (!user) throw new Error(`Grant of nobody: ${grant.userId}`);
  return user;
}

function withTokens(world: World, row: GrantRow): GrantRow {
  const now = world.clock.now();
  const life = row.kind === 'oauth' ? now + OAUTH_MS : Math.floor((now + MANAGED_MS) / 60_000) * 60_000;
  return { ...row, accessToken: token(world, row, 'Access Token'), refreshToken: token(world, row, 'Refresh Token'), accessEndsAt: life };
}

/** In the shape of a JWT, signed by nobody. */
function token(world: World, row: GrantRow, type: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims =
    row.kind === 'oauth'
      ? { userId: row.userId, token_type: type, jti: world.ids.uuid() }
      : { ownerId: row.userId, type, jti: world.ids.uuid() };
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${world.ids.uuid().replaceAll('-', '')}`;
}
