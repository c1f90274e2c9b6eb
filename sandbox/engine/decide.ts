/**
 * Approval and refusal by the host. Only an ACCEPTED booking is refused: a declined or cancelled one comes back to life
 * (MEASURED 155, 316), and both may succeed at the same time (412–414).
 */
import { decidedPayload } from '../webhooks/ended-payload.ts';
import { notFound, trpcFailure } from './api-failure.ts';
import { scheduleMeetingTriggers } from './meeting-triggers.ts';
import type { BookingRow, UserRow } from './records.ts';
import { seriesOf, type World } from './world.ts';

/** @throws ApiFailure with the recorded texts. */
export async function confirm(world: World, uid: string, actor: UserRow): Promise<BookingRow> {
  const booking = decidable(world, uid, actor);
  // An approval does more work than a refusal: in a race of both it ends last (MEASURED 412–414).
  await world.pause();
  await world.pause();
  for (const row of together(world, booking)) {
    const current = world.store.get('bookings', row.uid) ?? row;
    const accepted: BookingRow = { ...current, status: 'ACCEPTED', oneTimePassword: null, updatedAt: world.clock.stamp() };
    world.store.put('bookings', accepted);
    scheduleMeetingTriggers(world, accepted, true);
  }
  world.store.commit();
  return tell(world, uid, 'ACCEPTED');
}

/** The reason is only in the webhook, never in an answer (153). */
export async function decline(world: World, uid: string, actor: UserRow, reason: string | undefined): Promise<BookingRow> {
  const booking = decidable(world, uid, actor);
  await world.pause();
  for (const row of together(world, booking)) {
    const current = world.store.get('bookings', row.uid) ?? row;
    world.store.put('bookings', { ...current, status: 'REJECTED', rejectionReason: reason ?? null, updatedAt: world.clock.stamp() });
  }
  world.store.commit();
  return tell(world, uid, 'REJECTED', reason);
}

function decidable(world: World, uid: string, actor: UserRow): BookingRow {
  const booking = world.store.get('bookings', uid);
  if (!booking) throw notFound(`Booking with uid=${uid} was not found in the database`);
  if (booking.userId !== actor.id) throw trpcFailure(401, 'You are not authorized to access this resource');
  if (booking.status === 'ACCEPTED') throw trpcFailure(400, 'Bad request: Please check your request data and try again');
  return booking;
}

/** The pending rest of a series is decided with one of them, and told once (CONTRACT 8). */
function together(world: World, booking: BookingRow): BookingRow[] {
  if (booking.recurringEventId === null || booking.status !== 'PENDING') return [booking];
  return seriesOf(world, booking.recurringEventId).filter((row) => row.status === 'PENDING');
}

async function tell(world: World, uid: string, decision: 'ACCEPTED' | 'REJECTED', reason?: string): Promise<BookingRow> {
  const booking = world.store.get('bookings', uid);
  if (!booking) throw notFound(`Booking with uid=${uid} was not found in the database`);
  await world.notify({
    trigger: decision === 'ACCEPTED' ? 'BOOKING_CREATED' : 'BOOKING_REJECTED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: uid,
    payload: decidedPayload(world, booking, decision, reason),
  });
  return world.store.get('bookings', uid) ?? booking;
}
