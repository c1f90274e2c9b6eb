/** Signed BOOKING_CREATED webhooks, each of another booking an hour after the last one; a recorded body. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sign, SIGNATURE_HEADER } from '../../server/calcom/signature.ts';
import { WEBHOOK_SECRET } from '../gateway.ts';

const SAMPLE = path.join(import.meta.dirname, '../../tests/payloads/webhooks/booking-created.json');
const HOUR_MS = 3_600_000;
const LENGTH_MS = 1_800_000;

interface Sample {
  createdAt: string;
  payload: { uid: string; bookingId: number; startTime: string; endTime: string; organizer: { id: number; email: string } };
}

export interface Webhook {
  body: Buffer;
  headers: Record<string, string>;
}

const sample = readFileSync(SAMPLE, 'utf8');
const { payload: known } = JSON.parse(sample) as Sample;

/** Whose calendar all of them are in, as Cal.com knows the host. */
export const organizer = known.organizer;

/** `index` tells them apart. */
export function bookingWebhook(index: number): Webhook {
  const event = JSON.parse(sample.replaceAll(known.uid, `bench${index}`)) as Sample;
  const startsAt = Date.UTC(2027, 0, 1) + index * HOUR_MS;
  event.createdAt = new Date().toISOString();
  event.payload.bookingId = 100_000 + index;
  event.payload.startTime = new Date(startsAt).toISOString();
  event.payload.endTime = new Date(startsAt + LENGTH_MS).toISOString();
  const body = Buffer.from(JSON.stringify(event));
  return { body, headers: { [SIGNATURE_HEADER]: sign(body, WEBHOOK_SECRET) } };
}
