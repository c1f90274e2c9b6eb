/** A booking that must be paid for: first only "initiated", though its status says otherwise; then created and paid (CONTRACT 8). */
import { scheduleMeetingTriggers } from '../engine/meeting-triggers.ts';
import type { BookingRow } from '../engine/records.ts';
import type { World } from '../engine/world.ts';
import { bookedPayload } from '../webhooks/booked-payload.ts';
import { decidedPayload, paidPayload } from '../webhooks/ended-payload.ts';

const PRICE = { price: 9500, currency: 'eur' };

export async function initiatePayment(world: World, booking: BookingRow): Promise<BookingRow> {
  const waiting: BookingRow = {
    ...booking,
    status: 'PENDING',
    paid: false,
    paymentId: booking.paymentId ?? world.store.nextId('payment'),
    updatedAt: world.clock.stamp(),
  };
  world.store.put('bookings', waiting);
  world.store.commit();
  await tell(
    world,
    waiting,
    'BOOKING_PAYMENT_INITIATED',
    bookedPayload(world, waiting, { payment: { id: waiting.paymentId ?? 0, ...PRICE } }),
  );
  return waiting;
}

export async function pay(world: World, booking: BookingRow): Promise<BookingRow> {
  const paid: BookingRow = {
    ...booking,
    status: 'ACCEPTED',
    paid: true,
    paymentId: booking.paymentId ?? world.store.nextId('payment'),
    updatedAt: world.clock.stamp(),
  };
  world.store.put('bookings', paid);
  scheduleMeetingTriggers(world, paid, true);
  world.store.commit();
  await tell(world, paid, 'BOOKING_CREATED', decidedPayload(world, paid, 'ACCEPTED'));
  await tell(world, paid, 'BOOKING_PAID', paidPayload(world, paid, { id: paid.paymentId ?? 0, ...PRICE }));
  return paid;
}

async function tell(
  world: World,
  booking: BookingRow,
  trigger: 'BOOKING_CREATED' | 'BOOKING_PAID' | 'BOOKING_PAYMENT_INITIATED',
  payload: Record<string, unknown>,
): Promise<void> {
  await world.notify({ trigger, organizerId: booking.userId, eventTypeId: booking.eventTypeId, bookingUid: booking.uid, payload });
}
