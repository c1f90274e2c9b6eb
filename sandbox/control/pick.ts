/** What a control call leaves out is chosen here: a live booking, a person, a free time. */
import { freeSlots } from '../engine/slots.ts';
import { DAY } from '../engine/instant.ts';
import type { BookingRow, EventTypeRow } from '../engine/records.ts';
import { eventTypeOf, type World } from '../engine/world.ts';
import { ControlFailure } from './failure.ts';

export type Wanted = 'live' | 'pending' | 'started' | 'any-live';

/** The named one, or the most fitting: the next to come, the longest waiting request, the one that sits there now. */
export function pickBooking(world: World, uid: string | undefined, wanted: Wanted): BookingRow {
  if (uid !== undefined) {
    const booking = world.store.get('bookings', uid);
    if (!booking) throw new ControlFailure(404, 'There is no booking with this uid.');
    return booking;
  }
  const [booking] = candidates(world, wanted);
  if (!booking) throw new ControlFailure(409, NONE[wanted]);
  return booking;
}

const NONE: Record<Wanted, string> = {
  live: 'There is no confirmed booking to come; book one first.',
  pending: 'There is no request to decide; book a first visit.',
  started: 'No booking has started yet.',
  'any-live': 'There is no live booking; book one first.',
};

/** Nearest first. Groups are left alone unless named. */
export function candidates(world: World, wanted: Wanted): BookingRow[] {
  const now = world.clock.now();
  const single = world.store.all('bookings').filter((row) => !eventTypeOf(world, row)?.seats && row.eventTypeId !== null);
  const byStart = (a: BookingRow, b: BookingRow): number => a.startTime - b.startTime;
  switch (wanted) {
    case 'live':
      return single.filter((row) => row.status === 'ACCEPTED' && row.startTime > now).sort(byStart);
    case 'pending':
      return single.filter((row) => row.status === 'PENDING' && row.startTime > now).sort(byStart);
    case 'started':
      return single.filter((row) => row.status === 'ACCEPTED' && row.startTime <= now).sort((a, b) => byStart(b, a));
    case 'any-live':
      return single
        .filter((row) => row.status === 'ACCEPTED' && row.endTime > now - DAY)
        .sort((a, b) => Math.abs(a.startTime - now) - Math.abs(b.startTime - now));
  }
}

/** Free starts of today and tomorrow, soonest first. */
export function freeStarts(world: World, eventType: EventTypeRow, exceptUid?: string): number[] {
  const now = world.clock.now();
  return freeSlots(world, eventType, {
    start: now,
    end: now + 2 * DAY,
    ...(exceptUid !== undefined && { bookingUidToReschedule: exceptUid }),
  }).map((slot) => slot.start);
}
