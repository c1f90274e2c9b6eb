/** `GET /v2/bookings`: whose, which, in which order, which page (MEASURED "Bookings", CONTRACT 4). */
import type { BookingRow, UserRow } from './records.ts';
import type { World } from './world.ts';

export const BOOKING_VIEWS = ['upcoming', 'recurring', 'past', 'cancelled', 'unconfirmed'] as const;
export type BookingViewName = (typeof BOOKING_VIEWS)[number];

type SortKey = 'startTime' | 'endTime' | 'createdAt' | 'updatedAt';

export interface BookingQuery {
  /** Empty: every status. */
  views: BookingViewName[];
  attendeeEmail?: string;
  attendeeName?: string;
  bookingUid?: string;
  eventTypeIds?: number[];
  afterStart?: number;
  beforeEnd?: number;
  afterCreatedAt?: number;
  beforeCreatedAt?: number;
  afterUpdatedAt?: number;
  beforeUpdatedAt?: number;
  sort?: { key: SortKey; descending: boolean };
  take: number;
  skip: number;
}

export interface Pagination {
  returnedItems: number;
  totalItems: number;
  itemsPerPage: number;
  remainingItems: number;
  currentPage: number;
  totalPages: number;
  hasNextPage: boolean;
  hasPreviousPage: boolean;
}

/** The caller's bookings, as host or as attendee (CONTRACT 10: #16913). */
export function listBookings(world: World, caller: UserRow, query: BookingQuery): { bookings: BookingRow[]; pagination: Pagination } {
  const now = world.clock.now();
  const [firstView] = query.views;
  const order = query.sort ?? { key: 'startTime' as const, descending: firstView === 'cancelled' || firstView === 'past' };
  const matching = world.store
    .all('bookings')
    .filter((row) => row.userId === caller.id || row.attendees.some((attendee) => attendee.email === caller.email))
    .filter((row) => query.views.length === 0 || query.views.some((view) => isInView(row, view, now)))
    .filter((row) => matches(row, query))
    .sort((a, b) => (a[order.key] - b[order.key]) * (order.descending ? -1 : 1) || a.id - b.id);
  const bookings = matching.slice(query.skip, query.skip + query.take);
  return { bookings, pagination: paginate(matching.length, bookings.length, query) };
}

/** The view names are not statuses: `upcoming` holds pending ones, `cancelled` rejected ones (MEASURED 314, 603). */
export function isInView(row: BookingRow, view: BookingViewName, now: number): boolean {
  const over = row.status === 'CANCELLED' || row.status === 'REJECTED';
  switch (view) {
    case 'upcoming':
      return row.endTime >= now && (row.recurringEventId === null ? !over : row.status === 'ACCEPTED');
    case 'recurring':
      return row.endTime >= now && row.recurringEventId !== null && !over;
    case 'past':
      return row.endTime <= now && !over;
    case 'cancelled':
      return over;
    case 'unconfirmed':
      return row.endTime >= now && row.status === 'PENDING';
  }
}

function matches(row: BookingRow, query: BookingQuery): boolean {
  return (
    (query.attendeeEmail === undefined || row.attendees.some((attendee) => attendee.email === query.attendeeEmail)) &&
    (query.attendeeName === undefined || row.attendees.some((attendee) => attendee.name === query.attendeeName)) &&
    (query.bookingUid === undefined || row.uid === query.bookingUid) &&
    (query.eventTypeIds === undefined || (row.eventTypeId !== null && query.eventTypeIds.includes(row.eventTypeId))) &&
    row.startTime >= (query.afterStart ?? -Infinity) &&
    row.endTime <= (query.beforeEnd ?? Infinity) &&
    row.createdAt >= (query.afterCreatedAt ?? -Infinity) &&
    row.createdAt <= (query.beforeCreatedAt ?? Infinity) &&
    row.updatedAt >= (query.afterUpdatedAt ?? -Infinity) &&
    row.updatedAt <= (query.beforeUpdatedAt ?? Infinity)
  );
}

/** Page numbers start at 1, but are 0 when there is nothing at all (110); a page begins wherever `skip` says (108). */
function paginate(totalItems: number, returnedItems: number, { skip, take }: BookingQuery): Pagination {
  return {
    returnedItems,
    totalItems,
    itemsPerPage: take,
    remainingItems: Math.max(totalItems - skip - returnedItems, 0),
    currentPage: totalItems === 0 ? 0 : Math.floor(skip / take) + 1,
    totalPages: Math.ceil(totalItems / take),
    hasNextPage: skip + returnedItems < totalItems && returnedItems > 0,
    hasPreviousPage: skip > 0 && totalItems > 0,
  };
}
