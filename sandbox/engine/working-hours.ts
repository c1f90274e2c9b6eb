/** When a clinician works: a schedule's rules and overrides turned into instants. */
import { addDays, dayIn, wallClock, weekday } from './instant.ts';
import type { EventTypeRow, ScheduleRow } from './records.ts';
import type { World } from './world.ts';

/** Half open, Unix milliseconds. */
export interface Interval {
  start: number;
  end: number;
}

/** The event type's own schedule, else its owner's default one. */
export function scheduleFor(world: World, eventType: EventTypeRow): ScheduleRow | undefined {
  const owner = world.store.get('users', eventType.ownerId);
  return world.store.get('schedules', eventType.scheduleId ?? owner?.defaultScheduleId ?? 0);
}

/** Working time that touches [from, to), in order; not clipped, so that the slot grid keeps its anchor. */
export function workingHours(schedule: ScheduleRow, from: number, to: number): Interval[] {
  const intervals: Interval[] = [];
  const last = dayIn(to, schedule.timeZone);
  for (let date = dayIn(from, schedule.timeZone); date <= last; date = addDays(date, 1)) {
    for (const { startTime, endTime } of rulesOf(schedule, date)) {
      const start = wallClock(date, startTime, schedule.timeZone);
      const end = wallClock(date, endTime, schedule.timeZone);
      if (start < end && end > from && start < to) intervals.push({ start, end });
    }
  }
  return intervals.sort((a, b) => a.start - b.start);
}

/** Overrides replace the whole day; one of zero length is a day off. */
function rulesOf(schedule: ScheduleRow, date: string): { startTime: string; endTime: string }[] {
  const overrides = schedule.overrides.filter((override) => override.date === date);
  if (overrides.length > 0) return overrides;
  return schedule.availability.filter((rule) => rule.days.includes(weekday(date)));
}
