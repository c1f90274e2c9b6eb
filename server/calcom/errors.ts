/**
 * How a call to Cal.com can fail, from the status and the beginning of the message: there are two error bodies and no
 * distinct codes (CONTRACT 2, MEASURED "Errors"). Messages may echo uids, e-mails and tokens and are redacted here.
 */
import { z } from 'zod';
import { bookingUid, type BookingUid } from '../kernel/ids.ts';
import { redact } from '../kernel/log.ts';

export type CalcomFailureKind =
  /** Certainly not done: no connection, breaker open, or a read that failed in every attempt. */
  | 'Unreachable'
  /** A write was sent and its end is not known: timeout, dropped connection, 5xx, unreadable success. */
  | 'OutcomeUnknown'
  /** 429, or our own budget is used up; nothing was done. */
  | 'RateLimited'
  /** The credential is wrong, expired or missing. */
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  /** Taken, outside hours, or a lost race: Cal.com does not tell which (062, 063, 066). */
  | 'SlotTaken'
  | 'SeatsFull'
  | 'InPast'
  /** Too soon or too far ahead. */
  | 'OutsideWindow'
  | 'AlreadyCancelled'
  /** `movedToUid` names the booking that replaced it. */
  | 'AlreadyRescheduled'
  | 'ReasonRequired'
  /** The event type forbids it. */
  | 'NotPermittedByEventType'
  /** A managed parent: only the copies of its members can be booked. */
  | 'NotBookable'
  | 'MissingField'
  /** The credential's owner does not host the booking. */
  | 'NotTheHost'
  /** Absence is told after the start only. */
  | 'NotYetStarted'
  /** A group moves seat by seat. */
  | 'SeatNeeded'
  /** This person has a seat in that group already. */
  | 'AlreadySignedUp'
  /** The other host is none of this event type's. */
  | 'NotReassignable'
  /** Another event type of the same owner has that slug (024). */
  | 'SlugTaken'
  /** Any other 4xx: Cal.com understood and refused. */
  | 'Refused';

export interface CalcomFailure {
  kind: CalcomFailureKind;
  /** HTTP status; null when there was no answer. */
  status: number | null;
  /** Redacted; for logs and for people who run the gateway, never for patients. */
  message: string;
  retryAfterMs: number | null;
  /** With AlreadyRescheduled. */
  movedToUid: BookingUid | null;
}

export function calcomFailure(
  kind: CalcomFailureKind,
  message: string,
  more: Partial<Omit<CalcomFailure, 'kind' | 'message'>> = {},
): CalcomFailure {
  return { kind, message: redactUids(redact(message)).slice(0, 500), status: null, retryAfterMs: null, movedToUid: null, ...more };
}

/** Messages name bookings in running text too: "You probably want to reschedule 9tw… instead" (126). A uid is all it takes to cancel. */
function redactUids(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '[uid]')
    .replaceAll(/\b(?=\w*\d)[A-Za-z0-9]{18,24}\b/g, '[uid]');
}

const usualBody = z.object({ error: z.object({ code: z.string().catch(''), message: z.string().catch('') }) });
const shortBody = z.object({ statusCode: z.number(), message: z.string() });

/** The text of either error body; empty when the body is neither. */
export function errorMessage(body: unknown): string {
  const usual = usualBody.safeParse(body);
  if (usual.success) return usual.data.error.message === '' ? usual.data.error.code : usual.data.error.message;
  const short = shortBody.safeParse(body);
  return short.success ? short.data.message : '';
}

/** Beginnings of messages that mean something more than their status. */
const BY_BEGINNING: readonly (readonly [string, CalcomFailureKind])[] = [
  ['User either already has booking at this time or is not available', 'SlotTaken'],
  ['One of the hosts either already has booking at this time', 'SlotTaken'],
  ['booking_conflict_error', 'SlotTaken'],
  ["Can't reserve a slot if the event is already booked", 'SlotTaken'],
  ['This time slot is already reserved', 'SlotTaken'],
  ['no_available_users_found_error', 'SlotTaken'],
  ['No more seats left', 'SeatsFull'],
  ['Attempting to book a meeting in the past', 'InPast'],
  ["The event type can't be booked at the", 'OutsideWindow'],
  ['Cancellation reason is required', 'ReasonRequired'],
  ['This event type does not allow', 'NotPermittedByEventType'],
  ['Missing required booking field response', 'MissingField'],
  ['Missing attendee phone number', 'MissingField'],
  ['responses - ', 'MissingField'],
  ['User not a host of this event', 'NotTheHost'],
  ['You are not authorized to access this resource', 'NotTheHost'],
  ['Bookings can only be marked as absent after', 'NotYetStarted'],
  ['already_signed_up_for_this_booking', 'AlreadySignedUp'],
  ['User already has an event type with this slug', 'SlugTaken'],
];

/** Messages that begin with an id or a uid. */
const BY_PART: readonly (readonly [RegExp, CalcomFailureKind])[] = [
  [/is a seated booking which means/, 'SeatNeeded'],
  [/is not a valid Round Robin host/, 'NotReassignable'],
  [/parent managed event type that can't be booked/, 'NotBookable'],
];

/** The one refusal that Cal.com answers with 500 and a text of its own (CONTRACT 2). */
const NO_SHOW_REFUSED = 'Failed to update no-show status';

/** A 4xx or 5xx answer. `write` tells whether the request could have changed something. */
export function failureFromAnswer(status: number, body: unknown, write: boolean, retryAfterMs: number | null): CalcomFailure {
  const message = errorMessage(body);
  const failure = (kind: CalcomFailureKind, more: Partial<CalcomFailure> = {}) =>
    calcomFailure(kind, message === '' ? `HTTP ${status}` : message, { status, ...more });
  if (status === 500 && message === NO_SHOW_REFUSED) return failure('NotTheHost');
  if (status >= 500) return failure(write ? 'OutcomeUnknown' : 'Unreachable', { retryAfterMs });
  if (status === 429) return failure('RateLimited', { retryAfterMs });
  if (/^Can't (reschedule|cancel) booking/.test(message)) {
    const movedTo = /rescheduled already to booking with uid=([\w-]+)/.exec(message)?.[1];
    if (movedTo !== undefined) return failure('AlreadyRescheduled', { movedToUid: bookingUid(movedTo) });
    return failure('AlreadyCancelled');
  }
  for (const [beginning, kind] of BY_BEGINNING) if (message.startsWith(beginning)) return failure(kind);
  for (const [part, kind] of BY_PART) if (part.test(message)) return failure(kind);
  if (status === 401 || status === 498) return failure('Unauthorized');
  if (status === 403) return failure('Forbidden');
  if (status === 404) return failure('NotFound');
  return failure('Refused');
}
