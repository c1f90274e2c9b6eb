/**
 * What Cal.com's API v2 answers, as far as we use it: the one source for parsing and for types. Unknown fields are dropped.
 * Held against every recording and, where it is at hand, against the OpenAPI document (tests/contract).
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { weekdayOf, type WorkingSchedule } from './schedule.ts';

/** One constant per resource; a missing or foreign version silently means another shape (MEASURED "Errors"). */
export const API_VERSION = {
  bookings: '2024-08-13',
  eventTypes: '2024-06-14',
  schedules: '2024-06-11',
  slots: '2024-09-04',
  /** Works with every version. */
  me: '2024-08-13',
  /** Works with every version. */
  webhooks: '2024-08-13',
} as const;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const text = z.string();
const integer = z.number().int();

export const me = z.object({
  id: integer,
  email: text,
  username: text.nullable(),
  timeZone: text,
});
export type Me = z.output<typeof me>;

/** Kinds of places; fields of one kind are dropped apart from its type. */
const location = z.object({ type: text, integration: text.optional() });

const bookingField = z.object({
  slug: text,
  type: text,
  required: z.boolean().default(false),
  isDefault: z.boolean().default(false),
  hidden: z.boolean().nullish(),
  label: text.nullish(),
  placeholder: text.nullish(),
  options: z.array(text).nullish().catch(null),
});
export type EventTypeField = z.output<typeof bookingField>;

const switched = z.object({ disabled: z.boolean().optional() });

export const eventType = z.object({
  id: integer,
  ownerId: integer.nullish(),
  slug: text,
  title: text,
  description: text.nullish(),
  lengthInMinutes: integer,
  lengthInMinutesOptions: z.array(integer).nullish(),
  locations: z.array(location).nullish(),
  bookingFields: z.array(bookingField).nullish(),
  recurrence: switched.nullish(),
  /** Disabled, or how bookings are approved. */
  confirmationPolicy: switched.nullish(),
  seats: z.object({ disabled: z.boolean().optional(), seatsPerTimeSlot: integer.optional() }).nullish(),
  hidden: z.boolean().nullish(),
});
export type UpstreamEventType = z.output<typeof eventType>;

/** `HH:mm`, with or without seconds. */
const timeOfDay = z
  .string()
  .regex(/^\d{2}:\d{2}/)
  .transform((value) => value.slice(0, 5));

export const schedule = z
  .object({
    id: integer,
    name: text,
    timeZone: text,
    availability: z.array(z.object({ days: z.array(text), startTime: timeOfDay, endTime: timeOfDay })),
    overrides: z.array(z.object({ date: text, startTime: timeOfDay, endTime: timeOfDay })).nullish(),
  })
  .transform(
    ({ id, name, timeZone, availability, overrides }): WorkingSchedule => ({
      id,
      name,
      timeZone,
      weekly: availability.map((rule) => ({ ...rule, days: rule.days.flatMap((day) => weekdayOf(day) ?? []) })),
      overrides: (overrides ?? []).map((day) => ({ ...day, date: day.date.slice(0, 10) })),
    }),
  );

export const slot = z.object({ start: instant, end: instant.nullish().catch(null), seatsRemaining: integer.nullish().catch(null) });

/** Keyed by day in the asked zone; days without slots are absent. */
export const slotDays = z.record(text, z.array(slot));

export const reservation = z.object({ reservationUid: text, slotStart: instant, slotEnd: instant, reservationUntil: instant });

/** Of people, what is null or odd where neither was ever seen is taken as not said: an e-mail of theirs does not make a visit. */
const aside = text.nullish().catch(null);

/** A host whose row is gone has the string "unknown" in every field, id included. */
const host = z.object({ id: z.union([integer, text]).nullable().catch(null), name: aside, email: aside, timeZone: aside });

const metadata = z.record(text, z.unknown());
const answers = z.record(text, z.unknown());

const attendee = z.object({
  name: text.catch(''),
  email: aside,
  timeZone: text.catch('UTC'),
  language: aside,
  absent: z.boolean().nullish().catch(null),
  phoneNumber: aside,
  seatUid: text.nullish(),
  metadata: metadata.nullish().catch(null),
});

/** POST, GET, and every item of the list have this shape; most fields that are not set are absent. */
export const booking = z.object({
  id: integer,
  uid: text,
  title: text,
  description: text.nullish(),
  hosts: z.array(host),
  status: text,
  start: instant,
  end: instant,
  eventTypeId: integer.nullish(),
  eventType: z.object({ id: integer, slug: text }).nullish(),
  location: text.nullish(),
  cancellationReason: text.nullish(),
  reschedulingReason: text.nullish(),
  rescheduledFromUid: text.nullish(),
  rescheduledToUid: text.nullish(),
  recurringBookingUid: text.nullish(),
  seatUid: text.nullish(),
  icsUid: text.nullish(),
  createdAt: instant,
  updatedAt: instant.nullish(),
  attendees: z.array(attendee),
  guests: z.array(text).nullish(),
  bookingFieldsResponses: answers.nullish(),
  metadata: metadata.nullish(),
});
export type UpstreamBooking = z.output<typeof booking>;

export const pagination = z.object({ totalItems: integer, hasNextPage: z.boolean() });

/** The secret comes back in clear; only its SHA-256 is kept. Undefined: the answer does not show it. */
export const webhook = z
  .object({
    id: z.coerce.string(),
    subscriberUrl: text,
    triggers: z.array(text),
    active: z.boolean(),
    payloadTemplate: text.nullish(),
    secret: text.nullish(),
  })
  .transform(({ secret, payloadTemplate, ...row }) => ({
    ...row,
    hasTemplate: payloadTemplate != null && payloadTemplate !== '',
    secretSha256: secret == null ? secret : createHash('sha256').update(secret).digest('hex'),
  }));
export type UpstreamWebhook = z.output<typeof webhook>;

/** `{"status":"success","data":…}`; deletes may leave `data` out. */
export const success = z.object({ status: z.literal('success'), data: z.unknown().optional() });

/** A list whose items are read one by one, so that one odd row does not hide the others. */
export const bookingList = z.object({ status: z.literal('success'), data: z.array(z.unknown()), pagination });
