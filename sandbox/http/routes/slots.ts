/** Slots and their reservations, version 2024-09-04. */
import { badRequest, notFound, propertyFailure, unauthorized, unprocessable } from '../../engine/api-failure.ts';
import { isFree, overlaps, seatedBookingAt } from '../../engine/availability.ts';
import { DAY, MINUTE, dayIn, isoMs, isoZoned } from '../../engine/instant.ts';
import type { EventTypeRow, ReservationRow } from '../../engine/records.ts';
import { type FreeSlot, freeSlots } from '../../engine/slots.ts';
import type { World } from '../../engine/world.ts';
import type { Call, Route, RouteAnswer } from '../exchange.ts';
import { success } from '../exchange.ts';
import { propertyChecks } from '../property-checks.ts';
import { SLOTS } from '../versions.ts';

const versions = [SLOTS];
const DEFAULT_HOLD_MINUTES = 5;

export const slotRoutes: Route[] = [
  { method: 'GET', path: '/v2/slots', versions, access: 'none', handle: listSlots },
  { method: 'POST', path: '/v2/slots/reservations', versions, access: 'none', handle: reserve },
  {
    method: 'GET',
    path: '/v2/slots/reservations/:uid',
    versions,
    access: 'none',
    handle: (call) => success(reservationView(findReservation(call))),
  },
  { method: 'PATCH', path: '/v2/slots/reservations/:uid', versions, access: 'none', handle: moveReservation },
  {
    method: 'DELETE',
    path: '/v2/slots/reservations/:uid',
    versions,
    access: 'none',
    handle: (call) => {
      call.world.store.remove('reservations', findReservation(call).uid);
      call.world.store.commit();
      return { status: 200, body: { status: 'success' } };
    },
  },
];

/** `data` comes before `status` here and nowhere else (026). */
function listSlots({ world, query }: Call): RouteAnswer {
  const checks = propertyChecks();
  if (!query.has('eventTypeId') && !query.has('eventTypeSlug')) {
    checks.complain(
      'usernames',
      'each value in usernames must be a string',
      'The array must contain at least 2 elements.',
      'usernames must be an array',
    );
    checks.complain('organizationSlug', 'organizationSlug must be a string');
    throw propertyFailure(checks.problems);
  }
  const start = checks.iso('start', query.get('start'));
  const end = checks.iso('end', query.get('end'));
  const timeZone = query.has('timeZone') ? checks.timeZone('timeZone', query.get('timeZone')) : 'UTC';
  if (start === undefined || end === undefined || timeZone === undefined) throw propertyFailure(checks.problems);

  const duration = query.has('duration') ? Number(query.get('duration')) : undefined;
  if (duration !== undefined && !(Number.isInteger(duration) && duration > 0)) {
    checks.complain('duration', 'duration must be an integer number');
    throw propertyFailure(checks.problems);
  }

  const eventType = addressedEventType(world, query);
  if (!eventType) throw notFound('Event Type not found');
  const uid = query.get('bookingUidToReschedule');
  const slots = freeSlots(world, eventType, {
    start,
    // Any midnight is stretched to the end of that day (CONTRACT 5).
    end: end % DAY === 0 ? end + DAY - 1000 : end,
    ...(duration !== undefined && { duration }),
    ...(uid !== null && { bookingUidToReschedule: uid }),
  });
  const withEnd = query.get('format') === 'range';
  const data: Record<string, unknown[]> = {};
  for (const slot of slots) (data[dayIn(slot.start, timeZone)] ??= []).push(slotView(slot, timeZone, withEnd));
  return { status: 200, body: { data, status: 'success' } };
}

function slotView({ start, end, seats }: FreeSlot, timeZone: string, withEnd: boolean): Record<string, unknown> {
  return {
    start: isoZoned(start, timeZone),
    ...(withEnd && { end: isoZoned(end, timeZone) }),
    ...(seats && {
      seatsBooked: seats.booked,
      seatsRemaining: seats.remaining,
      seatsTotal: seats.total,
      ...(seats.bookingUid !== undefined && { bookingUid: seats.bookingUid }),
    }),
  };
}

