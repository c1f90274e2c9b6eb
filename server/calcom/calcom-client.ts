/** The only way to Cal.com's API v2. Each call says whose credential it uses; expected failures are values. */
import { type Answer, createAsking, type Key } from './asking.ts';
import { type BookingCalls, createBookingCalls } from './booking-calls.ts';
import { createEventTypeCalls, type EventTypeCalls } from './event-type-calls.ts';
import type { Oddity } from './oddity.ts';
import * as contract from './rest-contract.ts';
import { createScheduleCalls, type ScheduleCalls } from './schedule-calls.ts';
import { createSlotCalls, type SlotCalls } from './slot-calls.ts';
import { createTransport, defaultLimits, type TransportOptions } from './transport.ts';
import { createWebhookCalls, type WebhookCalls } from './webhook-calls.ts';

export type { CalcomCredential } from './transport.ts';
export type { CalcomFailure, CalcomFailureKind } from './errors.ts';

export interface CalcomClient extends EventTypeCalls, ScheduleCalls, SlotCalls, BookingCalls, WebhookCalls {
  me(key: Key): Answer<contract.Me>;
}

export interface ClientOptions extends TransportOptions {
  /** Told of what an answer had in it that this release does not know. */
  onOddities?: (oddities: readonly Oddity[]) => void;
}

export function createCalcomClient(options: ClientOptions): CalcomClient {
  const ask = createAsking(createTransport(options), options.onOddities);
  const slotsTimeoutMs = options.limits?.slotsTimeoutMs ?? defaultLimits.slotsTimeoutMs;
  return {
    me: (key) =>
      ask.asking(key, { name: 'me', method: 'GET', path: '/v2/me', version: contract.API_VERSION.me }, contract.me, (data) => data),
    ...createEventTypeCalls(ask),
    ...createScheduleCalls(ask),
    ...createSlotCalls(ask, { slotsTimeoutMs }),
    ...createBookingCalls(ask, options.log),
    ...createWebhookCalls(ask),
  };
}
