/**
 * One set per request: whatever a list needs below its rows is asked for once, together. Appointments have theirs at the
 * node itself (appointments.graphql).
 */
import DataLoader from 'dataloader';
import type { EventTypeRow, HistoryPage } from '../appointments/appointment-store.ts';
import { type Failure, notAllowed } from '../appointments/failure.ts';
import { appointmentScope, maySeeHiddenEventTypes } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { ConnectionView } from '../connection/connection.ts';
import { type BookableEventType, eventTypesByIds, eventTypesOf } from '../event-types/event-type-store.ts';
import type { AppointmentId, EventTypeId, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { ItemPage } from '../reconciliation/drift-reports.ts';
import type { DriftClass } from '../reconciliation/sweep.ts';
import type { Services, SlotQuery } from '../services.ts';
import type { SlotList } from '../slots/slot.ts';
import { linkSuggestions } from '../users/link-suggestions.ts';
import { type BlockedTime, blockedTimesOf } from '../schedules/blocked-time-store.ts';
import { schedulesOf, type StoredSchedule } from '../schedules/schedule-store.ts';
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
  /** Null where none is known. */
  schedules: DataLoader<string, StoredSchedule | null>;
  /** One statement for each range asked for. */
  blockedTimes: DataLoader<BlockedTimeQuestion, BlockedTime[], string>;
  /** Two statements for each page size asked for. Null where the viewer may not see the appointment. */
  histories: DataLoader<HistoryQuestion, HistoryPage | null, string>;
  /** One statement for each class and page size asked for. */
  driftItems: DataLoader<DriftItemsQuestion, Result<ItemPage, Failure>, string>;
  /** Identical questions of one request are asked once. */
  slots: DataLoader<SlotQuery, Result<SlotList, Failure>, string>;
}

export interface HistoryQuestion {
  appointmentId: AppointmentId;
  first: number;
  after: string | null;
}

export interface DriftItemsQuestion {
  reportId: string;
  only: DriftClass | null;
  first: number;
  afterId: string | null;
}

export interface BlockedTimeQuestion {
  clinicianId: string;
  from: Date;
  to: Date;
}

const MAX_BATCH = 100;

/** Each is made when it is first asked for: most executions need one or none of them. */
export function createLoaders(services: Services, viewer: Viewer | null): Loaders {
  return new RequestLoaders(services, viewer);
}

class RequestLoaders implements Loaders {
  readonly #services: Services;
  readonly #viewer: Viewer | null;
  readonly #made: Partial<Loaders> = {};

  constructor(services: Services, viewer: Viewer | null) {
    this.#services = services;
    this.#viewer = viewer;
  }

  get users() {
    return (this.#made.users ??= new DataLoader((ids) => usersByIds(this.#services.pool, ids), { maxBatchSize: 1000 }));
  }

  get linkSuggestions() {
    return (this.#made.linkSuggestions ??= new DataLoader((ids) => linkSuggestions(this.#services.pool, ids), { maxBatchSize: 1000 }));
  }

  get eventTypes() {
    return (this.#made.eventTypes ??= new DataLoader((ids) => eventTypesByIds(this.#services.pool, ids), { maxBatchSize: 1000 }));
  }

  get eventTypesOfClinician() {
    return (this.#made.eventTypesOfClinician ??= new DataLoader(async (clinicianIds) => {
      const only = clinicianIds.length === 1 ? (clinicianIds[0] ?? null) : null;
      const offered = await eventTypesOf(this.#services.pool, only, maySeeHiddenEventTypes(this.#viewer));
      const byClinician = Map.groupBy(offered, (eventType) => eventType.clinicianId);
      return clinicianIds.map((id) => byClinician.get(id) ?? []);
    }));
  }

  get connections() {
    return (this.#made.connections ??= new DataLoader((ids) => this.#services.connections.views(ids), { maxBatchSize: 1000 }));
  }

  get schedules() {
    return (this.#made.schedules ??= new DataLoader((ids) => schedulesOf(this.#services.pool, ids), { maxBatchSize: 1000 }));
  }

  get blockedTimes() {
    return (this.#made.blockedTimes ??= new DataLoader((questions) => blockedTimes(this.#services.pool, questions), {
      cacheKeyFn: (question) => JSON.stringify(question),
    }));
  }

  get histories() {
    return (this.#made.histories ??= new DataLoader((questions) => histories(this.#services, this.#viewer, questions), {
      cacheKeyFn: (question) => JSON.stringify(question),
    }));
  }

  get driftItems() {
    return (this.#made.driftItems ??= new DataLoader((questions) => driftItems(this.#services, this.#viewer, questions), {
      cacheKeyFn: (question) => JSON.stringify(question),
    }));
  }

  get slots() {
    const find = (query: SlotQuery) => this.#services.slots.find(this.#viewer, query);
    return (this.#made.slots ??= new DataLoader((queries) => Promise.all(queries.map(find)), {
      cacheKeyFn: (query) => JSON.stringify(query),
      maxBatchSize: MAX_BATCH,
    }));
  }
}

async function blockedTimes(pool: Services['pool'], questions: readonly BlockedTimeQuestion[]): Promise<BlockedTime[][]> {
  const ranges = Map.groupBy(questions, ({ from, to }) => `${from.getTime()} ${to.getTime()}`);
  const found = new Map<string, BlockedTime[]>();
  for (const [range, asked] of ranges) {
    const [{ from, to } = { from: new Date(0), to: new Date(0) }] = asked;
    const ids = asked.map(({ clinicianId }) => clinicianId);
    found.set(range, await blockedTimesOf(pool, ids, from, to));
  }
  return questions.map(({ clinicianId, from, to }) =>
    (found.get(`${from.getTime()} ${to.getTime()}`) ?? []).filter((one) => one.clinicianId === clinicianId),
  );
}

async function histories(
  { appointments }: Services,
  viewer: Viewer | null,
  questions: readonly HistoryQuestion[],
): Promise<(HistoryPage | null)[]> {
  if (viewer === null) return questions.map(() => null);
  const pages = new Map<HistoryQuestion, HistoryPage | null>();
  for (const asked of Map.groupBy(questions, ({ first, after }) => `${first} ${after}`).values()) {
    const [{ first, after } = { first: 0, after: null }] = asked;
    const found = await appointments.histories(
      appointmentScope(viewer),
      asked.map(({ appointmentId }) => appointmentId),
      first,
      after,
    );
    for (const [index, question] of asked.entries()) pages.set(question, found[index] ?? null);
  }
  return questions.map((question) => pages.get(question) ?? null);
}

async function driftItems(
  { reconciliation }: Services,
  viewer: Viewer | null,
  questions: readonly DriftItemsQuestion[],
): Promise<Result<ItemPage, Failure>[]> {
  if (viewer === null) return questions.map(() => fail(notAllowed('Reconciliation is for admins.')));
  const pages = new Map<DriftItemsQuestion, Result<ItemPage, Failure>>();
  for (const asked of Map.groupBy(questions, ({ only, first, afterId }) => `${only} ${first} ${afterId}`).values()) {
    const [{ only, first, afterId } = { only: null, first: 0, afterId: null }] = asked;
    const ids = asked.map(({ reportId }) => reportId);
    const found = await reconciliation.items(viewer, ids, only, first, afterId);
    for (const [index, question] of asked.entries())
      pages.set(question, found.ok ? ok(found.value[index] ?? { rows: [], hasNextPage: false }) : found);
  }
  return questions.map((question) => pages.get(question) ?? ok({ rows: [], hasNextPage: false }));
}
