/** Whether a host is free: inside working hours and beside what is already booked. Pending bookings do not block (MEASURED 141, 142). */
import { MINUTE, addDays, dayIn, wallClock, weekday } from './instant.ts';
import type { BookingRow, EventTypeRow } from './records.ts';
import { type Interval, scheduleFor, workingHours } from './working-hours.ts';
import { eventTypeOf, type World } from './world.ts';

export const overlaps = (a: Interval, b: Interval): boolean => a.start < b.end && b.start < a.end;

/** The host's time taken, buffers included. `exceptUid`: the booking that is being moved. */
export function busyTimes(
  world: World,
  hostId: number,
  eventType: EventTypeRow,
  exceptUid?: string,
): (Interval & { booking: BookingRow })[] {
  return world.store
    .all('bookings')
    .filter((booking) => booking.userId === hostId && booking.uid !== exceptUid && blocks(world, booking, eventType))
    .map((booking) => {
      const own = eventTypeOf(world, booking);
      const before = Math.max(own?.beforeEventBuffer ?? 0, eventType.afterEventBuffer) * MINUTE;
      const after = Math.max(own?.afterEventBuffer ?? 0, eventType.beforeEventBuffer) * MINUTE;
      return { start: booking.startTime - before, end: booking.endTime + after, booking };
    });
}

function blocks(world: World, booking: BookingRow, eventType: EventTypeRow): boolean {
  if (booking.status === 'ACCEPTED') return true;
  return booking.status === 'PENDING' && booking.eventTypeId === eventType.id && (eventTypeOf(world, booking)?.blockUnconfirmed ?? false);
}

/** When the host is out of office; from Cal.com's source, not recorded. */
export function absences(world: World, hostId: number): Interval[] {
  return world.store.all('outOfOffice').filter((row) => row.userId === hostId);
}

/** The live seated booking of this event type that starts exactly then. */
export function seatedBookingAt(world: World, eventType: EventTypeRow, start: number): BookingRow | undefined {
  if (!eventType.seats) return undefined;
  return world.store
    .all('bookings')
    .find((row) => row.eventTypeId === eventType.id && row.startTime === start && (row.status === 'ACCEPTED' || row.status === 'PENDING'));
}

/** Working and unbooked for the whole time; the grid does not matter (MEASURED 065). */
export function isFree(world: World, eventType: EventTypeRow, time: Interval, exceptUid?: string): boolean {
  const schedule = scheduleFor(world, eventType);
  if (!schedule) return false;
  const working = workingHours(schedule, time.start, time.end).some((hours) => hours.start <= time.start && time.end <= hours.end);
  const away = absences(world, eventType.ownerId).some((absence) => overlaps(absence, time));
  return working && !away && !busyTimes(world, eventType.ownerId, eventType, exceptUid).some((busy) => overlaps(busy, time));
}

/** Neither too soon for the minimum notice nor beyond the booking window (MEASURED 226). */
export function isWithinWindow(world: World, eventType: EventTypeRow, start: number): boolean {
  const now = world.clock.now();
  if (start < now + eventType.minimumBookingNotice * MINUTE) return false;
  const window = eventType.bookingWindow;
  if ('disabled' in window) return true;
  const timeZone = scheduleFor(world, eventType)?.timeZone ?? 'UTC';
  if (window.type === 'range') {
    const [first, last] = window.value;
    const day = dayIn(start, timeZone);
    return first <= day && day <= last;
  }
  const today = dayIn(now, timeZone);
  const last = window.type === 'calendarDays' ? addDays(today, window.value) : addBusinessDays(today, window.value);
  return start < wallClock(addDays(last, 1), '00:00', timeZone);
}

function addBusinessDays(date: string, days: number): string {
  let day = date;
  for (let left = days; left > 0; ) {
    day = addDays(day, 1);
    if (!['Saturday', 'Sunday'].includes(weekday(day))) left -= 1;
  }
  return day;
}
