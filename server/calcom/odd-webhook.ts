/** What a webhook has in it that this release does not know; beside the reading, which does not care. Pure. */
import { envelopeFieldNames, bookingPayloadFieldNames, noShowPayloadFieldNames } from './known-fields.ts';
import { type Oddity, oddity } from './oddity.ts';
import { isKnownStatus } from './rest-booking.ts';
import { once, unknownFields, unreadValues } from './tolerant.ts';
import { endedBookingPayload, isKnownTrigger, noShowPayload } from './webhook-contract.ts';
import type { WebhookReading } from './webhook-meaning.ts';

/** `json`: the body that was read; `reading` is null when it was no JSON. */
export function oddWebhook(json: unknown, reading: WebhookReading | null): Oddity[] {
  if (reading === null) return [oddity('UNREADABLE', 'webhook')];
  const { triggerEvent, meaning } = reading;
  if (triggerEvent === null) return [oddity('UNREADABLE', 'webhook')];
  if (!isKnownTrigger(triggerEvent)) return [oddity('TRIGGER', triggerEvent)];
  if (meaning.kind === 'INVALID') return [oddity('UNREADABLE', `webhook ${triggerEvent}`)];
  if (!triggerEvent.startsWith('BOOKING_')) return [];
  const { payload } = json as { payload?: unknown };
  const envelope = unknownFields('webhook', json, envelopeFieldNames);
  if (triggerEvent === 'BOOKING_NO_SHOW_UPDATED') {
    const known = unknownFields('webhook.payload', payload, noShowPayloadFieldNames);
    return once([...envelope, ...known, ...unread(payload, noShowPayload)]);
  }
  return once([
    ...envelope,
    ...unknownFields('webhook.payload', payload, bookingPayloadFieldNames),
    ...unread(payload, endedBookingPayload),
    ...status(payload),
  ]);
}

function unread(payload: unknown, schema: typeof noShowPayload | typeof endedBookingPayload): Oddity[] {
  const read = schema.safeParse(payload);
  return read.success ? unreadValues('webhook.payload', payload, read.data, false) : [];
}

function status(payload: unknown): Oddity[] {
  const said = typeof payload === 'object' && payload !== null && 'status' in payload ? payload.status : undefined;
  return typeof said === 'string' && !isKnownStatus(said) ? [oddity('STATUS', said)] : [];
}
