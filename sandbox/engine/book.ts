/** A new booking: one, a series, or a seat in a group. The row stands before the webhooks go out; the answer comes after them. */
import { Temporal } from 'temporal-polyfill';
import { bookedPayload } from '../webhooks/booked-payload.ts';
import { badRequest, conflict, coreFailure, notFound } from './api-failure.ts';
import { isFree, isWithinWindow, seatedBookingAt } from './availability.ts';
import { MINUTE } from './instant.ts';
import { bookingLocation, type LocationInput, videoUrlOf } from './location.ts';
import { scheduleMeetingTriggers } from './meeting-triggers.ts';
import type { AttendeeRow, BookingRow, EventTypeRow, FieldResponses, Metadata, Recurrence } from './records.ts';
import type { World } from './world.ts';

export interface Booker {
  name: string;
  email: string;
  phoneNumber: string | null;
  timeZone: string;
  locale: string;
}

export interface BookRequest {
  eventType: EventTypeRow;
  /** Unix ms, whole seconds. */
  start: number;
  booker: Booker;
  guests: string[];
  /** `bookingFieldsResponses` as sent; unknown slugs are kept (093). */
  fields: FieldResponses;
  metadata: Metadata;
  location?: LocationInput | undefined;
  /** Minutes; only for event types with several lengths. */
  length?: number | undefined;
  recurrenceCount?: number | undefined;
}

export type Booked =
  | { kind: 'one'; booking: BookingRow }
  | { kind: 'series'; bookings: BookingRow[] }
  | { kind: 'seat'; booking: BookingRow; seatUid: string };

/** @throws ApiFailure with the recorded texts. */
export async function book(world: World, request: BookRequest): Promise<Booked> {
  const { eventType, start } = request;
  checkFields(request);
  const end = start + checkedLength(request) * MINUTE;
  const location = bookingLocation(eventType, request.location);
  checkBookable(world, eventType, start);
  const group = seatedBookingAt(world, eventType, start);
  if (group) return joinGroup(world, request, group);
  if (!isFree(world, eventType, { start, end })) throw badRequest(NOT_AVAILABLE);
  await world.pause();

  if (!eventType.recurrence) {
    const booking = insertBooking(world, { ...request, end, location, recurringEventId: null });
    const seat = booking.attendees[0]?.seat;
    await announce(world, booking);
    const row = touch(world, booking.uid);
    return seat ? { kind: 'seat', booking: row, seatUid: seat.uid } : { kind: 'one', booking: row };
  }

  // Not recorded; upstream bounds it by the event type as well.
  if ((request.recurrenceCount ?? 1) > eventType.recurrence.occurrences) {
    throw badRequest(`Provided recurrenceCount is greater than the ${eventType.recurrence.occurrences} occurrences of the event type.`);
  }
  const recurringEventId = world.ids.uuid();
  const bookings: BookingRow[] = [];
  for (const at of occurrences(start, eventType.recurrence, request.recurrenceCount, request.booker.timeZone)) {
    const booking = insertBooking(world, { ...request, start: at, end: at + (end - start), location, recurringEventId });
    await announce(world, booking);
    bookings.push(touch(world, booking.uid));
  }
  return { kind: 'series', bookings };
}

export const NOT_AVAILABLE = 'User either already has booking at this time or is not available';
const OUTSIDE_WINDOW =
  'The event type can\'t be booked at the "start" time provided. This could be because it\'s too soon (violating the minimum booking notice) or too far in the future (outside the event\'s scheduling window). Try fetching available slots first using the GET /v2/slots endpoint and then make a booking with "start" time equal to one of the available slots: https://cal.com/docs/api-reference/v2/slots';

export function checkBookable(world: World, eventType: EventTypeRow, start: number): void {
  if (start < world.clock.now()) throw badRequest('Attempting to book a meeting in the past.');
  if (!isWithinWindow(world, eventType, start)) throw badRequest(OUTSIDE_WINDOW);
}

