/** Payloads built from the database later on: cancelled (035, 038, 065), approved (044), refused (046), request to reschedule, paid, absent. */
import { isoMs, isoOffset, offsetMinutes } from '../engine/instant.ts';
import type { AttendeeRow, BookingRow, FieldResponses } from '../engine/records.ts';
import { eventTypeOf, organizerOf, type World } from '../engine/world.ts';
import { FREQUENCY } from './booked-payload.ts';
import { attendeeFromRow, attendeeRow, organizerAtApproval, organizerAtCancel } from './people.ts';
import { labelledResponses, userFieldsResponses } from './responses.ts';

export interface CancelledPayloadOptions {
  reason: string | null;
  cancelledBy: string | null;
  /** The whole rest of a series at once, by the series' id: the only case that carries `recurringEvent`. */
  wholeSeries?: boolean;
  /** One seat was given up; the booking goes on. */
  seat?: AttendeeRow;
}

/** `length` is the event type's default even when the booking was longer (MEASURED 138). */
export function cancelledPayload(world: World, booking: BookingRow, options: CancelledPayloadOptions): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  const responses = storedResponses(booking);
  const seated = eventType?.seats ?? null;
  const notes = seated ? null : notesOf(responses);
  const labelled = labelledResponses(eventType, responses, null);
  if (seated && labelled['location']) labelled['location'].value = { optionValue: booking.location, value: booking.location };
  return {
    bookerUrl: world.bookerUrl,
    title: booking.title,
    length: eventType?.length ?? null,
    type: eventType?.slug ?? '',
    additionalNotes: notes,
    description: notes,
    customInputs: {},
    eventTypeId: booking.eventTypeId,
    userFieldsResponses: userFieldsResponses(eventType, responses),
    responses: labelled,
    startTime: isoOffset(booking.startTime),
    endTime: isoOffset(booking.endTime),
    organizer: organizerAtCancel(organizerOf(world, booking), booking.startTime),
    attendees: options.seat
      ? [
          {
            ...attendeeRow(options.seat, booking.id),
            language: { locale: options.seat.locale },
            utcOffset: offsetMinutes(booking.startTime, options.seat.timeZone),
          },
        ]
      : booking.attendees.map((attendee) => attendeeFromRow(attendee, booking.startTime)),
    uid: booking.uid,
    bookingId: booking.id,
    ...(options.wholeSeries &&
      eventType?.recurrence && {
        recurringEvent: {
          freq: FREQUENCY[eventType.recurrence.frequency],
          count: eventType.recurrence.occurrences,
          interval: eventType.recurrence.interval,
        },
      }),
    location: booking.location,
    destinationCalendar: [],
    ...(options.reason !== null && { cancellationReason: options.reason }),
    seatsPerTimeSlot: seated?.seatsPerTimeSlot ?? null,
    seatsShowAttendees: seated?.showAttendeeInfo ?? false,
    iCalUID: booking.iCalUID,
    iCalSequence: 1,
    hideOrganizerEmail: false,
    customReplyToEmail: null,
    eventTitle: eventType?.title ?? '',
    eventDescription: eventType?.description || null,
    requiresConfirmation: null,
    price: null,
    currency: eventType?.currency ?? 'usd',
    status: 'CANCELLED',
    ...(options.cancelledBy !== null && { cancelledBy: options.cancelledBy }),
  };
}

/** BOOKING_CREATED after approval and BOOKING_REJECTED: times with milliseconds, no iCalUID; our metadata is lost (MEASURED "Webhooks"). */
export function decidedPayload(
  world: World,
  booking: BookingRow,
  decision: 'ACCEPTED' | 'REJECTED',
  reason?: string,
): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  const responses = storedResponses(booking);
  return {
    type: eventType?.slug ?? '',
    title: booking.title,
    bookerUrl: world.bookerUrl,
    userFieldsResponses: userFieldsResponses(eventType, responses),
    responses: labelledResponses(eventType, responses, null),
    customInputs: {},
    startTime: isoMs(booking.startTime),
    endTime: isoMs(booking.endTime),
    organizer: organizerAtApproval(organizerOf(world, booking), booking.startTime),
    attendees: booking.attendees.map((attendee) => attendeeFromRow(attendee, booking.startTime)),
    location: booking.location,
    uid: booking.uid,
    destinationCalendar: [],
    requiresConfirmation: eventType?.requiresConfirmation ?? true,
    hideOrganizerEmail: false,
    eventTypeId: booking.eventTypeId,
    customReplyToEmail: null,
    ...(decision === 'REJECTED' && reason !== undefined && { rejectionReason: reason }),
    eventTitle: eventType?.title ?? '',
    eventDescription: eventType?.description || null,
    price: eventType?.price ?? 0,
    currency: eventType?.currency ?? 'usd',
    length: eventType?.length ?? null,
    bookingId: booking.id,
    status: decision,
    ...(decision === 'ACCEPTED' && { metadata: booking.videoCallUrl === null ? {} : { videoCallUrl: booking.videoCallUrl } }),
  };
}

