/** What an administrator with SQL does: rows change, `updatedAt` does not, nobody is told. */
import { DAY, MINUTE } from '../engine/instant.ts';
import type { BookingRow, EventTypeRow, UserRow } from '../engine/records.ts';
import { organizerOf, type World } from '../engine/world.ts';
import { PATIENTS } from '../seeds/patients.ts';
import { ControlFailure } from './failure.ts';
import * as input from './input.ts';
import { pickBooking } from './pick.ts';
import { type BookingSummary, summaryOf } from './state.ts';

export interface BehindTheScenes {
  silentMove(body?: input.SilentMoveInput): Promise<{ booking: BookingSummary }>;
  /** The row is gone, with everything that hangs on it. */
  silentDelete(body?: input.UidInput): Promise<{ booking: BookingSummary }>;
  /** Another host's from now on, as after a reassignment: that sends no webhook either. */
  silentReassign(body: input.ReassignInput): Promise<{ booking: BookingSummary }>;
  /** Many bookings of one host at once, one after the other; their times are not checked. */
  bulk(body: input.BulkInput): Promise<{ made: number; firstStart: string; lastStart: string }>;
}

export function createBehindTheScenes(world: World): BehindTheScenes {
  const { store } = world;
  const hostNamed = (username: string): UserRow => {
    const host = store.all('users').find((user) => user.username === username);
    if (!host) throw new ControlFailure(404, `There is no host called ${username}.`);
    return host;
  };

  return {
    silentMove: async (body = {}) => {
      const asked = input.silentMoveInput.parse(body);
      const booking = pickBooking(world, asked.uid, 'live');
      const start = asked.start ?? booking.startTime - DAY;
      const moved = { ...booking, startTime: start, endTime: start + (booking.endTime - booking.startTime) };
      store.put('bookings', moved);
      store.commit();
      return { booking: summaryOf(moved) };
    },
    silentDelete: async (body = {}) => {
      const booking = pickBooking(world, input.uidInput.parse(body).uid, 'live');
      store.remove('bookings', booking.uid);
      for (const row of store.all('meetingTriggers')) if (row.bookingUid === booking.uid) store.remove('meetingTriggers', row.key);
      store.commit();
      return { booking: summaryOf(booking) };
    },
    silentReassign: async (body) => {
      const asked = input.reassignInput.parse(body);
      const booking = pickBooking(world, asked.uid, 'live');
      const next = { ...booking, userId: hostNamed(asked.hostUsername).id };
      store.put('bookings', next);
      store.commit();
      return { booking: summaryOf(next) };
    },
    bulk: async (body) => {
      const asked = input.bulkInput.parse(body);
      const host = asked.hostUsername === undefined ? store.all('users')[0] : hostNamed(asked.hostUsername);
      const eventType = store.all('eventTypes').find((row) => row.ownerId === host?.id && !row.seats && !row.recurrence);
      if (!host || !eventType) throw new ControlFailure(409, 'This host has no ordinary event type.');
      const first = asked.from ?? world.clock.now() + DAY;
      const step = asked.everyMinutes * MINUTE;
      for (let index = 0; index < asked.count; index += 1) store.put('bookings', filledRow(world, eventType, first + index * step, index));
      store.commit();
      const iso = (at: number) => new Date(at).toISOString();
      return { made: asked.count, firstStart: iso(first), lastStart: iso(first + (asked.count - 1) * step) };
    },
  };
}

function filledRow(world: World, eventType: EventTypeRow, start: number, index: number): BookingRow {
  const uid = world.ids.bookingUid();
  const patient = PATIENTS[index % PATIENTS.length];
  const attendee = {
    id: world.store.nextId('attendee'),
    name: patient?.name ?? 'Somebody',
    email: patient?.email ?? 'somebody@example.com',
    phoneNumber: null,
    timeZone: 'Europe/Amsterdam',
    locale: 'en',
    noShow: false,
    seat: null,
  };
  const at = world.clock.stamp();
  const row: BookingRow = {
    id: world.store.nextId('booking'),
    uid,
    idempotencyKey: world.ids.uuid(),
    userId: eventType.ownerId,
    eventTypeId: eventType.id,
    title: eventType.title,
    description: '',
    startTime: start,
    endTime: start + eventType.length * MINUTE,
    status: 'ACCEPTED',
    location: 'integrations:daily',
    attendees: [attendee],
    responses: { name: attendee.name, email: attendee.email },
    metadata: {},
    videoCallUrl: null,
    cancellationReason: null,
    cancelledBy: null,
    rejectionReason: null,
    rescheduled: false,
    fromReschedule: null,
    rescheduledBy: null,
    recurringEventId: null,
    iCalUID: `${uid}@Cal.com`,
    createdAt: at,
    updatedAt: at,
    absentHost: false,
    oneTimePassword: null,
    paid: false,
    paymentId: null,
  };
  return { ...row, title: `${eventType.title} between ${organizerOf(world, row).name} and ${attendee.name}` };
}
