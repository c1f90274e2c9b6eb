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

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL would accept the text as a uuid; asked before a foreign id reaches SQL. */
export function isUuid(value: string): boolean {
  return UUID.test(value);
}
