/** `/v2/me` and the schedules of the caller. */
import { notFound, validatorFailure } from '../../engine/api-failure.ts';
import type { AvailabilityRule, ScheduleOverride, ScheduleRow, UserRow } from '../../engine/records.ts';
import { isTimeZone } from '../../engine/instant.ts';
import { type Call, caller, type Route, success } from '../exchange.ts';
import { isRecord, validatorError } from '../property-checks.ts';
import { OLDEST, SCHEDULES } from '../versions.ts';
import { legacyScheduleView, scheduleView } from '../views/schedule-view.ts';

export const peopleRoutes: Route[] = [
  { method: 'GET', path: '/v2/me', versions: 'any', access: 'required', handle: (call) => success(meView(caller(call))) },
  {
    method: 'PATCH',
    path: '/v2/me',
    versions: 'any',
    access: 'required',
    handle: (call) => {
      const { body, world } = call;
      const user: UserRow = {
        ...caller(call),
        ...(typeof body['name'] === 'string' && { name: body['name'] }),
        ...(isTimeZone(body['timeZone']) && { timeZone: body['timeZone'] }),
        ...((body['timeFormat'] === 12 || body['timeFormat'] === 24) && { timeFormat: body['timeFormat'] }),
        ...(typeof body['weekStart'] === 'string' && { weekStart: body['weekStart'] }),
        ...(typeof body['defaultScheduleId'] === 'number' && { defaultScheduleId: body['defaultScheduleId'] }),
      };
      world.store.put('users', user);
      world.store.commit();
      return success(meView(user));
    },
  },
  {
    method: 'GET',
    path: '/v2/schedules',
    versions: [SCHEDULES],
    access: 'required',
    handle: (call) => success(ownSchedules(call).map((row) => scheduleView(row, caller(call)))),
  },
  {
    method: 'GET',
    path: '/v2/schedules',
    versions: [OLDEST],
    access: 'required',
    handle: (call) => {
      const rows = ownSchedules(call);
      return success(rows.map((row) => legacyScheduleView(row, caller(call), call.world.clock.now(), rows.length === 1)));
    },
  },
  {
    method: 'GET',
    path: '/v2/schedules/default',
    versions: [SCHEDULES],
    access: 'required',
    handle: (call) => success(scheduleView(findSchedule(call, caller(call).defaultScheduleId), caller(call))),
  },
  {
    method: 'GET',
    path: '/v2/schedules/:id',
    versions: [SCHEDULES],
    access: 'required',
    handle: (call) => success(scheduleView(findSchedule(call, call.params['id'] ?? ''), caller(call))),
  },
  {
    method: 'POST',
    path: '/v2/schedules',
    versions: [SCHEDULES],
    access: 'required',
    handle: (call) => {
      const { world } = call;
      const base: ScheduleRow = {
        id: world.store.nextId('schedule'),
        ownerId: caller(call).id,
        name: '',
        timeZone: caller(call).timeZone,
        availability: [{ days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'], startTime: '09:00', endTime: '17:00' }],
        overrides: [],
      };
      return success(scheduleView(saveSchedule(call, base), currentCaller(call)), 201);
    },
  },
  {
    method: 'PATCH',
    path: '/v2/schedules/:id',
    versions: [SCHEDULES],
    access: 'required',
    handle: (call) => success(scheduleView(saveSchedule(call, findSchedule(call, call.params['id'] ?? '')), currentCaller(call))),
  },
  {
    method: 'DELETE',
    path: '/v2/schedules/:id',
    versions: [SCHEDULES],
    access: 'required',
    handle: (call) => {
      call.world.store.remove('schedules', findSchedule(call, call.params['id'] ?? '').id);
      call.world.store.commit();
      return { status: 200, body: { status: 'success' } };
    },
  },
];

const ownSchedules = (call: Call): ScheduleRow[] => call.world.store.all('schedules').filter((row) => row.ownerId === caller(call).id);

function findSchedule(call: Call, id: string | number): ScheduleRow {
  const row = call.world.store.get('schedules', id);
  if (!row || row.ownerId !== caller(call).id) throw notFound(`Schedule with ID=${id} does not exist.`);
  return row;
}

/**
 * Writes what the body says over `base`; lists replace the earlier ones whole, `isDefault` is a fact of the owner. From
 * Cal.com's documentation: no write of a schedule was recorded.
 */
function saveSchedule(call: Call, base: ScheduleRow): ScheduleRow {
  const { body, world } = call;
  checkTimes(body, 'availability');
  checkTimes(body, 'overrides');
  const row: ScheduleRow = {
    ...base,
    ...(typeof body['name'] === 'string' && { name: body['name'] }),
    ...(isTimeZone(body['timeZone']) && { timeZone: body['timeZone'] }),
    ...(Array.isArray(body['availability']) && { availability: body['availability'] as AvailabilityRule[] }),
    ...(Array.isArray(body['overrides']) && { overrides: body['overrides'] as ScheduleOverride[] }),
  };
  world.store.put('schedules', row);
  if (body['isDefault'] === true) world.store.put('users', { ...caller(call), defaultScheduleId: row.id });
  world.store.commit();
  return row;
}

/** `HH:mm`, as the documentation wants it. */
function checkTimes(body: Record<string, unknown>, list: string): void {
  const items = Array.isArray(body[list]) ? body[list].filter(isRecord) : [];
  const wrong = items.flatMap((item) =>
    ['startTime', 'endTime'].flatMap((name) =>
      typeof item[name] === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(item[name])
        ? []
        : [validatorError(item, name, { matches: `${name} must match TIME_FORMAT_HH_MM format` })],
    ),
  );
  if (wrong.length > 0) throw validatorFailure(wrong);
}

const currentCaller = (call: Call): UserRow => call.world.store.get('users', caller(call).id) ?? caller(call);

const meView = (user: UserRow): Record<string, unknown> => ({
  id: user.id,
  email: user.email,
  timeFormat: user.timeFormat,
  defaultScheduleId: user.defaultScheduleId,
  weekStart: user.weekStart,
  timeZone: user.timeZone,
  username: user.username,
  organizationId: null,
});