/** BOOKING_CANCELLED when the host asks the patient to choose another time: reduced, without `status` and `eventTypeId` (CONTRACT 8). */
export function requestReschedulePayload(world: World, booking: BookingRow, reason: string): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  const organizer = organizerOf(world, booking);
  const responses = storedResponses(booking);
  return {
    bookingId: booking.id,
    type: eventType?.slug ?? '',
    title: booking.title,
    customInputs: {},
    responses: labelledResponses(eventType, responses, null),
    userFieldsResponses: userFieldsResponses(eventType, responses),
    startTime: isoOffset(booking.startTime),
    endTime: isoOffset(booking.endTime),
    organizer: {
      email: organizer.email,
      name: organizer.name,
      username: organizer.username,
      language: { locale: 'en' },
      timeZone: organizer.timeZone,
      utcOffset: offsetMinutes(booking.startTime, organizer.timeZone),
    },
    attendees: booking.attendees.map((attendee) => ({
      email: attendee.email,
      name: attendee.name,
      username: '',
      language: { locale: attendee.locale },
      timeZone: attendee.timeZone,
      phoneNumber: attendee.phoneNumber,
      utcOffset: offsetMinutes(booking.startTime, attendee.timeZone),
    })),
    uid: booking.uid,
    location: booking.location,
    destinationCalendar: [],
    iCalUID: booking.iCalUID,
    cancelledBy: organizer.email,
    cancellationReason: `Please reschedule. ${reason}`,
  };
}

/** BOOKING_PAID, sent right after the BOOKING_CREATED that the payment released. */
export function paidPayload(
  world: World,
  booking: BookingRow,
  payment: { id: number; price: number; currency: string },
): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  const { email, name, timeZone, timeFormat, language, id, utcOffset } = organizerAtCancel(organizerOf(world, booking), booking.startTime);
  const responses = storedResponses(booking);
  return {
    type: eventType?.slug ?? '',
    title: booking.title,
    bookerUrl: world.bookerUrl,
    startTime: isoMs(booking.startTime),
    endTime: isoMs(booking.endTime),
    customInputs: {},
    userFieldsResponses: userFieldsResponses(eventType, responses),
    responses: labelledResponses(eventType, responses, null),
    organizer: { email, name, timeZone, timeFormat, language, id, utcOffset },
    hideOrganizerEmail: false,
    attendees: booking.attendees.map((attendee) => {
      const { phoneNumber: _phoneNumber, ...rest } = attendeeFromRow(attendee, booking.startTime);
      return rest;
    }),
    location: booking.location,
    uid: booking.uid,
    destinationCalendar: [],
    recurringEvent: null,
    customReplyToEmail: null,
    eventTitle: eventType?.title ?? '',
    eventDescription: eventType?.description || null,
    requiresConfirmation: null,
    price: payment.price,
    currency: payment.currency,
    length: eventType?.length ?? null,
    bookingId: booking.id,
    eventTypeId: booking.eventTypeId,
    status: 'ACCEPTED',
    metadata: {
      identifier: 'cal.com',
      bookingId: booking.id,
      eventTypeId: booking.eventTypeId,
      bookerEmail: booking.attendees[0]?.email ?? '',
      eventTitle: eventType?.title ?? '',
      externalId: `pi_sandbox_${payment.id}`,
    },
    paymentId: payment.id,
  };
}

/** BOOKING_NO_SHOW_UPDATED: `bookingUid`, not `uid` (077). */
export function noShowPayload(booking: BookingRow, changes: { email: string; noShow: boolean }[]): Record<string, unknown> {
  const marked = changes.filter((change) => change.noShow).map((change) => change.email);
  const unmarked = changes.filter((change) => !change.noShow).map((change) => change.email);
  const parts = [
    ...(marked.length > 0 ? [`${marked.join(', ')} marked as no-show`] : []),
    ...(unmarked.length > 0 ? [`${unmarked.join(', ')} unmarked as no-show`] : []),
  ];
  return { message: parts.join('; '), attendees: changes, bookingUid: booking.uid, bookingId: booking.id };
}

/** What the booking remembers of the form; a seated one answers with its first person, the others as guests (065). */
function storedResponses(booking: BookingRow): FieldResponses {
  if (booking.responses) return booking.responses;
  const [first, ...others] = booking.attendees;
  return { name: first?.name ?? '', email: first?.email ?? '', notes: '', guests: others.map((attendee) => attendee.email) };
}

const notesOf = (responses: FieldResponses): string => (typeof responses['notes'] === 'string' ? responses['notes'] : '');
