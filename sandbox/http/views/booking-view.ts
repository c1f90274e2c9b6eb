/** A booking as API version 2024-08-13 shows it; three shapes: ordinary (061), one of a series (087), seated (088). */
import { MINUTE, isoMs } from '../../engine/instant.ts';
import type { AttendeeRow, BookingRow, FieldResponses } from '../../engine/records.ts';
import { eventTypeOf, organizerOf, successorOf, type World } from '../../engine/world.ts';

export function bookingView(world: World, booking: BookingRow): Record<string, unknown> {
  if (eventTypeOf(world, booking)?.seats) return seatedView(world, booking);
  return booking.recurringEventId === null ? ordinaryView(world, booking) : seriesMemberView(world, booking);
}

function ordinaryView(world: World, booking: BookingRow): Record<string, unknown> {
  const successor = successorOf(world, booking);
  return {
    ...head(world, booking),
    ...(booking.status === 'CANCELLED' && { cancellationReason: booking.cancellationReason, cancelledByEmail: booking.cancelledBy }),
    ...reschedulingReason(booking),
    rescheduledByEmail: booking.rescheduledBy,
    ...(booking.fromReschedule !== null && { rescheduledFromUid: booking.fromReschedule }),
    ...(successor && { rescheduledToUid: successor.uid }),
    ...times(world, booking),
    metadata: booking.metadata,
    rating: null,
    icsUid: booking.iCalUID,
    attendees: booking.attendees.map(attendeeView),
    ...guests(booking),
    bookingFieldsResponses: responsesView(booking.responses ?? {}),
  };
}

/** Never carries `rescheduledToUid`, `rescheduledByEmail` or a phone number (CONTRACT 4). */
function seriesMemberView(world: World, booking: BookingRow): Record<string, unknown> {
  return {
    attendees: booking.attendees.map((attendee) => attendeeView({ ...attendee, phoneNumber: null })),
    bookingFieldsResponses: responsesView(booking.responses ?? {}),
    ...head(world, booking),
    ...(booking.status === 'CANCELLED' && { cancellationReason: booking.cancellationReason, cancelledByEmail: booking.cancelledBy }),
    ...reschedulingReason(booking),
    ...(booking.fromReschedule !== null && { rescheduledFromUid: booking.fromReschedule }),
    ...times(world, booking),
    metadata: booking.metadata,
    rating: null,
    icsUid: booking.iCalUID,
    ...guests(booking),
    recurringBookingUid: booking.recurringEventId,
  };
}

/** Responses and metadata belong to each seat; the cancelled one says no `cancelledByEmail` (223). */
function seatedView(world: World, booking: BookingRow): Record<string, unknown> {
  return {
    ...head(world, booking),
    ...(booking.status === 'CANCELLED' && { cancellationReason: booking.cancellationReason }),
    rescheduledByEmail: booking.rescheduledBy,
    ...times(world, booking),
    rating: null,
    icsUid: booking.iCalUID,
    attendees: booking.attendees.map((attendee) => ({
      ...attendeeView(attendee),
      seatUid: attendee.seat?.uid ?? '',
      bookingFieldsResponses: attendee.seat?.responses ?? {},
      metadata: attendee.seat?.metadata ?? {},
    })),
  };
}

function head(world: World, booking: BookingRow): Record<string, unknown> {
  const host = organizerOf(world, booking);
  return {
    id: booking.id,
    uid: booking.uid,
    title: booking.title,
    description: booking.description,
    hosts: [{ id: host.id, name: host.name, email: host.email, username: host.username, timeZone: host.timeZone }],
    status: booking.status.toLowerCase(),
  };
}

function times(world: World, booking: BookingRow): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  return {
    start: isoMs(booking.startTime),
    end: isoMs(booking.endTime),
    duration: (booking.endTime - booking.startTime) / MINUTE,
    eventTypeId: eventType?.id ?? null,
    eventType: eventType ? { id: eventType.id, slug: eventType.slug } : null,
    // Always a copy of the location, even of a street address or a phone number (MEASURED 061).
    meetingUrl: booking.location,
    location: booking.location,
    absentHost: booking.absentHost,
    createdAt: isoMs(booking.createdAt),
    updatedAt: isoMs(booking.updatedAt),
  };
}

function attendeeView(attendee: AttendeeRow): Record<string, unknown> {
  return {
    name: attendee.name,
    email: attendee.email,
    timeZone: attendee.timeZone,
    language: attendee.locale,
    absent: attendee.noShow,
    ...(attendee.phoneNumber !== null && { phoneNumber: attendee.phoneNumber }),
  };
}

const guests = ({ responses }: BookingRow): Record<string, unknown> =>
  responses?.['guests'] === undefined ? {} : { guests: responses['guests'] };

const reschedulingReason = ({ responses }: BookingRow): Record<string, unknown> =>
  responses?.['rescheduledReason'] === undefined ? {} : { reschedulingReason: responses['rescheduledReason'] };

function responsesView({ email, name, guests: guestList, ...others }: FieldResponses): FieldResponses {
  return { email, name, ...(guestList !== undefined && { guests: guestList }), ...others };
}
