/**
 * The only way to Cal.com's API v2. Each call says whose credential it uses; expected failures are values.
 * Answers about bookings are already observations, so that Cal.com's spelling ends here.
 */
import { z } from 'zod';
import type { BookingUid, EventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { BookingObservation } from './booking.ts';
import { calcomFailure, type CalcomFailure } from './errors.ts';
import type { Oddity } from './oddity.ts';
import { readBooking } from './read-booking.ts';
import { readSlots } from './read-slots.ts';
import * as contract from './rest-contract.ts';
import { scheduleBody, type ScheduleChange, type WorkingSchedule } from './schedule.ts';
import {
  createTransport,
  defaultLimits,
  type CalcomAnswer,
  type CalcomCredential,
  type CalcomRequest,
  type TransportOptions,
} from './transport.ts';
import { once, tolerant, unreadValues } from './tolerant.ts';

export type { CalcomCredential } from './transport.ts';
export type { CalcomFailure, CalcomFailureKind } from './errors.ts';

type Answer<Value> = Promise<Result<Value, CalcomFailure>>;
type Key = CalcomCredential;

/** Instants are Unix ms. */
export interface UpstreamSlot {
  startsAt: number;
  seatsRemaining: number | null;
}

export interface SlotsRequest {
  eventTypeId: EventTypeId;
  /** Inclusive, to the millisecond. */
  from: number;
  to: number;
  durationMinutes?: number;
  bookingUidToReschedule?: BookingUid;
  /** False: a failed attempt is not repeated. */
  repeat?: boolean;
}

export interface CreateBookingRequest {
  eventTypeId: EventTypeId;
  startsAt: number;
  attendee: { name: string; email?: string; phoneNumber?: string; timeZone: string; language?: string };
  guests?: string[];
  /** Only for event types with several lengths; others refuse it. */
  lengthInMinutes?: number;
  recurrenceCount?: number;
  location?: Record<string, unknown>;
  bookingFieldsResponses?: Record<string, unknown>;
  /** Strings of at most 500 characters: nested objects are refused (230). */
  metadata?: Record<string, string>;
}

export interface CreatedBookings {
  bookings: BookingObservation[];
  /** Of the person just booked, on a seated booking. */
  seatUid: string | null;
}

export interface ListRequest {
  afterUpdatedAt?: number;
  afterStart?: number;
  beforeEnd?: number;
  attendeeEmail?: string;
  sort?: 'updatedAt' | 'start' | 'created';
  /** 1..250. */
  take: number;
  skip: number;
  /** Nobody waits for it: half of the budget is left to those who do. */
  background?: boolean;
}

export interface BookingPage {
  bookings: BookingObservation[];
  hasNextPage: boolean;
  totalItems: number;
  /** Rows that could not be read; counted, never guessed. */
  unreadable: number;
}

/** Of an event type; in an update what is absent stays. */
export interface EventTypeRequest {
  title: string;
  slug: string;
  description: string;
  lengthInMinutes: number;
  /** Contains `lengthInMinutes`; empty: that one only. */
  lengthInMinutesOptions: number[];
  locations: Record<string, unknown>[];
  confirmationPolicy: Record<string, unknown>;
  seats: Record<string, unknown>;
  hidden: boolean;
}

export interface NewWebhook {
  subscriberUrl: string;
  triggers: string[];
  secret: string;
  active: boolean;
}

export interface CalcomClient {
  me(key: Key): Answer<contract.Me>;
  /** Empty when the user has none or is unknown: both are 404 upstream. */
  eventTypesOf(key: Key | null, username: string): Answer<contract.UpstreamEventType[]>;
  eventType(key: Key, id: EventTypeId): Answer<contract.UpstreamEventType>;
  /** Belongs to the owner of the key. */
  createEventType(
    key: Key,
    request: Partial<EventTypeRequest> & Pick<EventTypeRequest, 'title' | 'slug' | 'lengthInMinutes'>,
  ): Answer<contract.UpstreamEventType>;
  updateEventType(key: Key, id: EventTypeId, change: Partial<EventTypeRequest>): Answer<contract.UpstreamEventType>;
  /** Its bookings stay and no longer name it (360, 361). Gone already counts as deleted. */
  deleteEventType(key: Key, id: EventTypeId): Answer<null>;
  /** The one that holds where an event type names no other; null when the owner of the key has none. */
  defaultSchedule(key: Key): Answer<WorkingSchedule | null>;
  updateSchedule(key: Key, id: number, change: ScheduleChange): Answer<WorkingSchedule>;
  slots(key: Key | null, request: SlotsRequest): Answer<UpstreamSlot[]>;
  reserveSlot(
    key: Key,
    request: { eventTypeId: EventTypeId; startsAt: number; durationMinutes?: number; minutes: number },
  ): Answer<{ reservationUid: string; endsAt: number; until: number }>;
  /** Gone already counts as released. */
  releaseReservation(key: Key, reservationUid: string): Answer<null>;
  createBooking(key: Key, request: CreateBookingRequest): Answer<CreatedBookings>;
  /** Several for the uid of a series. */
  getBooking(key: Key | null, uid: BookingUid | string, how?: { background: boolean }): Answer<BookingObservation[]>;
  /** Bookings in which the owner of the key is host or attendee. */
  listBookings(key: Key, request: ListRequest): Answer<BookingPage>;
  /** The new booking. With `seatUid` only that person moves. */
  reschedule(
    key: Key | null,
    uid: BookingUid,
    request: { startsAt: number; reason?: string; rescheduledBy?: string; seatUid?: string },
  ): Answer<BookingObservation[]>;
  /** A host's key needs a reason and must not be used with `seatUid` (MEASURED "Bookings"). */
  cancel(
    key: Key | null,
    uid: BookingUid,
    request: { reason?: string; subsequent?: boolean; seatUid?: string },
  ): Answer<BookingObservation[]>;
  confirm(key: Key, uid: BookingUid): Answer<BookingObservation[]>;
  decline(key: Key, uid: BookingUid, request: { reason?: string }): Answer<BookingObservation[]>;
  markAbsent(
    key: Key,
    uid: BookingUid,
    request: { host?: boolean; attendees?: { email: string; absent: boolean }[] },
  ): Answer<BookingObservation[]>;
  /** To another host of the same round-robin event type. Its answer has no booking: read that afterwards; no webhook tells. */
  reassign(key: Key, uid: BookingUid, calcomUserId: number, request: { reason?: string }): Answer<null>;
  webhooks(key: Key): Answer<contract.UpstreamWebhook[]>;
  createWebhook(key: Key, webhook: NewWebhook): Answer<contract.UpstreamWebhook>;
  updateWebhook(key: Key, id: string, change: Partial<NewWebhook>): Answer<contract.UpstreamWebhook>;
  deleteWebhook(key: Key, id: string): Answer<null>;
  /** Registered on one event type: each is a second delivery of what the owner's webhook tells already (258). */
  eventTypeWebhooks(key: Key, eventTypeId: EventTypeId): Answer<contract.UpstreamWebhook[]>;
  deleteEventTypeWebhook(key: Key, eventTypeId: EventTypeId, id: string): Answer<null>;
}

export interface ClientOptions extends TransportOptions {
  /** Told of what an answer had in it that this release does not know. */
  onOddities?: (oddities: readonly Oddity[]) => void;
}

export function createCalcomClient(options: ClientOptions): CalcomClient {
  const transport = createTransport(options);
  const slotsTimeoutMs = options.limits?.slotsTimeoutMs ?? defaultLimits.slotsTimeoutMs;

  /** Calls, and reads the answer's `data` by a schema. */
  async function asking<Schema extends z.ZodType, Value>(
    key: Key | null,
    request: CalcomRequest,
    data: Schema,
    value: (data: z.output<Schema>, answer: CalcomAnswer) => Value,
  ): Answer<Value> {
    const answer = await transport.call(key, request);
    if (!answer.ok) return answer;
    const body = contract.success.safeParse(answer.value.json);
    if (!body.success) return fail(unreadable(request, issuesOf(body.error)));
    const read = data.safeParse(body.data.data);
    return read.success ? ok(value(read.data, answer.value)) : fail(unreadable(request, issuesOf(read.error)));
  }

  const news = (oddities: readonly Oddity[]) => {
    if (oddities.length > 0) options.onOddities?.(oddities);
  };

  /** Calls, and reads what the answer says of one booking, or of those of a series. */
  async function askingForBookings(key: Key | null, request: CalcomRequest): Answer<CreatedBookings> {
    const answer = await transport.call(key, request);
    if (!answer.ok) return answer;
    const body = contract.success.safeParse(answer.value.json);
    if (!body.success) return fail(unreadable(request, issuesOf(body.error)));
    const rows = (Array.isArray(body.data.data) ? body.data.data : [body.data.data]) as unknown[];
    const read = rows.map((row) => readBooking(row, answer.value.sentAt));
    news(once(read.flatMap(({ oddities }) => oddities)));
    const bookings = read.flatMap(({ observation }) => (observation === null ? [] : [observation]));
    const odd = read.find(({ problem }) => problem !== null);
    if (odd !== undefined) return fail(unreadable(request, odd.problem ?? ''));
    return ok({ bookings, seatUid: read[0]?.seatUid ?? null });
  }

  async function askingForObservations(key: Key | null, request: CalcomRequest): Answer<BookingObservation[]> {
    const read = await askingForBookings(key, request);
    return read.ok ? ok(read.value.bookings) : read;
  }

  const bookingCall = (key: Key | null, name: string, uid: string, action: string, body: Record<string, unknown> | undefined) =>
    askingForObservations(key, {
      name,
      method: 'POST',
      path: `/v2/bookings/${encodeURIComponent(uid)}/${action}`,
      version: contract.API_VERSION.bookings,
      body,
    });

  const webhookRequest = (
    name: string,
    method: CalcomRequest['method'],
    id: string | null,
    body?: Record<string, unknown>,
  ): CalcomRequest => ({
    name,
    method,
    path: id === null ? '/v2/webhooks' : `/v2/webhooks/${encodeURIComponent(id)}`,
    version: contract.API_VERSION.webhooks,
    ...(body === undefined ? {} : { body }),
  });

  /** Told of what an event type said that could not be read. */
  const eventTypesRead = <Read>(data: Read, { json }: CalcomAnswer): Read => {
    news(once(unreadValues('eventType', (json as { data?: unknown }).data, data, false)));
    return data;
  };

  return {
    me: (key) => asking(key, { name: 'me', method: 'GET', path: '/v2/me', version: contract.API_VERSION.me }, contract.me, (data) => data),

    async eventTypesOf(key, username) {
      const found = await asking(
        key,
        { name: 'eventTypesOf', method: 'GET', path: '/v2/event-types', version: contract.API_VERSION.eventTypes, query: { username } },
        z.array(eventTypeAsItComes),
        eventTypesRead,
      );
      return !found.ok && found.failure.kind === 'NotFound' ? ok([]) : found;
    },

    eventType: (key, id) =>
      asking(
        key,
        { name: 'eventType', method: 'GET', path: `/v2/event-types/${id}`, version: contract.API_VERSION.eventTypes },
        eventTypeAsItComes,
        eventTypesRead,
      ),

    createEventType: (key, request) =>
      asking(
        key,
        {
          name: 'createEventType',
          method: 'POST',
          path: '/v2/event-types',
          version: contract.API_VERSION.eventTypes,
          body: withoutUndefined({ ...request }),
        },
        eventTypeAsItComes,
        eventTypesRead,
      ),

    updateEventType: (key, id, change) =>
      asking(
        key,
        {
          name: 'updateEventType',
          method: 'PATCH',
          path: `/v2/event-types/${id}`,
          version: contract.API_VERSION.eventTypes,
          body: withoutUndefined({ ...change }),
        },
        eventTypeAsItComes,
        eventTypesRead,
      ),

    async deleteEventType(key, id) {
      const gone = await transport.call(key, {
        name: 'deleteEventType',
        method: 'DELETE',
        path: `/v2/event-types/${id}`,
        version: contract.API_VERSION.eventTypes,
      });
      return gone.ok || gone.failure.kind === 'NotFound' ? ok(null) : gone;
    },

    async defaultSchedule(key) {
      const found = await asking(
        key,
        { name: 'defaultSchedule', method: 'GET', path: '/v2/schedules/default', version: contract.API_VERSION.schedules },
        contract.schedule.nullish(),
        (data) => data ?? null,
      );
      return !found.ok && found.failure.kind === 'NotFound' ? ok(null) : found;
    },

    updateSchedule: (key, id, change) =>
      asking(
        key,
        {
          name: 'updateSchedule',
          method: 'PATCH',
          path: `/v2/schedules/${id}`,
          version: contract.API_VERSION.schedules,
          body: scheduleBody(change),
        },
        contract.schedule,
        (data) => data,
      ),

    slots: (key, request) =>
      asking(
        key,
        {
          name: 'slots',
          method: 'GET',
          path: '/v2/slots',
          version: contract.API_VERSION.slots,
          timeoutMs: slotsTimeoutMs,
          mayBeSlow: true,
          ...(request.repeat === undefined ? {} : { repeat: request.repeat }),
          query: {
            eventTypeId: request.eventTypeId,
            start: new Date(request.from).toISOString(),
            end: new Date(request.to).toISOString(),
            duration: request.durationMinutes,
            bookingUidToReschedule: request.bookingUidToReschedule,
          },
        },
        slotsAsTheyCome,
        ({ slots, oddities }) => {
          news(oddities);
          return slots.sort((a, b) => a.startsAt - b.startsAt);
        },
      ),

    reserveSlot: (key, request) =>
      asking(
        key,
        {
          name: 'reserveSlot',
          method: 'POST',
          path: '/v2/slots/reservations',
          version: contract.API_VERSION.slots,
          body: {
            eventTypeId: request.eventTypeId,
            slotStart: new Date(request.startsAt).toISOString(),
            reservationDuration: request.minutes,
            ...(request.durationMinutes === undefined ? {} : { slotDuration: request.durationMinutes }),
          },
        },
        contract.reservation,
        (data) => ({ reservationUid: data.reservationUid, endsAt: data.slotEnd, until: data.reservationUntil }),
      ),

    async releaseReservation(key, reservationUid) {
      const released = await transport.call(key, {
        name: 'releaseReservation',
        method: 'DELETE',
        path: `/v2/slots/reservations/${encodeURIComponent(reservationUid)}`,
        version: contract.API_VERSION.slots,
      });
      return released.ok || released.failure.kind === 'NotFound' ? ok(null) : released;
    },

    createBooking: (key, request) =>
      askingForBookings(key, {
        name: 'createBooking',
        method: 'POST',
        path: '/v2/bookings',
        version: contract.API_VERSION.bookings,
        body: withoutUndefined({ ...request, startsAt: undefined, start: new Date(request.startsAt).toISOString() }),
      }),

    getBooking: (key, uid, how) =>
      askingForObservations(key, {
        name: 'getBooking',
        method: 'GET',
        path: `/v2/bookings/${encodeURIComponent(uid)}`,
        version: contract.API_VERSION.bookings,
        ...how,
      }),

    async listBookings(key, request) {
      const call: CalcomRequest = {
        name: 'listBookings',
        method: 'GET',
        path: '/v2/bookings',
        version: contract.API_VERSION.bookings,
        background: request.background === true,
        query: {
          afterUpdatedAt: isoOrNothing(request.afterUpdatedAt),
          afterStart: isoOrNothing(request.afterStart),
          beforeEnd: isoOrNothing(request.beforeEnd),
          attendeeEmail: request.attendeeEmail,
          ...sorting(request.sort),
          take: request.take,
          skip: request.skip,
        },
      };
      const answer = await transport.call(key, call);
      if (!answer.ok) return answer;
      const page = contract.bookingList.safeParse(answer.value.json);
      if (!page.success) return fail(unreadable(call, issuesOf(page.error)));
      const rows = page.data.data.map((row) => readBooking(row, answer.value.sentAt));
      news(once(rows.flatMap(({ oddities }) => oddities)));
      const bookings = rows.flatMap(({ observation }) => (observation === null ? [] : [observation]));
      const odd = rows.length - bookings.length;
      if (odd > 0) options.log.warn('calcom.list.unreadable', { rows: odd });
      return ok({
        bookings,
        hasNextPage: page.data.pagination.hasNextPage,
        totalItems: page.data.pagination.totalItems,
        unreadable: odd,
      });
    },

    reschedule: (key, uid, request) =>
      bookingCall(
        key,
        'reschedule',
        uid,
        'reschedule',
        withoutUndefined({
          start: new Date(request.startsAt).toISOString(),
          reschedulingReason: request.seatUid === undefined ? request.reason : undefined,
          rescheduledBy: request.seatUid === undefined ? request.rescheduledBy : undefined,
          seatUid: request.seatUid,
        }),
      ),

    cancel: (key, uid, request) =>
      bookingCall(
        key,
        'cancel',
        uid,
        'cancel',
        request.seatUid === undefined
          ? withoutUndefined({ cancellationReason: request.reason, cancelSubsequentBookings: request.subsequent })
          : { seatUid: request.seatUid },
      ),

    confirm: (key, uid) => bookingCall(key, 'confirm', uid, 'confirm', undefined),

    decline: (key, uid, request) => bookingCall(key, 'decline', uid, 'decline', withoutUndefined({ reason: request.reason })),

    markAbsent: (key, uid, request) => bookingCall(key, 'markAbsent', uid, 'mark-absent', withoutUndefined({ ...request })),

    reassign: (key, uid, calcomUserId, request) =>
      asking(
        key,
        {
          name: 'reassign',
          method: 'POST',
          path: `/v2/bookings/${encodeURIComponent(uid)}/reassign/${calcomUserId}`,
          version: contract.API_VERSION.bookings,
          body: withoutUndefined({ reason: request.reason }),
        },
        z.unknown(),
        () => null,
      ),

    async webhooks(key) {
      const list = await asking(
        key,
        { ...webhookRequest('webhooks', 'GET', null), query: { take: 250 } },
        z.array(contract.webhook),
        (data) => data,
      );
      return list;
    },

    createWebhook: (key, webhook) =>
      asking(
        key,
        webhookRequest('createWebhook', 'POST', null, { ...webhook, triggers: [...new Set(webhook.triggers)] }),
        contract.webhook,
        (data) => data,
      ),

    updateWebhook: (key, id, change) =>
      asking(key, webhookRequest('updateWebhook', 'PATCH', id, withoutUndefined({ ...change })), contract.webhook, (data) => data),

    async deleteWebhook(key, id) {
      const gone = await transport.call(key, webhookRequest('deleteWebhook', 'DELETE', id));
      return gone.ok || gone.failure.kind === 'NotFound' ? ok(null) : gone;
    },

    eventTypeWebhooks: (key, eventTypeId) =>
      asking(
        key,
        {
          name: 'eventTypeWebhooks',
          method: 'GET',
          path: `/v2/event-types/${eventTypeId}/webhooks`,
          version: contract.API_VERSION.webhooks,
          query: { take: 250 },
        },
        z.array(contract.webhook),
        (data) => data,
      ),

    async deleteEventTypeWebhook(key, eventTypeId, id) {
      const gone = await transport.call(key, {
        name: 'deleteEventTypeWebhook',
        method: 'DELETE',
        path: `/v2/event-types/${eventTypeId}/webhooks/${encodeURIComponent(id)}`,
        version: contract.API_VERSION.webhooks,
      });
      return gone.ok || gone.failure.kind === 'NotFound' ? ok(null) : gone;
    },
  };
}

/** An odd detail of one event type must not hide the others. */
const eventTypeAsItComes = tolerant(contract.eventType, ['id', 'slug', 'title', 'lengthInMinutes']);

const slotsAsTheyCome = z.unknown().transform((json, context) => {
  const read = readSlots(json);
  if (read !== null) return read;
  context.issues.push({ code: 'custom', message: 'No slot can be read.', input: json });
  return z.NEVER;
});

/** A 2xx that we cannot read: a write has happened, but what came of it must be looked up. */
function unreadable(request: CalcomRequest, where: string): CalcomFailure {
  return calcomFailure(
    request.method === 'GET' ? 'Unreachable' : 'OutcomeUnknown',
    `The answer has another shape than expected (${where}).`,
  );
}

function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join('.')}: ${issue.code}`)
    .join(', ');
}

function sorting(sort: ListRequest['sort']): Record<string, string | undefined> {
  switch (sort) {
    case 'updatedAt':
      return { sortUpdatedAt: 'asc' };
    case 'start':
      return { sortStart: 'asc' };
    case 'created':
      return { sortCreated: 'asc' };
    case undefined:
      return {};
  }
}

function isoOrNothing(instant: number | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

/** Cal.com refuses keys it does not know, and `undefined` must not become one. */
function withoutUndefined(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
