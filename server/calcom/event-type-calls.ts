/** Event types of Cal.com's API v2. */
import { z } from 'zod';
import type { EventTypeId } from '../kernel/ids.ts';
import { ok } from '../kernel/result.ts';
import { type Answer, type Asking, askingToDelete, type Key, withoutUndefined } from './asking.ts';
import * as contract from './rest-contract.ts';
import { once, tolerant, unreadValues } from './tolerant.ts';
import type { CalcomAnswer } from './transport.ts';

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

export interface EventTypeCalls {
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
}

/** An odd detail of one event type must not hide the others. */
const eventTypeAsItComes = tolerant(contract.eventType, ['id', 'slug', 'title', 'lengthInMinutes']);

export function createEventTypeCalls(ask: Asking): EventTypeCalls {
  const { asking, news } = ask;

  /** Told of what an event type said that could not be read. */
  const eventTypesRead = <Read>(data: Read, { json }: CalcomAnswer): Read => {
    news(once(unreadValues('eventType', (json as { data?: unknown }).data, data, false)));
    return data;
  };

  return {
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

    deleteEventType: (key, id) =>
      askingToDelete(ask, key, {
        name: 'deleteEventType',
        path: `/v2/event-types/${id}`,
        version: contract.API_VERSION.eventTypes,
      }),
  };
}