function addressedEventType(world: World, query: URLSearchParams): EventTypeRow | undefined {
  const id = query.get('eventTypeId');
  if (id !== null) return world.store.get('eventTypes', id);
  const owner = world.store.all('users').find((user) => user.username === query.get('username'));
  return world.store.all('eventTypes').find((row) => row.slug === query.get('eventTypeSlug') && row.ownerId === owner?.id);
}

function reserve(call: Call): RouteAnswer {
  const { world, body, user } = call;
  const { eventType, time } = asked(world, body);
  const minutes = body['reservationDuration'];
  if (minutes !== undefined && !user) throw unauthorized('reservationDuration can only be used for authenticated requests.');
  checkReservable(world, eventType, time);
  const row: ReservationRow = {
    uid: world.ids.uuid(),
    eventTypeId: eventType.id,
    slotStart: time.start,
    slotEnd: time.end,
    until: world.clock.now() + (typeof minutes === 'number' ? minutes : DEFAULT_HOLD_MINUTES) * MINUTE,
  };
  world.store.put('reservations', row);
  world.store.commit();
  const { reservationUid, reservationUntil, ...rest } = reservationView(row);
  return success(
    { ...rest, reservationUid, reservationDuration: typeof minutes === 'number' ? minutes : DEFAULT_HOLD_MINUTES, reservationUntil },
    201,
  );
}

function moveReservation(call: Call): RouteAnswer {
  const { world, body } = call;
  const existing = findReservation(call);
  const { eventType, time } = asked(world, { ...body, eventTypeId: body['eventTypeId'] ?? existing.eventTypeId });
  checkReservable(world, eventType, time, existing.uid);
  const row = { ...existing, eventTypeId: eventType.id, slotStart: time.start, slotEnd: time.end };
  world.store.put('reservations', row);
  world.store.commit();
  return success(reservationView(row));
}

function asked(world: World, body: Record<string, unknown>): { eventType: EventTypeRow; time: { start: number; end: number } } {
  const checks = propertyChecks();
  checks.unknown(body, ['eventTypeId', 'slotStart', 'slotDuration', 'reservationDuration']);
  const start = checks.iso('slotStart', body['slotStart']);
  if (checks.problems.length > 0 || start === undefined) throw propertyFailure(checks.problems);
  const eventType = world.store.get('eventTypes', String(body['eventTypeId']));
  if (!eventType) throw notFound(`Event Type with ID=${String(body['eventTypeId'])} not found`);
  const minutes = typeof body['slotDuration'] === 'number' ? body['slotDuration'] : eventType.length;
  if (minutes !== eventType.length && !eventType.lengthOptions?.includes(minutes)) {
    throw badRequest(`Event type with ID=${eventType.id} does not support slot duration of ${minutes} minutes`);
  }
  return { eventType, time: { start, end: start + minutes * MINUTE } };
}

function checkReservable(world: World, eventType: EventTypeRow, time: { start: number; end: number }, exceptUid?: string): void {
  const now = world.clock.now();
  const reserved = world.store
    .all('reservations')
    .some(
      (row) =>
        row.uid !== exceptUid &&
        row.until > now &&
        row.eventTypeId === eventType.id &&
        overlaps(time, { start: row.slotStart, end: row.slotEnd }),
    );
  if (reserved && !eventType.seats)
    throw unprocessable('This time slot is already reserved by another user. Please choose a different time.');
  const group = seatedBookingAt(world, eventType, time.start);
  if (group ? group.attendees.length >= (eventType.seats?.seatsPerTimeSlot ?? 0) : !isFree(world, eventType, time)) {
    throw unprocessable("Can't reserve a slot if the event is already booked.");
  }
}

function findReservation({ world, params }: Call): ReservationRow {
  const row = world.store.get('reservations', params['uid'] ?? '');
  if (!row) throw notFound(`Reserved slot with uid=${params['uid']} not found`);
  return row;
}

const reservationView = (row: ReservationRow) => ({
  reservationUid: row.uid,
  eventTypeId: row.eventTypeId,
  slotStart: isoMs(row.slotStart),
  slotEnd: isoMs(row.slotEnd),
  slotDuration: (row.slotEnd - row.slotStart) / MINUTE,
  reservationUntil: isoMs(row.until),
});
