/** A booking of an API answer, read as far as it can be. What it is about and when it is has to be there; the rest may be odd. */
import type { BookingObservation } from './booking.ts';
import { bookingAttendeeFieldNames, bookingFieldNames, bookingHostFieldNames } from './known-fields.ts';
import { type Oddity, oddity, pathOf } from './oddity.ts';
import { isKnownStatus, observationFromApi } from './rest-booking.ts';
import { booking } from './rest-contract.ts';
import { once, tolerant, unknownFields, unreadValues } from './tolerant.ts';

export interface BookingReading {
  /** Null: uid or instants are missing. */
  observation: BookingObservation | null;
  /** Of the person just booked, on a seated booking. */
  seatUid: string | null;
  oddities: Oddity[];
  /** Paths and codes of what makes it unreadable. */
  problem: string | null;
}

const bookingAsItComes = tolerant(booking, ['uid', 'start', 'end']);

/** Never throws. `observedAt`: Unix ms of our clock when the request was sent. */
export function readBooking(json: unknown, observedAt: number): BookingReading {
  const read = bookingAsItComes.safeParse(json);
  if (!read.success) {
    const where = read.error.issues.slice(0, 3);
    return {
      observation: null,
      seatUid: null,
      oddities: where.map((issue) => oddity('UNREADABLE', pathOf('booking', issue.path))),
      problem: where.map((issue) => `${issue.path.map(String).join('.')}: ${issue.code}`).join(', '),
    };
  }
  const raw = json as Record<string, unknown>;
  const { data } = read;
  const unread = unreadValues('booking', raw, data, true);
  const observation = observationFromApi(data, observedAt);
  // What was said and could not be read is not "empty": it leaves what is known.
  for (const key of Object.keys(raw)) if (isUnread(raw[key], data[key as keyof typeof data])) unsay(observation, key);
  const status = data.status;
  return {
    observation,
    seatUid: data.seatUid ?? null,
    oddities: once([
      ...unread,
      ...unknownFields('booking', raw, bookingFieldNames),
      ...each(raw['attendees'], (one) => unknownFields('booking.attendees[]', one, bookingAttendeeFieldNames)),
      ...each(raw['hosts'], (one) => unknownFields('booking.hosts[]', one, bookingHostFieldNames)),
      ...(status === undefined || isKnownStatus(status) ? [] : [oddity('STATUS', status)]),
    ]),
    problem: null,
  };
}

function isUnread(said: unknown, read: unknown): boolean {
  return said !== undefined && (read === undefined || (read === null && said !== null));
}

/** What a field of Cal.com's would have told. */
const TELLS: Record<string, readonly (keyof BookingObservation)[]> = {
  id: ['bookingId'],
  title: ['title'],
  description: ['description'],
  attendees: ['seated'],
  guests: ['guests'],
  eventType: ['eventTypeId', 'eventTypeSlug'],
  eventTypeId: [],
  location: ['location'],
  cancellationReason: ['cancellationReason'],
  reschedulingReason: ['reschedulingReason'],
  rescheduledFromUid: ['rescheduledFromUid'],
  // A cancelled booking is a moved one when it names another: without knowing that its status is not known either.
  rescheduledToUid: ['rescheduledToUid', 'status'],
  recurringBookingUid: ['seriesId', 'rescheduledFromUid', 'rescheduledToUid'],
  seatUid: ['seated'],
  icsUid: ['icsUid'],
  createdAt: ['createdAt'],
  bookingFieldsResponses: ['reason'],
  metadata: ['metadata'],
};

function unsay(observation: BookingObservation, field: string): void {
  for (const key of TELLS[field] ?? []) delete observation[key];
}

function each(list: unknown, look: (one: unknown) => Oddity[]): Oddity[] {
  return Array.isArray(list) ? list.flatMap(look) : [];
}
