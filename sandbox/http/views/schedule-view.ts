/** Schedules in the version of 2024-06-11 (008) and the one a missing header gives (010). */
import { dayIn } from '../../engine/instant.ts';
import type { AvailabilityRule, ScheduleRow, UserRow } from '../../engine/records.ts';

export function scheduleView(schedule: ScheduleRow, owner: UserRow): Record<string, unknown> {
  return {
    id: schedule.id,
    ownerId: schedule.ownerId,
    name: schedule.name,
    timeZone: schedule.timeZone,
    availability: schedule.availability,
    isDefault: owner.defaultScheduleId === schedule.id,
    overrides: schedule.overrides,
  };
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const dayNumbers = (rule: AvailabilityRule): number[] => rule.days.map((day) => DAYS.indexOf(day));
const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

export function legacyScheduleView(schedule: ScheduleRow, owner: UserRow, now: number, isLast: boolean): Record<string, unknown> {
  const today = dayIn(now, 'UTC');
  return {
    id: schedule.id,
    name: schedule.name,
    isManaged: false,
    workingHours: schedule.availability.map((rule) => ({
      days: dayNumbers(rule),
      startTime: minutes(rule.startTime),
      endTime: minutes(rule.endTime),
      userId: schedule.ownerId,
    })),
    schedule: schedule.availability.map((rule, index) => ({
      id: index + 1,
      userId: schedule.ownerId,
      eventTypeId: null,
      days: dayNumbers(rule),
      startTime: `1970-01-01T${rule.startTime}:00.000Z`,
      endTime: `1970-01-01T${rule.endTime}:00.000Z`,
      date: null,
      scheduleId: schedule.id,
    })),
    availability: DAYS.map((day) =>
      schedule.availability
        .filter((rule) => rule.days.includes(day))
        .map((rule) => ({ start: `${today}T${rule.startTime}:00.000Z`, end: `${today}T${rule.endTime}:00.000Z` })),
    ),
    timeZone: schedule.timeZone,
    isDefault: owner.defaultScheduleId === schedule.id,
    dateOverrides: schedule.overrides.map((override) => ({
      ranges: [{ start: `${override.date}T${override.startTime}:00.000Z`, end: `${override.date}T${override.endTime}:00.000Z` }],
    })),
    readOnly: false,
    isLastSchedule: isLast,
    userId: schedule.ownerId,
  };
}
