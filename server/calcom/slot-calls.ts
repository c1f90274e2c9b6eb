/** Free slots and their reservations in Cal.com's API v2. */
import { z } from 'zod';
import type { BookingUid, EventTypeId } from '../kernel/ids.ts';
import { type Answer, type Asking, askingToDelete, type Key } from './asking.ts';
import { readSlots } from './read-slots.ts';
import * as contract from './rest-contract.ts';

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

export interface SlotCalls {
  slots(key: Key | null, request: SlotsRequest): Answer<UpstreamSlot[]>;
  reserveSlot(
    key: Key,
    request: { eventTypeId: EventTypeId; startsAt: number; durationMinutes?: number; minutes: number },
  ): Answer<{ reservationUid: string; endsAt: number; until: number }>;
  /** Gone already counts as released. */
  releaseReservation(key: Key, reservationUid: string): Answer<null>;
}

const slotsAsTheyCome = z.unknown().transform((json, context) => {
  const read = readSlots(json);
  if (read !== null) return read;
  context.issues.push({ code: 'custom', message: 'No slot can be read.', input: json });
  return z.NEVER;
});

export function createSlotCalls(ask: Asking, { slotsTimeoutMs }: { slotsTimeoutMs: number }): SlotCalls {
  const { asking, news } = ask;
  return {
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

    releaseReservation: (key, reservationUid) =>
      askingToDelete(ask, key, {
        name: 'releaseReservation',
        path: `/v2/slots/reservations/${encodeURIComponent(reservationUid)}`,
        version: contract.API_VERSION.slots,
      }),
  };
}
