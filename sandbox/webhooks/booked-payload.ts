/**
 * The payload built while booking: BOOKING_CREATED, BOOKING_REQUESTED, BOOKING_RESCHEDULED and BOOKING_PAYMENT_INITIATED.
 * Key order as recorded (002, 019, 025, 027, 029, 033, 050).
 */
import { MINUTE, isoSeconds } from '../engine/instant.ts';
import type { AttendeeRow, BookingRow, FieldResponses } from '../engine/records.ts';
import { eventTypeOf, organizerOf, type World } from '../engine/world.ts';
import { attendeeAtBooking, organizerAtBooking } from './people.ts';
import { labelledResponses, userFieldsResponses } from './responses.ts';

export interface BookedPayloadOptions {
  /** The booking that this one replaces. */
  replaces?: BookingRow;
  /** One seat: only its person is named. `joins`: the group existed before (027 has another order than 025). */
  seat?: { attendee: AttendeeRow; iCalUID: string; joins: boolean; title: string };
  /** A seat that changed its group: `rescheduleUid` is the group's, there is no `rescheduleId` (MEASURED "Bookings"). */
  seatMovedFrom?: BookingRow;
  payment?: { id: number; price: number; currency: string };
}

export function bookedPayload(world: World, booking: BookingRow, options: BookedPayloadOptions = {}): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  const { replaces, seat, seatMovedFrom, payment } = options;
  const attendees = seat ? [seat.attendee] : booking.attendees;
  const responses: FieldResponses = seat
    ? { email: seat.attendee.email, ...seat.attendee.seat?.responses, guests: [] }
    : (booking.responses ?? {});
  const notes = typeof responses['notes'] === 'string' ? responses['notes'] : '';
  const rescheduling = replaces !== undefined || seatMovedFrom !== undefined;
  const metadata = seat?.attendee.seat?.metadata ?? booking.metadata;
  const uidBlock = { uid: booking.uid };
  const seatBlock = seat ? { attendeeSeatId: seat.attendee.seat?.uid } : {};

  return {
    bookerUrl: world.bookerUrl,
    title: seat?.title ?? booking.title,
    startTime: isoSeconds(booking.startTime),
    endTime: isoSeconds(booking.endTime),
    additionalNotes: notes,
    type: eventType?.slug ?? '',
    description: notes,
    eventTypeId: booking.eventTypeId,
    hideCalendarNotes: false,
    hideCalendarEventDetails: false,
    hideOrganizerEmail: false,
    schedulingType: null,
    seatsPerTimeSlot: eventType?.seats?.seatsPerTimeSlot ?? null,
    seatsShowAttendees: eventType?.seats?.showAttendeeInfo ?? true,
    seatsShowAvailabilityCount: eventType?.seats?.showAvailabilityCount ?? true,
    customReplyToEmail: null,
    disableRescheduling: false,
    disableCancelling: false,
    organizer: organizerAtBooking(organizerOf(world, booking), booking.startTime),
    attendees: attendees.map((attendee) => attendeeAtBooking(attendee, booking.startTime)),
    customInputs: {},
    responses: labelledResponses(eventType, responses, {
      location: booking.location,
      phoneNumber: attendees[0]?.phoneNumber ?? null,
    }),
    userFieldsResponses: userFieldsResponses(eventType, responses),
    location: booking.location,
    destinationCalendar: null,
    ...(!rescheduling && { iCalUID: seat?.iCalUID ?? booking.iCalUID }),
    iCalSequence: rescheduling ? 1 : 0,
    requiresConfirmation: eventType?.requiresConfirmation ?? false,
    oneTimePassword: booking.oneTimePassword,
    ...(booking.recurringEventId !== null &&
      eventType?.recurrence && {
        recurringEvent: { freq: FREQUENCY[eventType.recurrence.frequency], interval: eventType.recurrence.interval },
      }),
    ...(!seat?.joins && { ...uidBlock, ...seatBlock }),
    ...(booking.location.startsWith('integrations:') && { conferenceData: { createRequest: { requestId: CONFERENCE_REQUEST } } }),
    ...(rescheduling && { appsStatus: [] }),
    eventTitle: eventType?.title ?? '',
    eventDescription: eventType?.description || null,
    price: payment?.price ?? eventType?.price ?? 0,
    currency: payment?.currency ?? eventType?.currency ?? 'usd',
    length: (booking.endTime - booking.startTime) / MINUTE,
    ...(seat?.joins && uidBlock),
    bookingId: booking.id,
    ...(seat?.joins && seatBlock),
    ...(replaces && {
      rescheduleId: replaces.id,
      rescheduleUid: replaces.uid,
      rescheduleStartTime: isoSeconds(replaces.startTime),
      rescheduleEndTime: isoSeconds(replaces.endTime),
    }),
    ...(seatMovedFrom && {
      rescheduleUid: seatMovedFrom.uid,
      rescheduleStartTime: isoSeconds(seatMovedFrom.startTime),
      rescheduleEndTime: isoSeconds(seatMovedFrom.endTime),
    }),
    metadata: { ...(booking.videoCallUrl !== null && !payment && { videoCallUrl: booking.videoCallUrl }), ...metadata },
    // The payment webhook says ACCEPTED although the booking waits for the money (CONTRACT 8).
    status: payment ? 'ACCEPTED' : booking.status,
    ...(payment && { paymentId: payment.id }),
    ...(booking.rescheduledBy !== null && rescheduling && { rescheduledBy: booking.rescheduledBy }),
  };
}

/** rrule's numbers. */
export const FREQUENCY = { yearly: 0, monthly: 1, weekly: 2 } as const;

/** The same for every booking upstream too: it is derived from a constant. */
const CONFERENCE_REQUEST = '2db644eb-37a5-581a-99fa-ebe6ce513834';
