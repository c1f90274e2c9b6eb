/** Who did not come. The host's absence tells nobody and moves `updatedAt`; an attendee's is the other way round (MEASURED 242, 243). */
import { noShowPayload } from '../webhooks/ended-payload.ts';
import { badRequest, coreFailure, notFound } from './api-failure.ts';
import { isoMs } from './instant.ts';
import type { BookingRow, UserRow } from './records.ts';
import type { World } from './world.ts';

export interface AbsentRequest {
  uid: string;
  actor: UserRow;
  host?: boolean | undefined;
  attendees?: { email: string; absent: boolean }[] | undefined;
  /** The control page may mark ahead of time, for a demonstration. */
  anyTime?: boolean;
}

/** @throws ApiFailure with the recorded texts. */
export async function markAbsent(world: World, request: AbsentRequest): Promise<BookingRow> {
  const booking = world.store.get('bookings', request.uid);
  if (!booking) throw notFound(`Booking with uid=${request.uid} was not found in the database`);
  const now = world.clock.now();
  if (booking.startTime > now && !request.anyTime) {
    throw badRequest(
      `Bookings can only be marked as absent after their scheduled start time. Current time in UTC+0: ${isoMs(now)}, Booking start time in UTC+0: ${isoMs(booking.startTime)}`,
    );
  }
  if (booking.userId !== request.actor.id) throw coreFailure(500, 'Failed to update no-show status');
  await world.pause();

  const current = world.store.get('bookings', request.uid) ?? booking;
  const changes = (request.attendees ?? []).filter(({ email }) => current.attendees.some((attendee) => attendee.email === email));
  world.store.put('bookings', {
    ...current,
    ...(request.host !== undefined && { absentHost: request.host, updatedAt: world.clock.stamp() }),
    attendees: current.attendees.map((attendee) => {
      const change = changes.find(({ email }) => email === attendee.email);
      return change ? { ...attendee, noShow: change.absent } : attendee;
    }),
  });
  world.store.commit();
  if (changes.length > 0) {
    await world.notify({
      trigger: 'BOOKING_NO_SHOW_UPDATED',
      organizerId: booking.userId,
      eventTypeId: booking.eventTypeId,
      bookingUid: booking.uid,
      payload: noShowPayload(
        booking,
        changes.map(({ email, absent }) => ({ email, noShow: absent })),
      ),
    });
  }
  return world.store.get('bookings', request.uid) ?? current;
}
