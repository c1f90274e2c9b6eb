/** An API answer about a booking as an observation: everything, as of when the request was sent (CONTRACT 4). */
import { bookingUid } from '../kernel/ids.ts';
import type { BookingAttendee, BookingHost, BookingObservation, BookingStatus } from './booking.ts';
import { ourMetadata, reasonFrom, splitGuests } from './booking-words.ts';
import type { UpstreamBooking } from './rest-contract.ts';

/** As it comes: only what a booking cannot be without is certain to be there. */
export type ReadBooking = Pick<UpstreamBooking, 'uid' | 'start' | 'end'> & {
  [Key in keyof UpstreamBooking]?: UpstreamBooking[Key] | undefined;
};
type ReadAttendee = UpstreamBooking['attendees'][number];

/** `observedAt`: Unix ms of our clock when the request was sent; the answer is not older than that. */
export function observationFromApi(booking: ReadBooking, observedAt: number): BookingObservation {
  const series = booking.recurringBookingUid ?? null;
  const seated = isSeated(booking);
  const present = booking.attendees ?? [];
  const people = seated ? { attendees: present.map(seatOf), guests: [] } : splitGuests(present.map(attendeeOf), booking.guests ?? []);
  const status = statusOf(booking);
  const observation: BookingObservation = {
    source: 'API',
    uid: bookingUid(booking.uid),
    observedAt,
    upstreamAt: booking.updatedAt ?? null,
    bookingId: booking.id,
    startsAt: booking.start,
    endsAt: booking.end,
    eventTypeId: booking.eventType?.id ?? booking.eventTypeId ?? null,
    eventTypeSlug: booking.eventType?.slug ?? null,
    title: booking.title,
    description: booking.description ?? null,
    location: booking.location ?? null,
    cancellationReason: booking.cancellationReason ?? null,
    reschedulingReason: booking.reschedulingReason ?? null,
    seated,
    seriesId: series,
    icsUid: booking.icsUid ?? null,
    createdAt: booking.createdAt,
  };
  if (status !== undefined) observation.status = status;
  if (booking.hosts !== undefined) observation.hosts = hostsOf(booking.hosts);
  if (booking.attendees !== undefined) Object.assign(observation, people);
  if (!seated) {
    observation.reason = reasonFrom(booking.bookingFieldsResponses ?? {});
    observation.metadata = ourMetadata(booking.metadata ?? {});
  }
  // Objects of a series never say that they were moved, so their silence means nothing.
  if (series === null || hasText(booking.rescheduledToUid)) observation.rescheduledToUid = uidOrNull(booking.rescheduledToUid);
  if (series === null || hasText(booking.rescheduledFromUid)) observation.rescheduledFromUid = uidOrNull(booking.rescheduledFromUid);
  return observation;
}

/** A seated booking has its answers and metadata per attendee; once all seats are cancelled that is all that shows it (223). */
function isSeated(booking: ReadBooking): boolean {
  if (hasText(booking.seatUid) || booking.attendees?.some((one) => hasText(one.seatUid)) === true) return true;
  return booking.bookingFieldsResponses === undefined && booking.metadata === undefined;
}

const STATUSES = new Set(['accepted', 'pending', 'awaiting_host', 'rejected', 'cancelled']);

export function isKnownStatus(status: string): boolean {
  return STATUSES.has(status.toLowerCase());
}

/** SCHEMA "Status from Cal.com"; undefined for a word that we do not know. */
function statusOf(booking: ReadBooking): BookingStatus | undefined {
  switch (booking.status?.toLowerCase()) {
    case 'accepted':
      return 'CONFIRMED';
    case 'pending':
    case 'awaiting_host':
      return 'REQUESTED';
    case 'rejected':
      return 'DECLINED';
    case 'cancelled':
      return hasText(booking.rescheduledToUid) ? 'MOVED' : 'CANCELLED';
    default:
      return undefined;
  }
}

function hostsOf(hosts: UpstreamBooking['hosts']): BookingHost[] {
  return hosts
    .filter((host) => host.id !== 'unknown')
    .map((host) => ({
      calcomUserId: typeof host.id === 'number' ? host.id : null,
      name: host.name ?? '',
      email: host.email?.toLowerCase() ?? null,
      timeZone: host.timeZone ?? null,
    }));
}

function attendeeOf(attendee: ReadAttendee): BookingAttendee {
  return {
    seatUid: attendee.seatUid ?? null,
    name: attendee.name,
    email: attendee.email?.toLowerCase() ?? null,
    phone: attendee.phoneNumber ?? null,
    timeZone: attendee.timeZone,
    locale: attendee.language ?? null,
    absent: attendee.absent ?? false,
  };
}

function seatOf(attendee: ReadAttendee): BookingAttendee {
  return { ...attendeeOf(attendee), metadata: ourMetadata(attendee.metadata ?? {}) };
}

function hasText(value: string | null | undefined): value is string {
  return value !== undefined && value !== null && value !== '';
}

function uidOrNull(value: string | null | undefined) {
  return hasText(value) ? bookingUid(value) : null;
}
