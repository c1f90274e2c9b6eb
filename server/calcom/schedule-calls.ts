/** Working hours of Cal.com's API v2. */
import { ok } from '../kernel/result.ts';
import type { Answer, Asking, Key } from './asking.ts';
import * as contract from './rest-contract.ts';
import { scheduleBody, type ScheduleChange, type WorkingSchedule } from './schedule.ts';

export interface ScheduleCalls {
  /** The one that holds where an event type names no other; null when the owner of the key has none. */
  defaultSchedule(key: Key): Answer<WorkingSchedule | null>;
  updateSchedule(key: Key, id: number, change: ScheduleChange): Answer<WorkingSchedule>;
}

export function createScheduleCalls({ asking }: Asking): ScheduleCalls {
  return {
    async defaultSchedule(key) {
      const found = await asking(
        key,
        { name: 'defaultSchedule', method: 'GET', path: '/v2/schedules/default', version: contract.API_VERSION.schedules },
        contract.schedule.nullish(),
        (data) => data ?? null,
      );
      return !found.ok && found.failure.kind === 'NotFound' ? ok(null) : found;
    },

    updateSchedule: (key, id, change) =>
      asking(
        key,
        {
          name: 'updateSchedule',
          method: 'PATCH',
          path: `/v2/schedules/${id}`,
          version: contract.API_VERSION.schedules,
          body: scheduleBody(change),
        },
        contract.schedule,
        (data) => data,
      ),
  };
}
