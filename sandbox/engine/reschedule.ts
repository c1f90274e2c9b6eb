/**
 * Another time for a booking: always a NEW booking with a new id and uid; the old one becomes cancelled and names it (201–209).
 * One seat that moves leaves its group and joins or opens another.
 */
import { bookedPayload } from '../webhooks/booked-payload.ts';
import { badRequest, conflict, coreFailure, notFound } from './api-failure.ts';
import { isFree, seatedBookingAt } from './availability.ts';
import { NOT_AVAILABLE, type Booker, checkBookable, insertBooking, newAttendee, touch } from './book.ts';
import { MINUTE } from './instant.ts';
import { dropMeetingTriggers } from './meeting-triggers.ts';
import type { AttendeeRow, BookingRow, EventTypeRow, FieldResponses, UserRow } from './records.ts';
import { eventTypeOf, organizerOf, successorOf, type World } from './world.ts';

export interface RescheduleRequest {
  uid: string;
  start: number;
  reason?: string | undefined;
  /** Selects the acting person: the host's own e-mail makes an approval unnecessary (MEASURED 308). Not stored. */
  rescheduledBy?: string | undefined;
  seatUid?: string | undefined;
  /** Owner of the key; null without one. */
  actor: UserRow | null;
  /** The web application's pages, unlike API v2, remember who moved it and accept a booking whose host asked for another time. */
  fromWebApp?: boolean;
}

/** @throws ApiFailure with the recorded texts. */
export async function reschedule(world: World, request: RescheduleRequest): Promise<{ booking: BookingRow; seatUid?: string }> {
  const old = world.store.get('bookings', request.uid);
  if (!old) throw coreFailure(500, 'Internal server error');
  checkMovable(world, old, request.fromWebApp ?? false);
  const eventType = eventTypeOf(world, old);
  if (!eventType) throw coreFailure(500, 'Internal server error');
  checkBookable(world, eventType, request.start);
  if (eventType.seats) return rescheduleSeated(world, request, old, eventType);

  // The length falls back to the event type's default (MEASURED 402).
  const end = request.start + eventType.length * MINUTE;
  if (!isFree(world, eventType, { start: request.start, end }, old.uid)) throw badRequest(NOT_AVAILABLE);
  await world.pause();

  const { rescheduledReason: _earlier, ...responses } = old.responses ?? {};
  const byHost = request.rescheduledBy !== undefined && request.rescheduledBy === organizerOf(world, old).email;
  const booking = moveBooking(world, old, eventType, {
    start: request.start,
    end,
    responses: request.reason === undefined ? responses : { ...responses, rescheduledReason: request.reason },
    accepted: !eventType.requiresConfirmation || byHost,
    rescheduledBy: request.fromWebApp ? (request.rescheduledBy ?? null) : null,
  });
  await world.notify({
    trigger: booking.status === 'PENDING' ? 'BOOKING_REQUESTED' : 'BOOKING_RESCHEDULED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: booking.uid,
    payload: bookedPayload(world, booking, { replaces: old }),
  });
  return { booking: touch(world, booking.uid) };
}

function checkMovable(world: World, booking: BookingRow, fromWebApp: boolean): void {
  if (booking.status !== 'CANCELLED') return;
  const successor = successorOf(world, booking);
  if (successor) {
    throw badRequest(
      `Can't reschedule booking with uid=${booking.uid} because it has been cancelled and rescheduled already to booking with uid=${successor.uid}. You probably want to reschedule ${successor.uid} instead by passing it within the request URL.`,
    );
  }
  if (booking.rescheduled && fromWebApp) return;
  throw badRequest(
    `Can't reschedule booking with uid=${booking.uid} because it has been cancelled. Please provide uid of a booking that is not cancelled.`,
  );
}

/** Cancels the old row and writes the new one as one commit; a lost race for the exact slot leaves the old one as it was. */
function moveBooking(
  world: World,
  old: BookingRow,
  eventType: EventTypeRow,
  to: { start: number; end: number; responses: FieldResponses; accepted: boolean; rescheduledBy: string | null },
): BookingRow {
  const current = world.store.get('bookings', old.uid) ?? old;
  const replaced: BookingRow = { ...current, status: 'CANCELLED', rescheduled: true, updatedAt: world.clock.stamp() };
  const [first] = old.attendees;
  world.store.put('bookings', replaced);
  try {
    const booking = insertBooking(world, {
      eventType,
      start: to.start,
      end: to.end,
      booker: bookerOf(first),
      guests: [],
      fields: {},
      metadata: old.metadata,
      location: old.location,
      recurringEventId: old.recurringEventId,
      carried: {
        title: old.title,
        description: old.description,
        iCalUID: old.iCalUID,
        fromReschedule: old.uid,
        rescheduledBy: to.rescheduledBy,
        responses: to.responses,
        videoCallUrl: old.videoCallUrl,
        attendees: old.attendees.map((attendee) => newAttendee(world, bookerOf(attendee), null)),
        accepted: to.accepted,
      },
    });
    dropMeetingTriggers(world, old.uid);
    world.store.commit();
    return booking;
  } catch (failure) {
    world.store.put('bookings', current);
    world.store.commit();
    throw failure;
  }
}

