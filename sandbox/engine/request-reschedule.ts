/** The host asks the patient for another time, on the web application's page: the booking ends, the patient is to book anew. */
import { requestReschedulePayload } from '../webhooks/ended-payload.ts';
import { dropMeetingTriggers } from './meeting-triggers.ts';
import type { BookingRow } from './records.ts';
import { organizerOf, type World } from './world.ts';

export async function requestReschedule(world: World, booking: BookingRow, reason: string): Promise<BookingRow> {
  const ended: BookingRow = {
    ...booking,
    status: 'CANCELLED',
    rescheduled: true,
    cancellationReason: reason,
    cancelledBy: organizerOf(world, booking).email,
    updatedAt: world.clock.stamp(),
  };
  world.store.put('bookings', ended);
  dropMeetingTriggers(world, booking.uid);
  world.store.commit();
  await world.notify({
    trigger: 'BOOKING_CANCELLED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: booking.uid,
    payload: requestReschedulePayload(world, ended, reason),
  });
  return ended;
}
