/** What is wrong with working hours that somebody typed. Pure. */
import { Temporal } from 'temporal-polyfill';
import type { FieldProblem } from '../appointments/failure.ts';
import type { DayHours, Hours, WeeklyHours } from '../calcom/schedule.ts';

const MOST_RULES = 50;
const MOST_HOURS_A_DAY = 10;
const MOST_OVERRIDES = 500;
const FARTHEST_YEARS = 2;
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** Cal.com's form of a day off: hours of no length. */
export const DAY_OFF: Hours = { startTime: '00:00', endTime: '00:00' };

export function weeklyProblems(weekly: readonly WeeklyHours[]): FieldProblem[] {
  if (weekly.length > MOST_RULES) return [{ path: 'weekly', message: `At most ${MOST_RULES} lines of working hours.` }];
  const problems = weekly.flatMap((rule, index) => [
    ...(rule.days.length === 0 ? [{ path: `weekly.${index}.days`, message: 'Choose at least one day.' }] : []),
    ...timeProblems(rule, `weekly.${index}`),
  ]);
  if (problems.length > 0) return problems;
  const byDay = Map.groupBy(
    weekly.flatMap(({ days, ...hours }, index) => [...new Set(days)].map((day) => ({ day, index, hours }))),
    ({ day }) => day,
  );
  const overlapping = [...byDay.values()].flatMap((ofDay) => overlapAmong(ofDay));
  return [...new Set(overlapping)]
    .sort((a, b) => a - b)
    .map((index) => ({ path: `weekly.${index}`, message: 'These hours overlap others of the same day.' }));
}

/** `today`: in the zone of the schedule. */
export function dateProblems(date: string, today: string): FieldProblem[] {
  const day = plainDate(date);
  if (day === null) return [{ path: 'date', message: 'A day is wanted, such as 2026-12-24.' }];
  if (date < today) return [{ path: 'date', message: 'This day has passed.' }];
  if (Temporal.PlainDate.compare(day, Temporal.PlainDate.from(today).add({ years: FARTHEST_YEARS })) > 0)
    return [{ path: 'date', message: `At most ${FARTHEST_YEARS} years ahead.` }];
  return [];
}

export function dayProblems(hours: readonly Hours[]): FieldProblem[] {
  if (hours.length > MOST_HOURS_A_DAY) return [{ path: 'hours', message: `At most ${MOST_HOURS_A_DAY} stretches of a day.` }];
  const problems = hours.flatMap((one, index) => timeProblems(one, `hours.${index}`));
  if (problems.length > 0) return problems;
  return overlapAmong(hours.map((one, index) => ({ index, hours: one }))).map((index) => ({
    path: `hours.${index}`,
    message: 'These hours overlap others of the same day.',
  }));
}

/** The overrides with those of one day replaced: none clears them. Null: too many. By day. */
export function withDay(overrides: readonly DayHours[], date: string, hours: readonly Hours[]): DayHours[] | null {
  const others = overrides.filter((one) => one.date !== date);
  const all = [...others, ...hours.map(({ startTime, endTime }) => ({ date, startTime, endTime }))];
  if (all.length > MOST_OVERRIDES) return null;
  return all.sort((a, b) => (`${a.date} ${a.startTime}` < `${b.date} ${b.startTime}` ? -1 : 1));
}

function timeProblems({ startTime, endTime }: Hours, path: string): FieldProblem[] {
  const wrong = [
    ...(TIME.test(startTime) ? [] : [{ path: `${path}.startTime`, message: 'A time is wanted, from 00:00 to 23:59.' }]),
    ...(TIME.test(endTime) ? [] : [{ path: `${path}.endTime`, message: 'A time is wanted, from 00:00 to 23:59.' }]),
  ];
  if (wrong.length > 0) return wrong;
  return endTime > startTime ? [] : [{ path: `${path}.endTime`, message: 'The end must be after the start.' }];
}

/** Indexes of those that begin before an earlier one ends; touching is fine. */
function overlapAmong(list: readonly { index: number; hours: Hours }[]): number[] {
  const sorted = [...list].sort((a, b) => (a.hours.startTime < b.hours.startTime ? -1 : 1));
  const found: number[] = [];
  let until = '';
  for (const { index, hours } of sorted) {
    if (hours.startTime < until) found.push(index);
    if (hours.endTime > until) until = hours.endTime;
  }
  return found;
}

function plainDate(date: string): Temporal.PlainDate | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  try {
    return Temporal.PlainDate.from(date, { overflow: 'reject' });
  } catch {
    return null;
  }
}
