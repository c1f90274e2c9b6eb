/** Free starts of an event type: working hours cut into a grid, minus what is taken, too soon, too far or reserved. */
import { absences, busyTimes, isWithinWindow, overlaps } from './availability.ts';
import { DAY, MINUTE } from './instant.ts';
import type { BookingRow, EventTypeRow } from './records.ts';
import { type Interval, scheduleFor, workingHours } from './working-hours.ts';
import type { World } from './world.ts';

export interface SlotQuery extends Interval {
  /** Minutes; any number is accepted and makes the grid, even for a type of one fixed length (MEASURED 034). */
  duration?: number;
  bookingUidToReschedule?: string;
}

export interface FreeSlot extends Interval {
  /** Only for seated event types. */
  seats?: { booked: number; remaining: number; total: number; bookingUid?: string };
}

/** Upstream would compute for minutes; nobody asks for more. */
const FARTHEST = 366 * DAY;

export function freeSlots(world: World, eventType: EventTypeRow, query: SlotQuery): FreeSlot[] {
  const schedule = scheduleFor(world, eventType);
  if (!schedule || query.end <= query.start) return [];
  const length = (query.duration ?? eventType.length) * MINUTE;
  const step = Math.max(eventType.slotInterval ?? query.duration ?? eventType.length, 1) * MINUTE;
  const from = Math.max(query.start, world.clock.now());
  const to = Math.min(query.end, from + FARTHEST);
  const busy = busyTimes(world, eventType.ownerId, eventType, query.bookingUidToReschedule);
  const away = absences(world, eventType.ownerId);
  const reserved = eventType.seats ? [] : reservations(world, eventType.ownerId);

  const slots: FreeSlot[] = [];
  for (const hours of workingHours(schedule, from, to)) {
    for (let start = hours.start; start + length <= hours.end; start += step) {
      const time = { start, end: start + length };
      if (start < from || start >= to || !isWithinWindow(world, eventType, start)) continue;
      if (away.some((absence) => overlaps(absence, time))) continue;
      if (reserved.some((hold) => overlaps(hold, time))) continue;
      const taken = busy.filter((other) => overlaps(other, time));
      const seated = eventType.seats ? taken.find((other) => isSameGroup(other.booking, eventType, start))?.booking : undefined;
      if (taken.some((other) => other.booking !== seated)) continue;
      if (!eventType.seats) slots.push(time);
      else {
        const total = eventType.seats.seatsPerTimeSlot;
        const booked = seated?.attendees.length ?? 0;
        if (booked < total)
          slots.push({ ...time, seats: { booked, remaining: total - booked, total, ...(seated && { bookingUid: seated.uid }) } });
      }
    }
  }
  return slots;
}

const isSameGroup = (booking: BookingRow, eventType: EventTypeRow, start: number): boolean =>
  booking.eventTypeId === eventType.id && booking.startTime === start;

/** Unexpired holds of any of the host's event types. */
function reservations(world: World, ownerId: number): Interval[] {
  const now = world.clock.now();
  return world.store
    .all('reservations')
    .filter((row) => row.until > now && world.store.get('eventTypes', row.eventTypeId)?.ownerId === ownerId)
    .map((row) => ({ start: row.slotStart, end: row.slotEnd }));
}
