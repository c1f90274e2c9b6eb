/** The booking as webhooks show it: what the payload says, field by field, and what each variant of it has lost. */
import { bookingUid, type BookingUid } from '../kernel/ids.ts';
import type { BookingAttendee, BookingHost, BookingObservation } from './booking.ts';
import { ourMetadata, reasonFrom, splitGuests } from './booking-words.ts';
import type { BookingPayload, WebhookAttendee } from './webhook-contract.ts';
import type { Origin } from './webhook-saying.ts';

/** Everything the usual payload says, without status and chain. `length` is never read: CANCELLED shows the type's default (138). */
export function whole(booking: BookingPayload, origin: Origin): BookingObservation {
  const listed = stringsIn(booking.responses?.guests?.value).concat(booking.guests ?? []);
  const people = booking.attendees === undefined ? undefined : splitGuests(booking.attendees.map(attendeeOf), listed);
  return {
    ...origin,
    uid: bookingUid(booking.uid),
    ...said('bookingId', booking.bookingId),
    ...said('startsAt', booking.startTime),
    ...said('endsAt', booking.endTime),
    ...said('eventTypeId', booking.eventTypeId),
    ...said('eventTypeSlug', booking.type),
    ...said('title', booking.title),
    ...said('description', booking.additionalNotes),
    ...said('reason', booking.responses === undefined ? undefined : reasonFrom(answersIn(booking.responses))),
    ...said('reschedulingReason', textIn(booking.responses?.rescheduleReason?.value)),
    ...said('location', booking.location),
    ...said('metadata', booking.metadata === undefined ? undefined : ourMetadata(booking.metadata)),
    ...said('hosts', hostsOf(booking)),
    ...said('attendees', people?.attendees),
    ...said('guests', people?.guests),
    ...said('icsUid', booking.iCalUID),
    seated: false,
  };
}

/** `integrations:daily` and its like once had become a link; falling back to the raw word would undo that. */
export function withoutRawLocation(said: BookingObservation): BookingObservation {
  if (said.location === undefined || (said.location !== null && !said.location.startsWith('integrations:'))) return said;
  const { location: _location, ...kept } = said;
  return kept;
}

export function isSeated(booking: BookingPayload): boolean {
  return booking.seatsPerTimeSlot !== undefined || booking.attendeeSeatId !== undefined;
}

export function seriesOf(booking: BookingPayload): BookingUid | null {
  return booking.recurringEvent === undefined ? null : bookingUid(booking.uid);
}

export function organizerHasId(booking: BookingPayload): boolean {
  return booking.organizer?.id !== undefined;
}

export function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** `{ key: value }`, or nothing when the source did not say. */
export function said<Key extends keyof BookingObservation>(
  key: Key,
  value: BookingObservation[Key] | undefined,
): Partial<BookingObservation> {
  return value === undefined ? {} : { [key]: value };
}

function hostsOf(booking: BookingPayload): BookingHost[] | undefined {
  if (booking.organizer === undefined) return undefined;
  const organizer = booking.organizer;
  const others = (booking.team?.members ?? []).filter((member) => member.id !== undefined && member.id !== organizer.id);
  return [organizer, ...others].map((host) => ({
    calcomUserId: host.id ?? null,
    name: host.name ?? '',
    email: host.email?.toLowerCase() ?? null,
    timeZone: host.timeZone ?? null,
  }));
}

function attendeeOf(attendee: WebhookAttendee): BookingAttendee {
  return {
    seatUid: null,
    name: attendee.name ?? '',
    email: attendee.email?.toLowerCase() ?? null,
    phone: textOrNull(attendee.phoneNumber),
    timeZone: attendee.timeZone ?? 'UTC',
    locale: attendee.language?.locale ?? attendee.locale ?? null,
  };
}

function answersIn(responses: NonNullable<BookingPayload['responses']>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(responses).map(([slug, answer]) => [slug, answer.value]));
}

function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