async function rescheduleSeated(
  world: World,
  request: RescheduleRequest,
  group: BookingRow,
  eventType: EventTypeRow,
): Promise<{ booking: BookingRow; seatUid?: string }> {
  const end = request.start + eventType.length * MINUTE;
  if (request.seatUid !== undefined) return moveSeat(world, request, group, eventType, end);
  // The API wants a seat (source of its input service); nobody moves a whole group through it.
  if (!request.fromWebApp) {
    throw badRequest(
      `Booking with uid=${group.uid} is a seated booking which means you have to provide seatUid in the request body to specify which seat specifically you want to reschedule.`,
    );
  }
  // Not recorded: on the pages only the host can move the group, and it keeps its uid (CONTRACT 8: a seated RESCHEDULED never moves a uid).
  if (request.actor?.id !== group.userId) throw coreFailure(500, 'Internal server error');
  if (!isFree(world, eventType, { start: request.start, end }, group.uid)) throw badRequest(NOT_AVAILABLE);
  await world.pause();
  const moved = { ...group, startTime: request.start, endTime: end, updatedAt: world.clock.stamp() };
  world.store.put('bookings', moved);
  world.store.commit();
  await world.notify({
    trigger: 'BOOKING_RESCHEDULED',
    organizerId: moved.userId,
    eventTypeId: moved.eventTypeId,
    bookingUid: moved.uid,
    payload: bookedPayload(world, moved, { replaces: group }),
  });
  return { booking: moved };
}

/** Neither booking names the other afterwards; the webhook names the left group in `rescheduleUid` (MEASURED "Bookings"). */
async function moveSeat(
  world: World,
  request: RescheduleRequest,
  group: BookingRow,
  eventType: EventTypeRow,
  end: number,
): Promise<{ booking: BookingRow; seatUid: string }> {
  const leaving = group.attendees.find((attendee) => attendee.seat?.uid === request.seatUid);
  if (!leaving?.seat) throw notFound(`Booking with seatUid=${request.seatUid} was not found in the database`);
  const target = seatedBookingAt(world, eventType, request.start);
  if (target && target.uid !== group.uid && target.attendees.length >= (eventType.seats?.seatsPerTimeSlot ?? 0)) {
    throw conflict('No more seats left at this seated booking.');
  }
  if (!target && !isFree(world, eventType, { start: request.start, end })) throw badRequest(NOT_AVAILABLE);
  await world.pause();
  if (target?.uid === group.uid) return { booking: group, seatUid: leaving.seat.uid };

  const remaining = group.attendees.filter((attendee) => attendee !== leaving);
  world.store.put('bookings', {
    ...group,
    attendees: remaining,
    // The last to leave closes the group.
    ...(remaining.length === 0 && { status: 'CANCELLED' as const, updatedAt: world.clock.stamp() }),
  });
  const arriving = { ...newAttendee(world, bookerOf(leaving), leaving.seat) };
  const booking = target
    ? { ...target, attendees: [...target.attendees, arriving] }
    : openGroup(world, group, eventType, arriving, request.start, end);
  world.store.put('bookings', booking);
  world.store.commit();
  await world.notify({
    trigger: 'BOOKING_RESCHEDULED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: booking.uid,
    payload: bookedPayload(world, booking, {
      seat: { attendee: arriving, iCalUID: booking.iCalUID, joins: target !== undefined, title: booking.title },
      seatMovedFrom: group,
    }),
  });
  return { booking: world.store.get('bookings', booking.uid) ?? booking, seatUid: leaving.seat.uid };
}

function openGroup(
  world: World,
  group: BookingRow,
  eventType: EventTypeRow,
  attendee: AttendeeRow,
  start: number,
  end: number,
): BookingRow {
  return insertBooking(world, {
    eventType,
    start,
    end,
    booker: bookerOf(attendee),
    guests: [],
    fields: {},
    metadata: {},
    location: group.location,
    recurringEventId: null,
    carried: {
      title: `${eventType.title} between ${organizerOf(world, group).name} and ${attendee.name}`,
      description: null,
      iCalUID: `${world.ids.bookingUid()}@Cal.com`,
      fromReschedule: null,
      rescheduledBy: null,
      responses: null,
      videoCallUrl: group.videoCallUrl,
      attendees: [attendee],
      accepted: !eventType.requiresConfirmation,
    },
  });
}

function bookerOf(attendee: AttendeeRow | undefined): Booker {
  return {
    name: attendee?.name ?? '',
    email: attendee?.email ?? '',
    phoneNumber: attendee?.phoneNumber ?? null,
    timeZone: attendee?.timeZone ?? 'UTC',
    locale: attendee?.locale ?? 'en',
  };
}
