/** Ranges, zones and days of free slots. Pure; instants are Unix ms. */
import { Temporal } from 'temporal-polyfill';
import type { FieldProblem } from '../appointments/failure.ts';
import type { Slot } from './slot.ts';

export const LONGEST_RANGE_DAYS = 31;
/** Cal.com is asked at least this far ahead, so that one call also tells the next free day. */
const LOOK_AHEAD_DAYS = 14;
const DAY_MS = 86_400_000;

/** Problems of a wanted range; `from` in the past is no problem as long as the end is ahead. */
export function rangeProblems(from: number, to: number, now: number): FieldProblem[] {
  if (to <= from) return [{ path: 'to', message: 'The end of the range must be after its start.' }];
  if (to - from > LONGEST_RANGE_DAYS * DAY_MS) return [{ path: 'to', message: `Ask for at most ${LONGEST_RANGE_DAYS} days at a time.` }];
  if (to <= now) return [{ path: 'to', message: 'The range lies in the past: free slots are ahead of now.' }];
  return [];
}

/** An IANA name or alias; offsets such as `+01:00` are refused, because they know no summer time. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * What to ask Cal.com for: whole UTC days, so that questions a moment apart are the same question. The end stays within
 * its day: a midnight end would be stretched by another one (CONTRACT 5).
 */
export function upstreamWindow(from: number, to: number): { from: number; to: number } {
  const start = Math.floor(from / DAY_MS) * DAY_MS;
  const end = Math.max(Math.ceil(to / DAY_MS) * DAY_MS, start + LOOK_AHEAD_DAYS * DAY_MS);
  return { from: start, to: end - 1 };
}

export function slotIn(timeZone: string, startsAt: number, durationMinutes: number, seatsLeft: number | null): Slot {
  const local = Temporal.Instant.fromEpochMilliseconds(startsAt).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return {
    startsAt: new Date(startsAt),
    endsAt: new Date(startsAt + durationMinutes * 60_000),
    localStart: local.toString({ smallestUnit: 'minute' }),
    timeZone,
    seatsLeft,
  };
}

/** First instant of the local day of `instant`; not always midnight. */
export function startOfDay(instant: number, timeZone: string): number {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone).startOfDay().epochMilliseconds;
}

/** The `count` slots nearest to an instant, in order of time. */
export function nearestTo(instant: number, slots: readonly Slot[], count: number): Slot[] {
  return [...slots]
    .sort((a, b) => Math.abs(a.startsAt.getTime() - instant) - Math.abs(b.startsAt.getTime() - instant))
    .slice(0, count)
    .sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
}
