/** What the control page shows. */
import { isoMs } from '../engine/instant.ts';
import type { BookingRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import type { DeliveryRecord } from '../webhooks/dispatch.ts';
import type { Faults } from './faults.ts';

export interface BookingSummary {
  uid: string;
  id: number;
  /** As the API spells it: accepted, pending, cancelled, rejected. */
  status: string;
  start: string;
  end: string;
  eventTypeId: number | null;
  hostId: number;
  title: string;
  attendees: { name: string; email: string; timeZone: string; absent: boolean; seatUid?: string }[];
}

export const summaryOf = (booking: BookingRow): BookingSummary => ({
  uid: booking.uid,
  id: booking.id,
  status: booking.status.toLowerCase(),
  start: isoMs(booking.startTime),
  end: isoMs(booking.endTime),
  eventTypeId: booking.eventTypeId,
  hostId: booking.userId,
  title: booking.title,
  attendees: booking.attendees.map(({ name, email, timeZone, noShow, seat }) => ({
    name,
    email,
    timeZone,
    absent: noShow,
    ...(seat && { seatUid: seat.uid }),
  })),
});

export interface ControlState {
  now: string;
  users: { id: number; username: string; name: string; email: string; timeZone: string; apiKey: string }[];
  eventTypes: { id: number; ownerId: number; slug: string; title: string; lengthInMinutes: number }[];
  bookings: BookingSummary[];
  faults: Faults;
  deliveries: DeliveryRecord[];
}

export function controlState(world: World, faults: Faults, deliveries: DeliveryRecord[]): ControlState {
  return {
    now: isoMs(world.clock.now()),
    users: world.store
      .all('users')
      // Managed users have no key; whoever reads this takes them for people of the clinic.
      .filter(({ apiKey }) => apiKey !== '')
      .map(({ id, username, name, email, timeZone, apiKey }) => ({ id, username, name, email, timeZone, apiKey })),
    eventTypes: world.store
      .all('eventTypes')
      .map(({ id, ownerId, slug, title, length }) => ({ id, ownerId, slug, title, lengthInMinutes: length })),
    bookings: world.store
      .all('bookings')
      .map(summaryOf)
      .sort((a, b) => a.start.localeCompare(b.start) || a.id - b.id),
    faults: structuredClone(faults),
    deliveries,
  };
}
