/** Instants in and out: the spellings that each part of Cal.com uses, and wall clocks of IANA zones. */
import { Temporal } from 'temporal-polyfill';

export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** `2026-12-07T09:00:00.000Z`: API answers, webhooks after approval. */
export const isoMs = (at: number): string => new Date(at).toISOString();

/** `2026-12-07T09:00:00Z`: webhooks sent while booking. */
export const isoSeconds = (at: number): string => isoMs(at).replace(/\.\d{3}Z$/, 'Z');

/** `2026-12-07T09:00:00+00:00`: cancellation webhooks (dayjs on a server that runs in UTC). */
export const isoOffset = (at: number): string => isoMs(at).replace(/\.\d{3}Z$/, '+00:00');

/** `2026-12-07T03:00:00.000-05:00`: slots in an asked zone (MEASURED 028). */
export function isoZoned(at: number, timeZone: string): string {
  if (timeZone === 'UTC') return isoMs(at);
  return zoned(at, timeZone).toString({ smallestUnit: 'millisecond', timeZoneName: 'never' });
}

/** Minutes east of UTC at that instant. */
export const offsetMinutes = (at: number, timeZone: string): number => zoned(at, timeZone).offsetNanoseconds / 60e9;

/** `YYYY-MM-DD` on the wall of that zone. */
export const dayIn = (at: number, timeZone: string): string => zoned(at, timeZone).toPlainDate().toString();

export const zoned = (at: number, timeZone: string): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);

/** The instant of a wall-clock time; a time skipped by daylight saving moves forward, a doubled one is its first. */
export function wallClock(date: string, time: string, timeZone: string): number {
  if (time === '24:00') return Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
  return Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime(timeZone).epochMilliseconds;
}

export const addDays = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString();

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const weekday = (date: string): string => WEEKDAYS[Temporal.PlainDate.from(date).dayOfWeek - 1] ?? 'Monday';

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** What class-validator's `isISO8601` lets through; without a zone it is read as UTC (MEASURED 071). Undefined when it is no time. */
export function parseIso(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const match = ISO.exec(text);
  if (!match) return undefined;
  const at = Date.parse(text.includes('T') && match[1] === undefined ? `${text}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}

export function isTimeZone(text: unknown): text is string {
  if (typeof text !== 'string' || text === '') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
