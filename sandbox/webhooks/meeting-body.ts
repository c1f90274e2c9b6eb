/**
 * MEETING_STARTED and MEETING_ENDED: flat bodies without envelope, frozen when the booking was made (075).
 * After an approval another query builds them, and the row is shorter.
 */
import { isoMs } from '../engine/instant.ts';
import type { BookingRow } from '../engine/records.ts';
import { eventTypeOf, organizerOf, type World } from '../engine/world.ts';
import { attendeeRow } from './people.ts';
import { labelledResponses, userFieldsResponses } from './responses.ts';

export function meetingBody(world: World, booking: BookingRow, afterApproval: boolean): Record<string, unknown> {
  return afterApproval ? approvedBody(world, booking) : bookedBody(world, booking);
}

function bookedBody(world: World, booking: BookingRow): Record<string, unknown> {
  const organizer = organizerOf(world, booking);
  return {
    id: booking.id,
    uid: booking.uid,
    idempotencyKey: booking.idempotencyKey,
    userId: booking.userId,
    userPrimaryEmail: organizer.email,
    eventTypeId: booking.eventTypeId,
    title: booking.title,
    description: booking.description,
    customInputs: {},
    responses: labelledResponses(eventTypeOf(world, booking), booking.responses ?? {}, {
      location: booking.location,
      phoneNumber: booking.attendees[0]?.phoneNumber ?? null,
    }),
    startTime: isoMs(booking.startTime),
    endTime: isoMs(booking.endTime),
    location: booking.location,
    createdAt: isoMs(booking.createdAt),
    updatedAt: isoMs(booking.createdAt),
    status: booking.status,
    paid: booking.paid,
    destinationCalendarId: null,
    cancellationReason: null,
    rejectionReason: null,
    reassignReason: null,
    reassignById: null,
    dynamicEventSlugRef: null,
    dynamicGroupSlugRef: null,
    rescheduled: null,
    fromReschedule: booking.fromReschedule,
    recurringEventId: booking.recurringEventId,
    smsReminderNumber: null,
    scheduledJobs: [],
    metadata: booking.metadata,
    isRecorded: false,
    iCalUID: booking.iCalUID,
    iCalSequence: 0,
    rating: null,
    ratingFeedback: null,
    noShowHost: booking.absentHost,
    oneTimePassword: null,
    cancelledBy: null,
    rescheduledBy: null,
    creationSource: 'API_V2',
    user: { email: organizer.email, name: organizer.name, timeZone: organizer.timeZone, username: organizer.username },
    attendees: booking.attendees.map((attendee) => attendeeRow(attendee, booking.id)),
    payment: [],
    references: [],
  };
}

function approvedBody(world: World, booking: BookingRow): Record<string, unknown> {
  const eventType = eventTypeOf(world, booking);
  const responses = booking.responses ?? {};
  return {
    eventType: { slug: eventType?.slug ?? '', bookingFields: [], schedulingType: null, owner: { hideBranding: false }, hosts: [] },
    uid: booking.uid,
    startTime: isoMs(booking.startTime),
    responses: labelledResponses(eventType, responses, null),
    title: booking.title,
    metadata: { ...(booking.videoCallUrl !== null && { videoCallUrl: booking.videoCallUrl }), ...booking.metadata },
    cancellationReason: null,
    endTime: isoMs(booking.endTime),
    smsReminderNumber: null,
    description: booking.description,
    attendees: booking.attendees.map((attendee) => attendeeRow(attendee, booking.id)),
    location: booking.location,
    customInputs: {},
    id: booking.id,
    userFieldsResponses: userFieldsResponses(eventType, responses),
  };
}