function checkFields({ eventType, fields }: BookRequest): void {
  for (const field of eventType.customFields) {
    if (field.required && (fields[field.slug] === undefined || fields[field.slug] === '')) {
      throw badRequest(
        `Missing required booking field response: ${field.slug} - it is required by the event type booking fields, but missing in the bookingFieldsResponses. You can fetch the event type with ID ${eventType.id} to see the required fields.`,
      );
    }
  }
}

function checkedLength({ eventType, length }: BookRequest): number {
  if (length === undefined) return eventType.length;
  if (!eventType.lengthOptions) {
    throw badRequest(
      "Can't specify 'lengthInMinutes' because event type does not have multiple possible lengths. Please, remove the 'lengthInMinutes' field from the request.",
    );
  }
  if (!eventType.lengthOptions.includes(length)) {
    throw badRequest(
      `Provided 'lengthInMinutes' is not one of the possible lengths for the event type. The possible lengths are: ${eventType.lengthOptions.join(', ')}`,
    );
  }
  return length;
}

/** Starts of a series; steps on the booker's wall clock, so that daylight saving does not move the hour. */
function occurrences(start: number, recurrence: Recurrence, count: number | undefined, timeZone: string): number[] {
  const first = Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(timeZone);
  const unit = { weekly: 'weeks', monthly: 'months', yearly: 'years' } as const;
  return Array.from(
    { length: count ?? recurrence.occurrences },
    (_, index) => first.add({ [unit[recurrence.frequency]]: index * recurrence.interval }).epochMilliseconds,
  );
}

/** A later seat: the same booking, one attendee more; `updatedAt` does not move (MEASURED 088, 089). */
async function joinGroup(world: World, request: BookRequest, group: BookingRow): Promise<Booked> {
  const capacity = request.eventType.seats?.seatsPerTimeSlot ?? 0;
  // Not recorded: the core's own name for the second seat of one person.
  if (group.attendees.some((attendee) => attendee.email === request.booker.email))
    throw coreFailure(409, 'already_signed_up_for_this_booking');
  await world.pause();
  const fresh = world.store.get('bookings', group.uid);
  if (!fresh || fresh.status === 'CANCELLED') throw badRequest(NOT_AVAILABLE);
  if (fresh.attendees.length >= capacity) throw conflict('No more seats left at this seated booking.');
  const attendee = newAttendee(world, request.booker, seatOf(world, request));
  const booking = { ...fresh, attendees: [...fresh.attendees, attendee] };
  world.store.put('bookings', booking);
  world.store.commit();
  await world.notify({
    trigger: booking.status === 'PENDING' ? 'BOOKING_REQUESTED' : 'BOOKING_CREATED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: booking.uid,
    payload: bookedPayload(world, booking, {
      seat: {
        attendee,
        // Each seat is mailed a calendar entry of its own (027).
        iCalUID: `${world.ids.bookingUid()}@Cal.com`,
        joins: true,
        title: titleOf(world, request.eventType, request.booker.name),
      },
    }),
  });
  return { kind: 'seat', booking: world.store.get('bookings', booking.uid) ?? booking, seatUid: attendee.seat?.uid ?? '' };
}

export interface NewBooking extends BookRequest {
  end: number;
  location: string;
  recurringEventId: string | null;
  /** Instant; now when left out. */
  createdAt?: number;
  /** Set by a reschedule. */
  carried?: Pick<BookingRow, 'title' | 'description' | 'iCalUID' | 'fromReschedule' | 'rescheduledBy' | 'responses' | 'videoCallUrl'> & {
    attendees: AttendeeRow[];
    accepted: boolean;
  };
}

/**
 * Writes the row. Two accepted bookings of one host with the same start and end cannot both be written:
 * the loser gets 409 and its id is used up (MEASURED x-concurrent-same-slot).
 */
