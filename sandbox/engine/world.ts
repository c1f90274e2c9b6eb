/** What every operation of the imitated server works with. */
import type { ServerClock } from './clock.ts';
import type { Identifiers } from './identifiers.ts';
import type { BookingRow, EventTypeRow, Trigger, UserRow } from './records.ts';
import type { Store } from './store.ts';

/** Something to tell the subscribers of a booking's organizer and event type. */
export interface WebhookNotice {
  trigger: Trigger;
  organizerId: number;
  eventTypeId: number | null;
  bookingUid: string;
  payload: Record<string, unknown>;
}

export interface World {
  store: Store;
  clock: ServerClock;
  ids: Identifiers;
  /** Delivers to every subscriber and resolves when all have answered: the caller of the API waits that long (MEASURED 255). */
  notify(notice: WebhookNotice): Promise<void>;
  /**
   * The time between looking and writing. On a real server it is hundreds of milliseconds, wide enough for two requests
   * about one booking to both pass the check (MEASURED 404–414); here it is one turn of the event loop.
   */
  pause(): Promise<void>;
  /** Public address of the web application, as webhooks name it. */
  bookerUrl: string;
}

/** The organizer; every booking has one in the sandbox. */
export function organizerOf(world: World, booking: BookingRow): UserRow {
  const user = world.store.get('users', booking.userId);
  if (!user) throw new Error(`Booking ${booking.id} belongs to no user`);
  return user;
}

export function eventTypeOf(world: World, booking: BookingRow): EventTypeRow | null {
  return booking.eventTypeId === null ? null : (world.store.get('eventTypes', booking.eventTypeId) ?? null);
}

export function seriesOf(world: World, recurringEventId: string): BookingRow[] {
  return world.store
    .all('bookings')
    .filter((row) => row.recurringEventId === recurringEventId)
    .sort((a, b) => a.startTime - b.startTime);
}

/** The booking that replaced this one; the first made, when two did (MEASURED 404–407). */
export function successorOf(world: World, booking: BookingRow): BookingRow | undefined {
  if (!booking.rescheduled) return undefined;
  return world.store.all('bookings').find((row) => row.fromReschedule === booking.uid);
}
