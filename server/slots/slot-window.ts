/** Ranges, zones and days of free slots. Pure; instants are Unix ms. */
import { LRUCache } from 'lru-cache';
import { Temporal } from 'temporal-polyfill';
import type { FieldProblem } from '../appointments/failure.ts';
import type { Slot } from './slot.ts';

/** Three months. */
export const LONGEST_RANGE_DAYS = 92;
/** Cal.com is asked at least this far ahead, so that one call usually also tells the next free day. */
const LOOK_AHEAD_DAYS = 14;
/** Cal.com is asked for no more than a few weeks at once (CONTRACT 5). */
const PIECE_DAYS = 28;
const DAY_MS = 86_400_000;

/** Unix ms, `to` not included. */
export interface Piece {
  from: number;
  to: number;
}

/** Problems of a wanted range; `from` in the past is no problem as long as the end is ahead. */
export function rangeProblems(from: number, to: number, now: number): FieldProblem[] {
  if (to <= from) return [{ path: 'to', message: 'The end of the range must be after its start.' }];
  if (to - from > LONGEST_RANGE_DAYS * DAY_MS) return [{ path: 'to', message: `Ask for at most ${LONGEST_RANGE_DAYS} days at a time.` }];
  if (to <= now) return [{ path: 'to', message: 'The range lies in the past: free slots are ahead of now.' }];
  return [];
}

/** An IANA name or alias; offsets such as `+01:00` are refused, because they know no summer time. */
export function isTimeZone(name: string): boolean {
  return /^[A-Za-z]/.test(name) && wallClocksIn(name) !== null;
}

/** What to know for a range: whole UTC days, so that questions a moment apart are the same question, a few weeks in each piece. */
export function piecesOf(from: number, to: number): Piece[] {
  const start = Math.floor(from / DAY_MS) * DAY_MS;
  const end = Math.max(Math.ceil(to / DAY_MS) * DAY_MS, start + LOOK_AHEAD_DAYS * DAY_MS);
  const pieces: Piece[] = [];
  for (let at = start; at < end; at += PIECE_DAYS * DAY_MS) pieces.push({ from: at, to: Math.min(at + PIECE_DAYS * DAY_MS, end) });
  return pieces;
}

/** The weeks after these pieces, for a next free day that lies far ahead. */
export function pieceAfter(pieces: readonly Piece[]): Piece {
  const from = Math.max(...pieces.map((piece) => piece.to));
  return { from, to: from + PIECE_DAYS * DAY_MS };
}

/**
 * What to ask Cal.com for, to know a piece: a day more on either side. It cuts working hours at the ends of a question and
 * begins the grid there, and away from Europe they go on past midnight UTC. The end stays within its day: a midnight end
 * would be stretched by another one (CONTRACT 5).
 */
export function questionFor(piece: Piece): Piece {
  return { from: piece.from - DAY_MS, to: piece.to + DAY_MS - 1 };
}

export function slotIn(timeZone: string, startsAt: number, durationMinutes: number, seatsLeft: number | null): Slot {
  return {
    startsAt: new Date(startsAt),
    endsAt: new Date(startsAt + durationMinutes * 60_000),
    localStart: localStart(timeZone, startsAt),
    timeZone,
    seatsLeft,
  };
}

function localStart(timeZone: string, startsAt: number): string {
  const known = wallClocksIn(timeZone);
  let local = known?.get(startsAt);
  if (local === undefined) {
    const at = Temporal.Instant.fromEpochMilliseconds(startsAt).toZonedDateTimeISO(timeZone);
    local = at.toPlainDateTime().toString({ smallestUnit: 'minute' });
    known?.set(startsAt, local);
  }
  return local;
}

const ZONES = 50;
const WALL_CLOCKS_OF_A_ZONE = 4_000;
/**
 * Wall clocks of instants, by zone: everybody sees the same slots, and working one out takes as long as all the rest of
 * an answer.
 */
const wallClocks = new LRUCache<string, LRUCache<number, string>>({ max: ZONES });

/** Null where there is no such zone. */
function wallClocksIn(timeZone: string): LRUCache<number, string> | null {
  let known = wallClocks.get(timeZone);
  if (known === undefined) {
    try {
      new Intl.DateTimeFormat('en', { timeZone });
    } catch {
      return null;
    }
    known = new LRUCache({ max: WALL_CLOCKS_OF_A_ZONE });
    wallClocks.set(timeZone, known);
  }
  return known;
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
