/**
 * One set per request: whatever a list needs below its rows is asked for once, together. Appointments have theirs at the
 * node itself (appointments.graphql).
 */
import DataLoader from 'dataloader';
import type { EventTypeRow } from '../appointments/appointment-store.ts';
import type { Failure } from '../appointments/failure.ts';
import { maySeeHiddenEventTypes } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { ConnectionView } from '../connection/connection.ts';
import { type BookableEventType, eventTypesByIds, eventTypesOf } from '../event-types/event-type-store.ts';
import type { EventTypeId, UserId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Services, SlotQuery } from '../services.ts';
import type { SlotList } from '../slots/slot.ts';
import { linkSuggestions } from '../users/link-suggestions.ts';
import { usersByIds, type UserRow } from '../users/user-store.ts';

export interface Loaders {
  /** Disabled people included: they stay in past appointments. Null where unknown. */
  users: DataLoader<string, UserRow | null>;
  /** By row id of a participant: the patient it might be. */
  linkSuggestions: DataLoader<string, UserRow | null>;
  /** Hidden ones included; who may see them is decided where they are shown. */
  eventTypes: DataLoader<EventTypeId, BookableEventType | null>;
  /** What a clinician offers to this viewer. */
  eventTypesOfClinician: DataLoader<UserId, EventTypeRow[]>;
  /** How a clinician is connected to Cal.com; who may know is decided where it is shown. Null for whoever is none. */
  connections: DataLoader<UserId, ConnectionView | null>;
  /** Identical questions of one request are asked once. */
  slots: DataLoader<SlotQuery, Result<SlotList, Failure>, string>;
}

const MAX_BATCH = 100;

export function createLoaders(services: Services, viewer: Viewer | null): Loaders {
  const { pool, slots } = services;
  return {
    users: new DataLoader((ids) => usersByIds(pool, ids), { maxBatchSize: 1000 }),
    linkSuggestions: new DataLoader((ids) => linkSuggestions(pool, ids), { maxBatchSize: 1000 }),
    eventTypes: new DataLoader((ids) => eventTypesByIds(pool, ids), { maxBatchSize: 1000 }),
    eventTypesOfClinician: new DataLoader(async (clinicianIds) => {
      const only = clinicianIds.length === 1 ? (clinicianIds[0] ?? null) : null;
      const offered = await eventTypesOf(pool, only, maySeeHiddenEventTypes(viewer));
      const byClinician = Map.groupBy(offered, (eventType) => eventType.clinicianId);
      return clinicianIds.map((id) => byClinician.get(id) ?? []);
    }),
    connections: new DataLoader((ids) => services.connections.views(ids), { maxBatchSize: 1000 }),
    slots: new DataLoader((queries) => Promise.all(queries.map((query) => slots.find(viewer, query))), {
      cacheKeyFn: (query) => JSON.stringify(query),
      maxBatchSize: MAX_BATCH,
    }),
  };
}
