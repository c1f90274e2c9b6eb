/** Users that a platform client makes, and their tokens (CONTRACT 6; not recorded). */
import { badRequest, conflict, forbidden, notFound, unauthorized } from '../../engine/api-failure.ts';
import { createGrant, grantByRefresh, PLATFORM_CLIENT, refreshGrant } from '../../engine/grants.ts';
import { isoMs, isTimeZone } from '../../engine/instant.ts';
import type { GrantRow, UserRow } from '../../engine/records.ts';
import type { World } from '../../engine/world.ts';
import { type Call, type Route, type RouteAnswer, success } from '../exchange.ts';

const USERS = '/v2/oauth-clients/:clientId/users';

export const managedUserRoutes: Route[] = [
  route('POST', USERS, (call) => {
    const { email, name, timeZone } = call.body;
    if (typeof email !== 'string' || !email.includes('@') || typeof name !== 'string' || name === '')
      throw badRequest('email must be an email');
    const managed = managedEmail(email);
    if (managedUsers(call.world).some((user) => user.email === managed)) throw conflict(`User with the provided e-mail already exists.`);
    const user = addUser(call.world, { email: managed, name, timeZone: isTimeZone(timeZone) ? timeZone : 'Europe/London' });
    const grant = createGrant(call.world, { kind: 'managed', userId: user.id, scope: 'all' });
    call.world.store.commit();
    return success({ user: view(user, call.world), ...keys(grant, call.world) }, 201);
  }),
  route('GET', USERS, (call) => {
    const wanted = call.query
      .getAll('emails')
      .flatMap((list) => list.split(','))
      .map(managedEmail);
    const users = managedUsers(call.world).filter((user) => wanted.length === 0 || wanted.includes(user.email));
    return success(users.map((user) => view(user, call.world)));
  }),
  route('POST', `${USERS}/:userId/force-refresh`, (call) => {
    const user = managedUsers(call.world).find((row) => String(row.id) === call.params['userId']);
    if (!user) throw notFound(`User with ID ${call.params['userId']} not found.`);
    for (const grant of call.world.store.all('grants')) if (grant.userId === user.id) call.world.store.remove('grants', grant.id);
    const grant = createGrant(call.world, { kind: 'managed', userId: user.id, scope: 'all' });
    call.world.store.commit();
    return success(keys(grant, call.world));
  }),
  route('POST', '/v2/oauth/:clientId/refresh', (call) => {
    const token = call.body['refreshToken'];
    const grant = typeof token === 'string' ? grantByRefresh(call.world, token) : undefined;
    if (grant?.kind !== 'managed') throw unauthorized('Invalid refresh token');
    return success(keys(refreshGrant(call.world, grant, true), call.world));
  }),
];

function route(method: Route['method'], path: string, handle: (call: Call) => RouteAnswer): Route {
  return {
    method,
    path,
    versions: 'any',
    access: 'none',
    handle: (call) => {
      if (call.params['clientId'] !== PLATFORM_CLIENT.id) throw notFound(`OAuth client with ID ${call.params['clientId']} not found.`);
      if (call.headers['x-cal-secret-key'] !== PLATFORM_CLIENT.secret) throw forbidden('OAuthClientGuard - Invalid client secret');
      return handle(call);
    },
  };
}

/** `local+<clientId>@domain`, so that the same person may have an account of their own. */
function managedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return email.slice(0, at).endsWith(`+${PLATFORM_CLIENT.id}`) ? email : `${email.slice(0, at)}+${PLATFORM_CLIENT.id}${email.slice(at)}`;
}

function managedUsers(world: World): UserRow[] {
  return world.store.all('users').filter((user) => user.email.includes(`+${PLATFORM_CLIENT.id}@`));
}

function addUser(world: World, { email, name, timeZone }: Pick<UserRow, 'email' | 'name' | 'timeZone'>): UserRow {
  const scheduleId = world.store.nextId('schedule');
  const user: UserRow = {
    id: world.store.nextId('user'),
    username: email
      .slice(0, email.lastIndexOf('@'))
      .replaceAll(/[^a-z0-9]+/gi, '-')
      .toLowerCase(),
    name,
    email,
    timeZone,
    timeFormat: 12,
    weekStart: 'Sunday',
    defaultScheduleId: scheduleId,
    apiKey: '',
  };
  world.store.put('users', user);
  world.store.put('schedules', {
    id: scheduleId,
    ownerId: user.id,
    name: 'Default schedule',
    timeZone,
    availability: [{ days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'], startTime: '09:00', endTime: '17:00' }],
    overrides: [],
  });
  return user;
}

const keys = (grant: GrantRow, world: World): Record<string, unknown> => ({
  accessToken: grant.accessToken,
  refreshToken: grant.refreshToken,
  accessTokenExpiresAt: grant.accessEndsAt,
  refreshTokenExpiresAt: world.clock.now() + 365 * 86_400_000,
});

const view = (user: UserRow, world: World): Record<string, unknown> => ({
  id: user.id,
  email: user.email,
  username: user.username,
  name: user.name,
  bio: null,
  timeZone: user.timeZone,
  weekStart: user.weekStart,
  createdDate: isoMs(world.clock.now()),
  timeFormat: user.timeFormat,
  defaultScheduleId: user.defaultScheduleId,
  locale: 'en',
  avatarUrl: null,
  metadata: {},
});
