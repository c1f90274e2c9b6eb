/**
 * Handing a booking over to another host. Only the hosts of the booking's event type may take it over; for a personal one
 * that is its owner alone (source of the API's bookings service; nothing of it is recorded). No webhook tells (CONTRACT 7).
 */
import { badRequest, notFound } from './api-failure.ts';
import type { BookingRow, UserRow } from './records.ts';
import { eventTypeOf, type World } from './world.ts';

/** @throws ApiFailure with the texts of the source. */
export async function reassign(world: World, uid: string, newHostId: number): Promise<{ booking: BookingRow; host: UserRow }> {
  const booking = world.store.get('bookings', uid);
  if (!booking) throw notFound(`Booking with uid=${uid} was not found in the database`);
  const host = world.store.get('users', newHostId);
  if (!host) throw notFound(`User with id=${newHostId} was not found in the database`);
  const eventType = eventTypeOf(world, booking);
  const hosts = eventType?.roundRobinHosts ?? (eventType ? [eventType.ownerId] : []);
  if (!hosts.includes(newHostId)) {
    throw badRequest(
      `User with id=${newHostId} is not a valid Round Robin host - the user to which you reassign this booking must be one of the booking hosts. Fetch the booking using following endpoint and select id of one of the hosts: https://cal.com/docs/api-reference/v2/bookings/get-a-booking`,
    );
  }
  await world.pause();
  const current = world.store.get('bookings', uid) ?? booking;
  const previous = world.store.get('users', current.userId);
  const title = previous === undefined ? current.title : current.title.replace(previous.name, host.name);
  const moved = { ...current, userId: newHostId, title, updatedAt: world.clock.stamp() };
  world.store.put('bookings', moved);
  world.store.commit();
  return { booking: moved, host };
}
