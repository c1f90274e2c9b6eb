/**
 * What one webhook says about bookings (CONTRACT 8 and 9, MEASURED "Webhooks"). Pure: the body in, observations out.
 * A field that a variant has lost or shows differently is left unsaid rather than guessed. Each family of triggers has
 * a file of its own.
 */
import { bookingUid } from '../kernel/ids.ts';
import { unreachable } from '../kernel/result.ts';
import { payloadOf } from './webhook-address.ts';
import { created, paymentInitiated, requested, rescheduled } from './webhook-begun.ts';
import {
  endedBookingPayload,
  envelope,
  isKnownTrigger,
  type KnownTrigger,
  meetingRow,
  newBookingPayload,
  noShowPayload,
  paidPayload,
  timeOffPayload,
} from './webhook-contract.ts';
import { cancelled, rejected } from './webhook-ended.ts';
import { invalid, type Origin, reading, saying, type WebhookMeaning } from './webhook-saying.ts';
import { timeOff } from './webhook-time-off.ts';

export interface WebhookReading {
  /** Null when the body is no webhook of Cal.com's. */
  triggerEvent: string | null;
  meaning: WebhookMeaning;
}

/** Reads a body that was verified and parsed as JSON. Never throws. `receivedAt` is Unix ms of our clock. */
export function readWebhook(json: unknown, receivedAt: number): WebhookReading {
  const head = envelope.safeParse(json);
  if (!head.success) return { triggerEvent: null, meaning: invalid(head.error) };
  const { triggerEvent, createdAt } = head.data;
  const enveloped = payloadOf(json);
  // On flat bodies `createdAt` is the booking's.
  const upstreamAt = enveloped === undefined ? null : (createdAt ?? null);
  const meaning: WebhookMeaning = isKnownTrigger(triggerEvent)
    ? meaningOf(triggerEvent, enveloped ?? json, { source: 'WEBHOOK', observedAt: receivedAt, upstreamAt })
    : { kind: 'IGNORED', reason: 'UNKNOWN_TRIGGER' };
  return { triggerEvent, meaning };
}

function meaningOf(trigger: KnownTrigger, payload: unknown, origin: Origin): WebhookMeaning {
  switch (trigger) {
    case 'BOOKING_CREATED':
      return reading(newBookingPayload, payload, (booking) => created(booking, origin));
    case 'BOOKING_REQUESTED':
      return reading(newBookingPayload, payload, (booking) => requested(booking, origin));
    case 'BOOKING_RESCHEDULED':
      return reading(newBookingPayload, payload, (booking) => rescheduled(booking, origin));
    case 'BOOKING_PAYMENT_INITIATED':
      return reading(newBookingPayload, payload, (booking) => paymentInitiated(booking, origin));
    case 'BOOKING_PAID':
      return reading(paidPayload, payload, ({ uid }) =>
        saying([{ ...origin, uid: bookingUid(uid), payment: 'PAID' }], { refetch: [bookingUid(uid)] }),
      );
    case 'BOOKING_CANCELLED':
      return reading(endedBookingPayload, payload, (booking) => cancelled(booking, origin));
    case 'BOOKING_REJECTED':
      return reading(endedBookingPayload, payload, (booking) => rejected(booking, origin));
    case 'BOOKING_NO_SHOW_UPDATED':
      return reading(noShowPayload, payload, (update) => {
        const absences = update.attendees.map((one) => ({ email: one.email.toLowerCase(), absent: one.noShow }));
        return saying([{ ...origin, uid: bookingUid(update.bookingUid), absences }]);
      });
    case 'MEETING_STARTED':
      return reading(meetingRow, payload, (row) => saying([{ ...origin, uid: bookingUid(row.uid), meetingStartedAt: row.startTime }]));
    case 'MEETING_ENDED':
      return reading(meetingRow, payload, (row) => saying([{ ...origin, uid: bookingUid(row.uid), meetingEndedAt: row.endTime }]));
    case 'OOO_CREATED':
      return reading(timeOffPayload, payload, ({ oooEntry }) => timeOff(oooEntry, origin));
    case 'FORM_SUBMITTED':
    case 'FORM_SUBMITTED_NO_EVENT':
    case 'RECORDING_READY':
    case 'RECORDING_TRANSCRIPTION_GENERATED':
    case 'INSTANT_MEETING':
    case 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW':
    case 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW':
    case 'PING':
      return { kind: 'IGNORED', reason: 'NOT_ABOUT_AN_APPOINTMENT' };
    default:
      return unreachable(trigger);
  }
}
