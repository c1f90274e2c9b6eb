/** Filters: global ids to ours, lists bounded. An id that names nothing matches nothing; it never widens the answer. */
import { z } from 'zod';
import { mayFilterByPatient, maySearchAppointments } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import { builder } from '../graphql/builder.ts';
import { invalid, NotAllowed } from '../graphql/errors.ts';
import { decodeEventTypeId, decodePersonId, NO_UUID, orNoEventType, orNoUuid } from '../graphql/global-id.ts';
import type { AppointmentFilter as StoreFilter } from './appointment-store.ts';
import type { AppointmentStatus as StatusValue, CareState as CareStateValue } from './appointment.ts';
import { AppointmentStatus, CareState } from './words.graphql.ts';

const MAX_LIST = 50;
const LEAST_SEARCH = 2;
const MOST_SEARCH = 100;

const list = z.array(z.unknown()).max(MAX_LIST, `At most ${MAX_LIST} at once.`).nullish();

const FilterBounds = z
  .looseObject({
    clinicianIds: list,
    statuses: list,
    careStates: list,
    eventTypeIds: list,
    startsAfter: z.date().nullish(),
    startsBefore: z.date().nullish(),
  })
  .refine(({ startsAfter, startsBefore }) => startsAfter == null || startsBefore == null || startsAfter < startsBefore, {
    path: ['startsBefore'],
    message: '`startsBefore` must be after `startsAfter`.',
  });

const DESCRIPTIONS = {
  clinicianIds: `Hosted by one of these. At most ${MAX_LIST}; an empty list matches nothing.`,
  patientId: 'Of this patient; for staff, and patients themselves.',
  statuses: 'In one of these statuses.',
  careStates: 'In one of these care states; of a seated booking any participant counts.',
  eventTypeIds: `Of one of these event types. At most ${MAX_LIST}.`,
  startsAfter: 'Starting at or after.',
  startsBefore: 'Starting before.',
};

export const AppointmentFilter = builder.inputType('AppointmentFilter', {
  description: 'All conditions that are given must hold.',
  validate: FilterBounds,
  fields: (t) => ({
    clinicianIds: t.idList({ description: DESCRIPTIONS.clinicianIds }),
    patientId: t.id({ description: DESCRIPTIONS.patientId }),
    statuses: t.field({ type: [AppointmentStatus], description: DESCRIPTIONS.statuses }),
    careStates: t.field({ type: [CareState], description: DESCRIPTIONS.careStates }),
    eventTypeIds: t.idList({ description: DESCRIPTIONS.eventTypeIds }),
    startsAfter: t.field({ type: 'DateTime', description: DESCRIPTIONS.startsAfter }),
    startsBefore: t.field({ type: 'DateTime', description: DESCRIPTIONS.startsBefore }),
    updatedSince: t.field({ type: 'DateTime', description: 'Changed here at or after.' }),
    search: t.string({
      description: `Part of a name, taken literally; ${LEAST_SEARCH} to ${MOST_SEARCH} characters. Staff only, POST only.`,
    }),
  }),
});

export const AppointmentLiveFilter = builder.inputType('AppointmentLiveFilter', {
  description: 'All conditions that are given must hold. What stops matching is announced as LEFT_FILTER.',
  validate: FilterBounds,
  fields: (t) => ({
    clinicianIds: t.idList({ description: DESCRIPTIONS.clinicianIds }),
    patientId: t.id({ description: DESCRIPTIONS.patientId }),
    statuses: t.field({ type: [AppointmentStatus], description: DESCRIPTIONS.statuses }),
    careStates: t.field({ type: [CareState], description: DESCRIPTIONS.careStates }),
    eventTypeIds: t.idList({ description: DESCRIPTIONS.eventTypeIds }),
    startsAfter: t.field({ type: 'DateTime', description: DESCRIPTIONS.startsAfter }),
    startsBefore: t.field({ type: 'DateTime', description: DESCRIPTIONS.startsBefore }),
  }),
});

/** What both inputs share, as GraphQL hands it over. */
interface FilterInput {
  clinicianIds?: string[] | null;
  patientId?: string | null;
  statuses?: StatusValue[] | null;
  careStates?: CareStateValue[] | null;
  eventTypeIds?: string[] | null;
  startsAfter?: Date | null;
  startsBefore?: Date | null;
}

/** The part of the filter that queries and subscriptions share. */
export function liveFilter(viewer: Viewer, input: FilterInput | null | undefined): Omit<StoreFilter, 'updatedSince' | 'search'> {
  if (input == null) return {};
  return {
    ...(input.clinicianIds == null ? {} : { clinicianIds: input.clinicianIds.map((id) => orNoUuid(decodePersonId(id, 'Clinician'))) }),
    ...(input.patientId == null ? {} : { patientId: patientOf(viewer, input.patientId) }),
    ...(input.statuses == null ? {} : { statuses: input.statuses }),
    ...(input.careStates == null ? {} : { careStates: input.careStates }),
    ...(input.eventTypeIds == null ? {} : { eventTypeIds: input.eventTypeIds.map((id) => orNoEventType(decodeEventTypeId(id))) }),
    ...(input.startsAfter == null ? {} : { startsAfter: input.startsAfter }),
    ...(input.startsBefore == null ? {} : { startsBefore: input.startsBefore }),
  };
}

export function storeFilter(
  viewer: Viewer,
  input: (FilterInput & { updatedSince?: Date | null; search?: string | null }) | null | undefined,
): StoreFilter {
  return {
    ...liveFilter(viewer, input),
    ...(input?.updatedSince == null ? {} : { updatedSince: input.updatedSince }),
    ...(input?.search == null ? {} : { search: searchOf(viewer, input.search) }),
  };
}

function patientOf(viewer: Viewer, globalId: string): string {
  const id = decodePersonId(globalId, 'Patient');
  return id !== null && mayFilterByPatient(viewer, id) ? id : NO_UUID;
}

function searchOf(viewer: Viewer, text: string): string {
  if (!maySearchAppointments(viewer)) throw new NotAllowed({ kind: 'NotAllowed', message: 'Only staff search by name.' });
  const search = text.trim();
  if (search.length >= LEAST_SEARCH && search.length <= MOST_SEARCH) return search;
  throw invalid({ path: 'filter.search', message: `Search for ${LEAST_SEARCH} to ${MOST_SEARCH} characters.` });
}
