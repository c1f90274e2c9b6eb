/**
 * One page of a clinician's bookings. Offsets shift while rows change (CONTRACT 4), so the pages are cut by the sort key:
 * the next one begins at the last key of this one, and only rows of that very key are skipped. What is inserted or goes
 * away meanwhile moves nothing, a killed walk goes on from its position, and nothing but the position is kept.
 */
import type { BookingObservation } from '../calcom/booking.ts';
import type { BookingPage, ListRequest } from '../calcom/booking-calls.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { BookingUid } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';

/** Where the next page begins; JSON, kept in the checkpoint. */
export interface ListingPosition {
  /** Unix ms: start, or `updatedAt`. */
  key: number;
  /** Bookings of this key, and of the millisecond before, that have been shown. */
  tied: BookingUid[];
  /** How many rows of exactly this key are skipped, when they fill more than a page. */
  skip: number;
  /** What `totalItems` will be when nothing changes; null before the first page. */
  expected: number | null;
}

export interface ListingPage {
  /** What the pages before have not shown. */
  fresh: BookingObservation[];
  /** When it was asked for; our clock, Unix ms. */
  askedAt: number;
  totalItems: number;
  unreadable: number;
  /** False: something changed upstream since the page before, or a row could not be read. */
  steady: boolean;
  /** Everything below this key has been shown. Null: everything. */
  shownBelow: number | null;
  /** Null: this was the last page. */
  next: ListingPosition | null;
}

export type ListingOrder = 'start' | 'updatedAt';

export const beginAt = (key: number): ListingPosition => ({ key, tied: [], skip: 0, expected: null });

export async function readListing(
  ask: (request: ListRequest) => Promise<Result<BookingPage, CalcomFailure>>,
  order: ListingOrder,
  bounds: Pick<ListRequest, 'beforeEnd'>,
  position: ListingPosition,
  pageSize: number,
): Promise<Result<Omit<ListingPage, 'askedAt'>, CalcomFailure>> {
  // One ms earlier: nothing is lost should "after" not mean "from … on".
  const from = position.tied.length > 0 ? position.key - 1 : position.key;
  const after = order === 'start' ? { afterStart: from } : { afterUpdatedAt: from };
  const answer = await ask({ ...bounds, ...after, sort: order, take: pageSize, skip: position.skip, background: true });
  if (!answer.ok) return answer;
  const page = answer.value;
  const fresh = page.bookings.filter((seen) => !position.tied.includes(seen.uid));
  const next = nextPosition(position, page, order);
  const steady = page.unreadable === 0 && next !== 'STUCK' && (position.expected === null || position.expected === page.totalItems);
  const following = next === 'STUCK' ? null : next;
  return ok({
    fresh,
    totalItems: page.totalItems,
    unreadable: page.unreadable,
    steady,
    shownBelow: following === null ? null : following.key,
    next: following,
  });
}

/** STUCK: the server says that there is more and shows nothing. */
function nextPosition(position: ListingPosition, page: BookingPage, order: ListingOrder): ListingPosition | null | 'STUCK' {
  if (!page.hasNextPage) return null;
  const keyOf = (seen: BookingObservation) => (order === 'start' ? seen.startsAt : seen.upstreamAt) ?? null;
  const keys = page.bookings.flatMap((seen) => keyOf(seen) ?? []);
  const last = keys.reduce((most, key) => Math.max(most, key), Number.NEGATIVE_INFINITY);
  const shown = page.bookings.length + page.unreadable;
  if (shown === 0) return 'STUCK';
  if (last <= position.key) {
    const tied = [...new Set([...position.tied, ...page.bookings.map((seen) => seen.uid)])];
    return { key: position.key, tied, skip: position.skip + shown, expected: page.totalItems };
  }
  const tied = page.bookings.filter((seen) => (keyOf(seen) ?? 0) >= last - 1).map((seen) => seen.uid);
  return { key: last, tied, skip: 0, expected: page.totalItems - position.skip - (shown - tied.length) };
}
