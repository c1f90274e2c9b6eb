/** A booking as API version 2024-04-15 shows it, which is what a missing header silently gives (097, 106). */
import { isoMs } from '../../engine/instant.ts';
import type { BookingRow, BookingState } from '../../engine/records.ts';
import { eventTypeOf, organizerOf, seriesOf, type World } from '../../engine/world.ts';
import { attendeeRow } from '../../webhooks/people.ts';
import { recurringEventOf } from './legacy-event-type-view.ts';

const fullMetadata = (booking: BookingRow): Record<string, unknown> => ({
  ...(booking.videoCallUrl !== null && { videoCallUrl: booking.videoCallUrl }),
  ...booking.metadata,
});

/** `GET /v2/bookings/:uid`. */
export function legacyBookingView(world: World, booking: BookingRow): Record<string, unknown> {
  const host = organizerOf(world, booking);
  const eventType = eventTypeOf(world, booking);
  return {
    title: booking.title,
    id: booking.id,
    uid: booking.uid,
    description: booking.description,
    customInputs: {},
    smsReminderNumber: null,
    recurringEventId: booking.recurringEventId,
    startTime: isoMs(booking.startTime),
    endTime: isoMs(booking.endTime),
    location: booking.location,
    status: booking.status,
    metadata: fullMetadata(booking),
    cancellationReason: booking.cancellationReason,
    cancelledBy: booking.cancelledBy,
    responses: booking.responses,
    rejectionReason: booking.rejectionReason,
    userPrimaryEmail: host.email,
    fromReschedule: booking.fromReschedule,
    rescheduled: booking.rescheduled ? true : null,
    rescheduledBy: booking.rescheduledBy,
    user: { id: host.id, name: host.name, email: host.email, username: host.username, timeZone: host.timeZone, avatarUrl: null },
    attendees: booking.attendees.map(({ name, email, timeZone, phoneNumber }) => ({ name, email, timeZone, phoneNumber })),
    eventTypeId: booking.eventTypeId,
    eventType: eventType
      ? { eventName: null, slug: eventType.slug, timeZone: null, schedulingType: null, hideOrganizerEmail: false }
      : null,
    seatsReferences: seatReferences(booking),
    tracking: null,
  };
}

/** One item of `data.bookings[]`. */
export function legacyBookingListItem(world: World, booking: BookingRow): Record<string, unknown> {
  const host = organizerOf(world, booking);
  const eventType = eventTypeOf(world, booking);
  return {
    id: booking.id,
    title: booking.title,
    userPrimaryEmail: host.email,
    description: booking.description,
    customInputs: {},
    startTime: isoMs(booking.startTime),
    createdAt: isoMs(booking.createdAt),
    updatedAt: isoMs(booking.updatedAt),
    endTime: isoMs(booking.endTime),
    metadata: fullMetadata(booking),
    uid: booking.uid,
    responses: booking.responses,
    recurringEventId: booking.recurringEventId,
    location: booking.location,
    status: booking.status,
    paid: booking.paid,
    fromReschedule: booking.fromReschedule,
    rescheduled: booking.rescheduled ? true : null,
    isRecorded: false,
    routedFromRoutingFormReponse: null,
    eventType: eventType && {
      slug: eventType.slug,
      id: eventType.id,
      title: eventType.title,
      eventName: null,
      price: eventType.price,
      recurringEvent: recurringEventOf(eventType),
      currency: eventType.currency,
      metadata: eventType.lengthOptions ? { multipleDuration: eventType.lengthOptions } : {},
      disableGuests: eventType.disableGuests,
      seatsShowAttendees: eventType.seats?.showAttendeeInfo ?? false,
      seatsShowAvailabilityCount: eventType.seats?.showAvailabilityCount ?? true,
      eventTypeColor: null,
      customReplyToEmail: null,
      allowReschedulingPastBookings: false,
      hideOrganizerEmail: false,
      disableCancelling: false,
      disableRescheduling: false,
      schedulingType: null,
      hosts: [],
      length: eventType.length,
      team: null,
      hostGroups: [],
    },
    references: booking.location.startsWith('integrations:') ? [conferenceReference(booking)] : [],
    payment: [],
    user: { id: host.id, name: host.name, email: host.email },
    attendees: booking.attendees.map((attendee) => attendeeRow(attendee, booking.id)),
    seatsReferences: seatReferences(booking),
    assignmentReason: [],
    rescheduler: null,
  };
}

const STATES: BookingState[] = ['ACCEPTED', 'CANCELLED', 'REJECTED', 'PENDING', 'AWAITING_HOST'];

/** `data.recurringInfo[]`: the starts of each series by status. */
export function recurringInfo(world: World, bookings: BookingRow[]): Record<string, unknown>[] {
  const ids = new Set(bookings.flatMap((booking) => booking.recurringEventId ?? []));
  return [...ids].map((recurringEventId) => {
    const series = seriesOf(world, recurringEventId);
    return {
      recurringEventId,
      count: series.length,
      firstDate: isoMs(series[0]?.startTime ?? 0),
      bookings: Object.fromEntries(
        STATES.map((state) => [state, series.filter((row) => row.status === state).map((row) => isoMs(row.startTime))]),
      ),
    };
  });
}

const seatReferences = (booking: BookingRow): unknown[] =>
  booking.attendees.flatMap((attendee) => (attendee.seat ? [{ referenceUid: attendee.seat.uid, attendee: null }] : []));

const conferenceReference = (booking: BookingRow): Record<string, unknown> => ({
  id: booking.id,
  type: 'daily_video',
  uid: '',
  bookingId: booking.id,
  meetingId: null,
  meetingPassword: null,
  meetingUrl: null,
  deleted: null,
  externalCalendarId: null,
  credentialId: null,
  thirdPartyRecurringEventId: null,
  domainWideDelegationCredentialId: null,
  delegationCredentialId: null,
});
