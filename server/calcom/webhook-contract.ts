/**
 * What Cal.com posts to us (CONTRACT 8, MEASURED "Webhooks"): one schema per shape, fields that we use and no others.
 * An identity (uid, instants of a new booking) that is missing makes the body invalid; a detail in an unexpected form
 * is treated as not said, because a lost detail is found by the next sweep and a refused event is not.
 */
import { z } from 'zod';

/** Every trigger of the releases we know; anything else is stored and counted as unknown. */
export const knownTriggers = [
  'BOOKING_CREATED',
  'BOOKING_PAYMENT_INITIATED',
  'BOOKING_PAID',
  'BOOKING_RESCHEDULED',
  'BOOKING_REQUESTED',
  'BOOKING_CANCELLED',
  'BOOKING_REJECTED',
  'BOOKING_NO_SHOW_UPDATED',
  'FORM_SUBMITTED',
  'FORM_SUBMITTED_NO_EVENT',
  'MEETING_STARTED',
  'MEETING_ENDED',
  'RECORDING_READY',
  'RECORDING_TRANSCRIPTION_GENERATED',
  'INSTANT_MEETING',
  'OOO_CREATED',
  'AFTER_HOSTS_CAL_VIDEO_NO_SHOW',
  'AFTER_GUESTS_CAL_VIDEO_NO_SHOW',
  'PING',
] as const;

export type KnownTrigger = (typeof knownTriggers)[number];

/** The triggers to register a webhook for: those that concern an appointment or a clinician's time. */
export const wantedTriggers = [
  'BOOKING_CREATED',
  'BOOKING_PAYMENT_INITIATED',
  'BOOKING_PAID',
  'BOOKING_RESCHEDULED',
  'BOOKING_REQUESTED',
  'BOOKING_CANCELLED',
  'BOOKING_REJECTED',
  'BOOKING_NO_SHOW_UPDATED',
  'MEETING_STARTED',
  'MEETING_ENDED',
  'OOO_CREATED',
] as const satisfies readonly KnownTrigger[];

export function isKnownTrigger(trigger: string): trigger is KnownTrigger {
  return (knownTriggers as readonly string[]).includes(trigger);
}

/** With or without milliseconds, `Z` or an offset: the three forms differ by trigger. Becomes Unix ms. */
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** A detail: absent, null and of an unexpected type all mean "not said". */
const detail = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .catch(undefined);

/** A detail that may be said to be empty: null and '' differ from absent. */
const nullableDetail = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined);

const uid = z.string().min(1).max(255);
/** Ids at Cal.com are `int4`; what is larger is no id, and no column of ours could hold it. */
const id = z.int32();

export const envelope = z.object({ triggerEvent: z.string().min(1).max(100), createdAt: detail(instant) });

const person = z.object({
  id: detail(id),
  name: detail(z.string()),
  email: detail(z.string()),
  timeZone: detail(z.string()),
});

const attendee = z.object({
  name: detail(z.string()),
  email: detail(z.string()),
  phoneNumber: detail(z.string()),
  timeZone: detail(z.string()),
  language: detail(z.object({ locale: detail(z.string()) })),
  locale: detail(z.string()),
});
export type WebhookAttendee = z.output<typeof attendee>;

/** Keyed by slug; labels are translation keys or the slug itself and are not read. */
const responses = z.record(z.string(), z.object({ value: z.unknown().optional() }).catch({}));

/** A booking as CREATED, REQUESTED, RESCHEDULED, PAYMENT_INITIATED, CANCELLED and REJECTED show it. */
const bookingFields = {
  uid,
  bookingId: detail(id),
  title: detail(z.string()),
  type: detail(z.string()),
  eventTypeId: nullableDetail(id),
  additionalNotes: nullableDetail(z.string()),
  organizer: detail(person),
  team: detail(z.object({ members: detail(z.array(person)) })),
  attendees: detail(z.array(attendee)),
  guests: detail(z.array(z.string())),
  responses: detail(responses),
  location: nullableDetail(z.string()),
  iCalUID: detail(z.string()),
  metadata: detail(z.record(z.string(), z.unknown())),
  status: detail(z.string()),
  seatsPerTimeSlot: detail(z.number()),
  attendeeSeatId: detail(z.string()),
  recurringEvent: detail(z.object({ freq: z.number() })),
  rescheduleUid: detail(uid),
  rescheduleId: detail(id),
  rescheduleStartTime: detail(instant),
  rescheduleEndTime: detail(instant),
  cancellationReason: detail(z.string()),
  rejectionReason: detail(z.string()),
};

/** A booking that comes into being: without its instants there is nothing to show. */
export const newBookingPayload = z.object({ ...bookingFields, startTime: instant, endTime: instant });
/** A booking that ends: its uid is enough. */
export const endedBookingPayload = z.object({ ...bookingFields, startTime: detail(instant), endTime: detail(instant) });
export type BookingPayload = z.output<typeof endedBookingPayload>;

export const paidPayload = z.object({ uid });

/** BOOKING_NO_SHOW_UPDATED names its booking differently. */
export const noShowPayload = z.object({
  bookingUid: uid,
  attendees: z.array(z.object({ email: z.string().min(1), noShow: z.boolean() })),
});

/** MEETING_STARTED and MEETING_ENDED: a booking row, flat or in `payload`, as it was when the booking was made. */
export const meetingRow = z.object({ uid, startTime: instant, endTime: instant });

/** OOO_CREATED, also sent when the entry is changed. Reason, notes and stand-in are not read. */
export const timeOffPayload = z.object({
  oooEntry: z.object({ uuid: uid, start: instant, end: instant, updatedAt: detail(instant), user: person }),
});

/** What an index of PostgreSQL can hold: no NUL, and far under its 2700 bytes. Anything else is not what we look for. */
const searchable = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !text.includes('\0'));

const whose = z.object({ id: detail(id), email: detail(z.string()) });

/** Best effort, for columns that help to find an event; no part of it decides anything. */
export const addressOfEvent = z.object({
  uid: detail(searchable(255)),
  bookingUid: detail(searchable(255)),
  organizer: detail(whose),
  hostEmail: detail(z.string()),
  userId: detail(id),
  userPrimaryEmail: detail(z.string()),
  user: detail(z.object({ email: detail(z.string()) })),
  oooEntry: detail(z.object({ user: detail(whose) })),
  metadata: detail(z.object({ fintanRequestId: detail(searchable(100)) })),
});
