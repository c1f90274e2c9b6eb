/**
 * Days and clock times as people read them. Instants travel as RFC 3339 text in UTC; a day only exists in a zone.
 * Formatters are kept: making one costs more than formatting a hundred times.
 */
import { Temporal } from 'temporal-polyfill';

export type Instant = string;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(language: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(language, { ...options, timeZone });
  formatters.set(key, made);
  return made;
}

/** `10:05`; always 24 hours, as clinics write. */
export function clockTime(at: Instant, timeZone: string, language: string): string {
  return formatter(language, timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(Date.parse(at));
}

/** `10:05:09` */
export function clockSeconds(at: Instant, timeZone: string, language: string): string {
  return formatter(language, timeZone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(Date.parse(at));
}

/** `Tuesday, 24 November` */
export function longDay(at: Instant, timeZone: string, language: string): string {
  return formatter(language, timeZone, { weekday: 'long', day: 'numeric', month: 'long' }).format(Date.parse(at));
}

/** `Tue 24 Nov` */
export function shortDay(at: Instant, timeZone: string, language: string): string {
  return formatter(language, timeZone, { weekday: 'short', day: 'numeric', month: 'short' }).format(Date.parse(at));
}

export function weekday(day: Temporal.PlainDate, language: string): string {
  return formatter(language, 'UTC', { weekday: 'short' }).format(Date.parse(`${day.toString()}T12:00:00Z`));
}

export function monthName(day: Temporal.PlainDate, language: string): string {
  return formatter(language, 'UTC', { month: 'short' }).format(Date.parse(`${day.toString()}T12:00:00Z`));
}

export function longPlainDay(day: Temporal.PlainDate, language: string): string {
  return formatter(language, 'UTC', { weekday: 'long', day: 'numeric', month: 'long' }).format(Date.parse(`${day.toString()}T12:00:00Z`));
}

/** `Europe/Amsterdam` -> `Amsterdam`, as people name a zone. */
export function zoneCity(timeZone: string): string {
  return (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' ');
}

/** The zone of this browser; browsers that give none live in UTC. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

export function dayOf(at: Instant, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDate();
}

export function today(timeZone: string): Temporal.PlainDate {
  return Temporal.Now.plainDateISO(timeZone);
}

/** First instant of the day and of the next one; a day has 23 or 25 hours where clocks change. */
export function dayBounds(day: Temporal.PlainDate, timeZone: string): { from: Instant; to: Instant } {
  const from = day.toZonedDateTime(timeZone);
  const to = day.add({ days: 1 }).toZonedDateTime(timeZone);
  return { from: from.toInstant().toString(), to: to.toInstant().toString() };
}

/** The same wall clock at this instant in both zones? Then naming the second one only confuses. */
export function sameWallClock(at: Instant, oneZone: string, otherZone: string): boolean {
  const instant = Temporal.Instant.from(at);
  return instant.toZonedDateTimeISO(oneZone).offsetNanoseconds === instant.toZonedDateTimeISO(otherZone).offsetNanoseconds;
}

/** Whole minutes from one instant to another, at least 0. */
export function minutesBetween(from: Instant, to: number): number {
  return Math.max(0, Math.floor((to - Date.parse(from)) / 60_000));
}
