/** Organizer and attendees as webhooks write them; each builder upstream lists the same facts in another order. */
import { offsetMinutes } from '../engine/instant.ts';
import type { AttendeeRow, UserRow } from '../engine/records.ts';

const timeFormat = (user: UserRow): string => (user.timeFormat === 12 ? 'h:mma' : 'HH:mm');

/** While booking (002). */
export function organizerAtBooking(user: UserRow, at: number): Record<string, unknown> {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    username: user.username,
    timeZone: user.timeZone,
    language: { locale: 'en' },
    timeFormat: timeFormat(user),
    utcOffset: offsetMinutes(at, user.timeZone),
  };
}

/** On cancellation (035). */
export function organizerAtCancel(user: UserRow, at: number): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    email: user.email,
    name: user.name,
    timeZone: user.timeZone,
    timeFormat: timeFormat(user),
    language: { locale: 'en' },
    utcOffset: offsetMinutes(at, user.timeZone),
  };
}

/** On approval and refusal (044, 046). */
export function organizerAtApproval(user: UserRow, at: number): Record<string, unknown> {
  const { id, email, name, username, ...rest } = organizerAtCancel(user, at);
  return { id, email, name, username, ...rest };
}

/** While booking: names in parts (empty, as the name was given as one text). */
export function attendeeAtBooking(attendee: AttendeeRow, at: number): Record<string, unknown> {
  return {
    email: attendee.email,
    name: attendee.name,
    ...(attendee.phoneNumber !== null && { phoneNumber: attendee.phoneNumber }),
    firstName: '',
    lastName: '',
    timeZone: attendee.timeZone,
    language: { locale: attendee.locale },
    utcOffset: offsetMinutes(at, attendee.timeZone),
  };
}

/** Read back from the database. */
export function attendeeFromRow(attendee: AttendeeRow, at: number): Record<string, unknown> {
  return {
    name: attendee.name,
    email: attendee.email,
    timeZone: attendee.timeZone,
    phoneNumber: attendee.phoneNumber,
    language: { locale: attendee.locale },
    utcOffset: offsetMinutes(at, attendee.timeZone),
  };
}

/** The whole database row, as MEETING_* and a removed seat show it. */
export function attendeeRow(attendee: AttendeeRow, bookingId: number): Record<string, unknown> {
  return {
    id: attendee.id,
    email: attendee.email,
    name: attendee.name,
    timeZone: attendee.timeZone,
    phoneNumber: attendee.phoneNumber,
    locale: attendee.locale,
    bookingId,
    noShow: attendee.noShow,
  };
}
