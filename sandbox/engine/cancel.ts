/**
 * The end of a booking, of one seat, or of the rest of a series.
 * Upstream tells the subscribers FIRST and writes afterwards: a receiver that asks back at once is answered "accepted",
 * and two cancels at a time both succeed and both tell (MEASURED 409, 410; `updatedAt` of 138, 209, 223 is later than the webhook's `createdAt`).
 */
import { cancelledPayload } from '../webhooks/ended-payload.ts';
import { badRequest, coreFailure, filtered, notFound } from './api-failure.ts';
import { dropMeetingTriggers } from './meeting-triggers.ts';
import type { AttendeeRow, BookingRow, UserRow } from './records.ts';
import { eventTypeOf, seriesOf, type World } from './world.ts';

export interface CancelRequest {
  /** Of a booking, or of a series. */
  uid: string;
  reason?: string | undefined;
  seatUid?: string | undefined;
  cancelSubsequent?: boolean | undefined;
  /** Owner of the key; null without one. */
  actor: UserRow | null;
  /** E-mail that the web application's pages store; API v2 stores none. */
  cancelledBy?: string;
}

export type Cancelled = { kind: 'one'; booking: BookingRow } | { kind: 'series'; bookings: BookingRow[] };

/** @throws ApiFailure with the recorded texts. */
export async function cancel(world: World, request: CancelRequest): Promise<Cancelled> {
  const booking = world.store.get('bookings', request.uid);
  if (!booking) return cancelSeries(world, request);
  if (booking.status === 'CANCELLED') throw alreadyCancelled(request.uid);
  checkReason(booking, request);
  await world.pause();
  if (request.seatUid !== undefined) return removeSeat(world, booking, request.seatUid, request.cancelledBy !== undefined);

  await tell(world, booking, request, false);
  if (request.cancelSubsequent && booking.recurringEventId !== null) {
    const rest = seriesOf(world, booking.recurringEventId).filter((row) => row.startTime >= booking.startTime);
    return { kind: 'series', bookings: end(world, rest, request, seriesIdOf(booking)) };
  }
  end(world, [booking], request, null);
  return { kind: 'one', booking: world.store.get('bookings', booking.uid) ?? booking };
}

/** By the series' own id: everything still to come, one webhook for all (CONTRACT 4). */
async function cancelSeries(world: World, request: CancelRequest): Promise<Cancelled> {
  const series = seriesOf(world, request.uid);
  const [first] = series;
  if (!first) throw notFound(`Booking with uid=${request.uid} not found`);
  const remaining = series.filter((row) => row.endTime >= world.clock.now() && row.status !== 'CANCELLED');
  const [next] = remaining;
  if (!next) throw alreadyCancelled(request.uid);
  checkReason(next, request);
  await world.pause();
  await tell(world, next, request, true);
  return { kind: 'series', bookings: end(world, remaining, request, request.uid) };
}

const alreadyCancelled = (uid: string): Error =>
  badRequest(
    `Can't cancel booking with uid=${uid} because it has been cancelled already. Please provide uid of a booking that is not cancelled.`,
  );

function checkReason(booking: BookingRow, request: CancelRequest): void {
  if (request.actor?.id === booking.userId && !request.reason)
    throw coreFailure(400, 'Cancellation reason is required when you are the host');
}

async function tell(world: World, booking: BookingRow, request: CancelRequest, wholeSeries: boolean): Promise<void> {
  await world.notify({
    trigger: 'BOOKING_CANCELLED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: booking.uid,
    payload: cancelledPayload(world, booking, { reason: request.reason ?? null, cancelledBy: request.cancelledBy ?? null, wholeSeries }),
  });
}

/** Writes the end; answers the whole series when there is one (140). */
function end(world: World, rows: BookingRow[], request: CancelRequest, seriesId: string | null): BookingRow[] {
  const updatedAt = world.clock.stamp();
  for (const { uid } of rows) {
    const row = world.store.get('bookings', uid);
    if (!row) continue;
    world.store.put('bookings', {
      ...row,
      status: 'CANCELLED',
      cancellationReason: request.reason ?? null,
      cancelledBy: request.cancelledBy ?? null,
      updatedAt,
      // Nobody sits in a cancelled group (224).
      ...(eventTypeOf(world, row)?.seats && { attendees: [] }),
    });
    dropMeetingTriggers(world, uid);
  }
  world.store.commit();
  return seriesId === null ? rows : seriesOf(world, seriesId);
}

const seriesIdOf = (booking: BookingRow): string | null => booking.recurringEventId;

/**
 * One seat given up. By API v2 the seat is removed, yet the answer is 404 and no webhook goes out (MEASURED 326, 327).
 * From the web application's page the removal is told: one attendee, no seat id, the booking goes on.
 */
async function removeSeat(world: World, booking: BookingRow, seatUid: string, fromWebApp: boolean): Promise<Cancelled> {
  const leaving = booking.attendees.find((attendee) => attendee.seat?.uid === seatUid);
  if (!leaving) throw coreFailure(401, 'User not a host of this event');
  if (fromWebApp) {
    await world.notify({
      trigger: 'BOOKING_CANCELLED',
      organizerId: booking.userId,
      eventTypeId: booking.eventTypeId,
      bookingUid: booking.uid,
      payload: cancelledPayload(world, booking, { reason: '', cancelledBy: null, seat: leaving }),
    });
  }
  const remaining = writeWithout(world, booking, leaving);
  if (!fromWebApp)
    throw filtered(404, 'NOT_FOUND', 'An operation failed because it depends on one or more records that were required but not found.');
  return { kind: 'one', booking: remaining };
}

function writeWithout(world: World, booking: BookingRow, leaving: AttendeeRow): BookingRow {
  const row = world.store.get('bookings', booking.uid) ?? booking;
  const remaining = { ...row, attendees: row.attendees.filter((attendee) => attendee.id !== leaving.id) };
  world.store.put('bookings', remaining);
  world.store.commit();
  return remaining;
}
