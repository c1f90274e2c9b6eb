/** A clinician's working hours, free of Cal.com's spelling. Recordings 008 and 009; writing is from Cal.com's documentation. */

export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** `HH:mm` on the wall clock of the schedule's zone; the end is not included. */
export interface Hours {
  startTime: string;
  endTime: string;
}

export interface WeeklyHours extends Hours {
  days: Weekday[];
}

/** What holds on one day instead of the week; of no length (start equals end): a day off. */
export interface DayHours extends Hours {
  /** `YYYY-MM-DD` in the schedule's zone. */
  date: string;
}

export interface WorkingSchedule {
  /** Cal.com's own id. */
  id: number;
  name: string;
  timeZone: string;
  weekly: WeeklyHours[];
  overrides: DayHours[];
}

/** What is absent stays as it is; lists replace the earlier ones whole. */
export type ScheduleChange = Partial<Pick<WorkingSchedule, 'timeZone' | 'weekly' | 'overrides'>>;

/** `Monday`; null for a word that is no day. */
export function weekdayOf(name: string): Weekday | null {
  return WEEKDAYS.find((day) => day === name.toUpperCase()) ?? null;
}

export function scheduleBody(change: ScheduleChange): Record<string, unknown> {
  return {
    ...(change.timeZone === undefined ? {} : { timeZone: change.timeZone }),
    ...(change.weekly === undefined
      ? {}
      : { availability: change.weekly.map(({ days, startTime, endTime }) => ({ days: days.map(dayName), startTime, endTime })) }),
    ...(change.overrides === undefined
      ? {}
      : { overrides: change.overrides.map(({ date, startTime, endTime }) => ({ date, startTime, endTime })) }),
  };
}

function dayName(day: Weekday): string {
  return `${day.slice(0, 1)}${day.slice(1).toLowerCase()}`;
}
