import { randomUUID } from 'node:crypto';

/**
 * Branded ids: a booking uid cannot be passed where an appointment id is wanted.
 * The brand exists for the compiler only.
 */
declare const brand: unique symbol;
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** UUIDv7 of our `User`. */
export type UserId = Brand<string, 'UserId'>;
/** UUIDv7 of our `Appointment`; permanent, unlike a booking uid. */
export type AppointmentId = Brand<string, 'AppointmentId'>;
/** Cal.com's name of a Booking; a new one at every reschedule. Never logged. */
export type BookingUid = Brand<string, 'BookingUid'>;
/** Cal.com's integer id of an event type. */
export type EventTypeId = Brand<number, 'EventTypeId'>;
/** UUID of a row of the inbox. */
export type WebhookEventId = Brand<string, 'WebhookEventId'>;

export const userId = (value: string): UserId => value as UserId;
export const appointmentId = (value: string): AppointmentId => value as AppointmentId;
export const bookingUid = (value: string): BookingUid => value as BookingUid;
export const eventTypeId = (value: number): EventTypeId => value as EventTypeId;
export const webhookEventId = (value: string): WebhookEventId => value as WebhookEventId;

let lastInstant = 0;
let counter = 0;

/**
 * A UUIDv7 (RFC 9562): ids sort by creation, and within one process also those of the same millisecond, because the 12 bits
 * after the version count up. `now` is Unix ms.
 */
export function newUuid(now: number): string {
  if (now > lastInstant) {
    lastInstant = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastInstant += 1;
    counter = 0;
  }
  const time = lastInstant.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}${randomUUID().slice(18)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL would accept the text as a uuid; asked before a foreign id reaches SQL. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}
