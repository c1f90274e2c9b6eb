/** The schedule part of the composition: when clinicians work and when they are away. */
import type { Failure } from '../appointments/failure.ts';
import type { Hours, WeeklyHours } from '../calcom/schedule.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { dismissBlockedTime } from './dismiss-blocked-time.ts';
import { clearOverride, type EditScheduleOptions, setOverride, updateSchedule } from './edit-schedule.ts';
import type { StoredSchedule } from './schedule-store.ts';

export interface ScheduleDesk {
  /** Null stays as it is; both null: only read anew. */
  update(
    caller: Caller,
    clinicianId: UserId,
    wish: { timeZone: string | null; weekly: WeeklyHours[] | null },
  ): Promise<Result<StoredSchedule, Failure>>;
  /** Other hours on one day; none: a day off. `date` is `YYYY-MM-DD`. */
  setOverride(
    caller: Caller,
    clinicianId: UserId,
    wish: { date: string; hours: readonly Hours[] },
  ): Promise<Result<StoredSchedule, Failure>>;
  clearOverride(caller: Caller, clinicianId: UserId, date: string): Promise<Result<StoredSchedule, Failure>>;
  dismissBlockedTime(caller: Caller, id: string): Promise<Result<{ id: string }, Failure>>;
}

export function createScheduleDesk(options: EditScheduleOptions): ScheduleDesk {
  return {
    update: (caller, clinicianId, wish) => updateSchedule(options, caller, clinicianId, wish),
    setOverride: (caller, clinicianId, wish) => setOverride(options, caller, clinicianId, wish),
    clearOverride: (caller, clinicianId, date) => clearOverride(options, caller, clinicianId, date),
    dismissBlockedTime: (caller, id) => dismissBlockedTime(options, caller, id),
  };
}