export function insertBooking(world: World, input: NewBooking): BookingRow {
  const { eventType, booker, carried } = input;
  const uid = world.ids.bookingUid();
  const id = world.store.nextId('booking');
  const accepted = carried?.accepted ?? !eventType.requiresConfirmation;
  if (accepted && isTakenExactly(world, eventType.ownerId, input.start, input.end)) {
    world.store.commit();
    throw coreFailure(409, 'booking_conflict_error');
  }
  const at = world.clock.stamp();
  const seated = eventType.seats !== null;
  const attendees = carried?.attendees ?? [
    newAttendee(world, booker, seated ? seatOf(world, input) : null),
    ...input.guests.map((email) => newAttendee(world, { ...booker, name: '', email, phoneNumber: null }, null)),
  ];
  const booking: BookingRow = {
    id,
    uid,
    idempotencyKey: world.ids.uuid(),
    userId: eventType.ownerId,
    eventTypeId: eventType.id,
    title: carried?.title ?? titleOf(world, eventType, booker.name),
    description: carried ? carried.description : seated ? null : notesOf(input.fields),
    startTime: input.start,
    endTime: input.end,
    status: accepted ? 'ACCEPTED' : 'PENDING',
    location: input.location,
    attendees,
    responses: carried ? carried.responses : seated ? null : responsesOf(input),
    metadata: seated ? {} : input.metadata,
    videoCallUrl: carried?.videoCallUrl ?? videoUrlOf(input.location),
    cancellationReason: null,
    cancelledBy: null,
    rejectionReason: null,
    rescheduled: false,
    fromReschedule: carried?.fromReschedule ?? null,
    rescheduledBy: carried?.rescheduledBy ?? null,
    recurringEventId: input.recurringEventId,
    // The calendar entry of a group has an id of its own (088); of a chain, that of its first booking (201–209).
    iCalUID: carried?.iCalUID ?? `${seated ? world.ids.bookingUid() : uid}@Cal.com`,
    createdAt: input.createdAt ?? at,
    updatedAt: at,
    absentHost: false,
    oneTimePassword: accepted ? null : world.ids.uuid(),
    paid: false,
    paymentId: null,
  };
  world.store.put('bookings', booking);
  if (accepted && !seated) scheduleMeetingTriggers(world, booking, false);
  world.store.commit();
  return booking;
}

async function announce(world: World, booking: BookingRow): Promise<void> {
  const attendee = booking.attendees[0];
  const seat = attendee?.seat ? { seat: { attendee, iCalUID: booking.iCalUID, joins: false, title: booking.title } } : {};
  await world.notify({
    trigger: booking.status === 'PENDING' ? 'BOOKING_REQUESTED' : 'BOOKING_CREATED',
    organizerId: booking.userId,
    eventTypeId: booking.eventTypeId,
    bookingUid: booking.uid,
    payload: bookedPayload(world, booking, seat),
  });
}

/** The last write of a booking call, after its webhooks: location and references are stored, `updatedAt` moves (061, 255). */
export function touch(world: World, uid: string): BookingRow {
  const row = world.store.get('bookings', uid);
  if (!row) throw notFound(`Booking with uid=${uid} was not found in the database`);
  const touched = { ...row, updatedAt: world.clock.stamp() };
  world.store.put('bookings', touched);
  world.store.commit();
  return touched;
}

function isTakenExactly(world: World, hostId: number, start: number, end: number): boolean {
  return world.store
    .all('bookings')
    .some((row) => row.userId === hostId && row.status === 'ACCEPTED' && row.startTime === start && row.endTime === end);
}

export function newAttendee(world: World, person: Booker, seat: AttendeeRow['seat']): AttendeeRow {
  return { id: world.store.nextId('attendee'), ...person, noShow: false, seat };
}

function seatOf(world: World, request: BookRequest): NonNullable<AttendeeRow['seat']> {
  return { uid: world.ids.uuid(), responses: { name: request.booker.name, guests: [], ...request.fields }, metadata: request.metadata };
}

function responsesOf({ booker, fields, guests }: BookRequest): FieldResponses {
  return { name: booker.name, email: booker.email, ...fields, ...(guests.length > 0 && { guests }) };
}

function titleOf(world: World, eventType: EventTypeRow, bookerName: string): string {
  const host = world.store.get('users', eventType.ownerId);
  return `${eventType.title} between ${host?.name ?? ''} and ${bookerName}`;
}

const notesOf = ({ notes }: FieldResponses): string => (typeof notes === 'string' ? notes : '');
