/** By what an event is found again, read at the door; no part of it decides anything. Pure. */
import { bookingUid, type BookingUid } from '../kernel/ids.ts';
import { plainEmail } from './plain-email.ts';
import { addressOfEvent, envelope } from './webhook-contract.ts';

export interface WebhookAddress {
  triggerEvent: string | null;
  /** `createdAt` of the envelope, Unix ms; null on flat bodies, whose `createdAt` is the booking's. */
  sentAt: number | null;
  bookingUid: BookingUid | null;
  /** Our own request id, when the booking was made through us and the variant still has its metadata. */
  requestId: string | null;
  hostCalcomId: number | null;
  /** As our users have it. */
  hostEmail: string | null;
}

const UNKNOWN: WebhookAddress = {
  triggerEvent: null,
  sentAt: null,
  bookingUid: null,
  requestId: null,
  hostCalcomId: null,
  hostEmail: null,
};

/** Of a body that was parsed as JSON. Never throws. */
export function addressOf(json: unknown): WebhookAddress {
  const head = envelope.safeParse(json);
  if (!head.success) return UNKNOWN;
  const { triggerEvent, createdAt } = head.data;
  const enveloped = payloadOf(json);
  const sentAt = enveloped === undefined ? null : (createdAt ?? null);
  const found = addressOfEvent.safeParse(enveloped ?? json);
  if (!found.success) return { ...UNKNOWN, triggerEvent, sentAt };
  const { data } = found;
  const uid = data.uid ?? data.bookingUid;
  const away = data.oooEntry?.user;
  const email = data.organizer?.email ?? data.user?.email ?? data.userPrimaryEmail ?? data.hostEmail ?? away?.email;
  return {
    triggerEvent,
    sentAt,
    bookingUid: uid === undefined ? null : bookingUid(uid),
    requestId: data.metadata?.fintanRequestId ?? null,
    hostCalcomId: data.organizer?.id ?? data.userId ?? away?.id ?? null,
    hostEmail: email === undefined ? null : plainEmail(email),
  };
}

/** Undefined: the body is flat. */
export function payloadOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'payload' in json ? json.payload : undefined;
}
