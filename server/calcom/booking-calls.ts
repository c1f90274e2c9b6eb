/** Bookings of Cal.com's API v2. Answers are already observations, so that Cal.com's spelling ends here. */
import { z } from 'zod';
import type { BookingUid, EventTypeId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok } from '../kernel/result.ts';
import { type Answer, type Asking, issuesOf, type Key, unreadable, withoutUndefined } from './asking.ts';
import type { BookingObservation } from './booking.ts';
import { readBooking } from './read-booking.ts';
import * as contract from './rest-contract.ts';
import { once } from './tolerant.ts';
import type { CalcomRequest } from './transport.ts';

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

export interface BookingCalls {
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
}

export function createBookingCalls({ asking, news, transport }: Asking, log: Log): BookingCalls {
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

  return {
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
      if (odd > 0) log.warn('calcom.list.unreadable', { rows: odd });
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
  };
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
