/**
 * Reads of appointments: what every list, node and subscription shows. Each call is one SQL statement that joins patient,
 * clinician and event type (STACK 15), and every one of them takes a scope, so that nothing is read that may not be seen.
 */
import type pg from 'pg';
import { type AppointmentId, isUuid, type UserId } from '../kernel/ids.ts';
import type { ChangeSnapshot, LogPosition } from '../live/change-log.ts';
import type { AppointmentStatus, CareState, ConsultationType } from './appointment.ts';
import { BadPageCursor, decodePageCursor, encodePageCursor } from './page-cursor.ts';

/** A person as joined to an appointment: the columns of `User` that may be shown. */
export interface PersonRow {
  id: string;
  role: string;
  name: string;
  email: string | null;
  phone: string | null;
  timezone: string;
  locale: string;
  disabledAt: Date | null;
}

export interface EventTypeRow {
  id: number;
  clinicianId: string;
  slug: string;
  title: string;
  description: string | null;
  durationMinutes: number;
  durationOptions: number[];
  consultationTypes: ConsultationType[];
  requiresConfirmation: boolean;
  hidden: boolean;
  seats: number | null;
  recurring: boolean;
}

export interface HostRow {
  userId: UserId | null;
  name: string;
  organizer: boolean;
}

export interface ParticipantRow {
  id: string;
  userId: UserId | null;
  seatUid: string | null;
  name: string;
  email: string | null;
  phone: string | null;
  timeZone: string;
  careState: CareState | null;
  careChangedAt: Date | null;
  absent: boolean;
  state: 'ACTIVE' | 'CANCELLED' | 'MOVED';
}

/** One appointment with everything the schema shows; one SQL statement yields any number of them. */
export interface AppointmentRow {
  id: AppointmentId;
  version: number;
  bookingUid: string;
  bookingId: number | null;
  eventTypeId: number | null;
  metadata: Record<string, unknown> | null;
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
  status: AppointmentStatus;
  careState: CareState | null;
  careChangedAt: Date | null;
  consultationType: ConsultationType;
  title: string;
  description: string | null;
  reason: string | null;
  location: string | null;
  cancellationReason: string | null;
  rejectionReason: string | null;
  seated: boolean;
  hasConflict: boolean;
  seriesId: string | null;
  createdAt: Date;
  updatedAt: Date;
  clinician: PersonRow | null;
  patient: PersonRow | null;
  eventType: EventTypeRow | null;
  hosts: HostRow[];
  participants: ParticipantRow[];
}

/** Which rows a viewer may see at all; made by `auth/authorize` (`appointmentScope`), required by every read. */
export type AppointmentScope = { all: true } | { hostId: UserId } | { patientId: UserId } | { none: true };

export interface AppointmentFilter {
  clinicianIds?: string[];
  patientId?: string;
  statuses?: AppointmentStatus[];
  careStates?: CareState[];
  eventTypeIds?: number[];
  startsAfter?: Date;
  startsBefore?: Date;
  updatedSince?: Date;
  /** Literal text of at least 2 characters, staff only. */
  search?: string;
}

export interface AppointmentPageRequest {
  filter: AppointmentFilter;
  orderBy: { field: 'STARTS_AT' | 'UPDATED_AT'; direction: 'ASC' | 'DESC' };
  /** Exactly one of first and last, 1..100. */
  first?: number;
  last?: number;
  /** Opaque keyset cursors as answered in `cursors`; another text is a BadPageCursor. */
  after?: string;
  before?: string;
}

export interface AppointmentPage {
  rows: AppointmentRow[];
  /** Cursor of each row, same order. */
  cursors: string[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  /** Where the log stood in the snapshot the rows were read in. */
  changePosition: LogPosition;
}

export interface AppointmentStore {
  page(scope: AppointmentScope, request: AppointmentPageRequest): Promise<AppointmentPage>;
  count(scope: AppointmentScope, filter: AppointmentFilter): Promise<number>;
  /** Rows in the order asked, null where unknown or not in scope; merged ids answer with the winner. */
  byIds(scope: AppointmentScope, ids: readonly AppointmentId[]): Promise<(AppointmentRow | null)[]>;
  /** The log of one appointment (and of those merged into it), newest first. */
  history(scope: AppointmentScope, id: AppointmentId, first: number, after: string | null): Promise<HistoryPage | null>;
}

export interface HistoryEntry {
  cursor: string;
  /** The record it happened to: this appointment, or one that was merged into it. */
  appointmentId: AppointmentId;
  /** The record that goes on, for MERGED. */
  mergedIntoId: AppointmentId | null;
  kind: string;
  version: number;
  changedFields: string[];
  cause: string;
  actorId: UserId | null;
  at: Date;
  before: ChangeSnapshot | null;
  after: ChangeSnapshot;
  /** For admins only. */
  bookingUid: string;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  hasNextPage: boolean;
}

export { BadPageCursor };

export interface StoreOptions {
  pool: pg.Pool;
  /** The current timeline of the change log. */
  timeline: () => string;
}

export function createAppointmentStore({ pool, timeline }: StoreOptions): AppointmentStore {
  return {
    async page(scope, request) {
      const query = new Conditions();
      restrict(query, scope);
      filterBy(query, scope, request.filter);
      const column = request.orderBy.field === 'STARTS_AT' ? '"startsAt"' : '"updatedAt"';
      const forward = request.last === undefined;
      const ascending = (request.orderBy.direction === 'ASC') === forward;
      const limit = request.first ?? request.last ?? 50;
      const after = decodePageCursor(request.after);
      const before = decodePageCursor(request.before);
      const beyond = request.orderBy.direction === 'ASC' ? '>' : '<';
      const short = request.orderBy.direction === 'ASC' ? '<' : '>';
      if (after !== null) query.add((p) => `(a.${column}, a."id") ${beyond} (${p(after.at)}::timestamptz, ${p(after.id)}::uuid)`);
      if (before !== null) query.add((p) => `(a.${column}, a."id") ${short} (${p(before.at)}::timestamptz, ${p(before.id)}::uuid)`);
      const direction = ascending ? 'ASC' : 'DESC';
      const order = `a.${column} ${direction}, a."id" ${direction}`;
      const result = await pool.query<AppointmentRecord & { horizon: string }>(
        `WITH h AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon),
              picked AS MATERIALIZED (SELECT a.* FROM "Appointment" a WHERE ${query.text()} ORDER BY ${order} LIMIT ${limit + 1})
         SELECT h.horizon, rows.* FROM h LEFT JOIN LATERAL (
           SELECT ${ROW} FROM picked a ${JOINS} ORDER BY ${order}
         ) rows ON true`,
        query.values,
      );
      const found = result.rows.filter((row) => row.id !== null).map(rowOf);
      const more = found.length > limit;
      const rows = found.slice(0, limit);
      if (!forward) rows.reverse();
      return {
        rows,
        cursors: rows.map((row) =>
          encodePageCursor({ at: (request.orderBy.field === 'STARTS_AT' ? row.startsAt : row.updatedAt).toISOString(), id: row.id }),
        ),
        hasNextPage: forward ? more : before !== null,
        hasPreviousPage: forward ? after !== null : more,
        // Nothing at or above the horizon has been read for certain: a reader resumes there (STACK 14).
        changePosition: { timeline: timeline(), xid: result.rows[0]?.horizon ?? '0', id: '0' },
      };
    },

    async count(scope, filter) {
      const query = new Conditions();
      restrict(query, scope);
      filterBy(query, scope, filter);
      const result = await pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM "Appointment" a WHERE ${query.text()}`,
        query.values,
      );
      return result.rows[0]?.count ?? 0;
    },

    async byIds(scope, ids) {
      const wanted = [...new Set(ids.filter(isUuid))];
      if (wanted.length === 0) return ids.map(() => null);
      const query = new Conditions();
      restrict(query, scope);
      query.add((p) => `w.asked = ANY(${p(wanted)}::uuid[])`);
      const result = await pool.query<AppointmentRecord & { asked: string }>(
        `SELECT w.asked, ${ROW}
         FROM (SELECT "id" AS asked, "id" AS actual FROM "Appointment" WHERE "id" = ANY($${query.values.length}::uuid[])
               UNION ALL SELECT "id", "appointmentId" FROM "AppointmentAlias" WHERE "id" = ANY($${query.values.length}::uuid[])) w
         JOIN "Appointment" a ON a."id" = w.actual ${JOINS}
         WHERE ${query.text()}`,
        query.values,
      );
      const byId = new Map(result.rows.map((row) => [row.asked, rowOf(row)]));
      return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
    },

    async history(scope, id, first, after) {
      const [current] = await this.byIds(scope, [id]);
      if (current == null) return null;
      const cursor = decodePageCursor(after ?? undefined);
      const result = await pool.query<HistoryRecord>(
        `SELECT c.xid::text AS xid, c."id"::text AS id, c."appointmentId", c."mergedIntoId", c."kind"::text AS kind, c."version", c."changedFields", c."cause"::text AS cause, c."actorId",
                c."appliedAt" AS at, c."before", c."after", c."bookingUid"
         FROM "AppointmentChange" c
         WHERE c."appointmentId" IN (SELECT $1::uuid UNION SELECT "id" FROM "AppointmentAlias" WHERE "appointmentId" = $1::uuid)
           AND ($2::xid8 IS NULL OR (c.xid, c."id") < ($2::xid8, $3::bigint))
         ORDER BY c.xid DESC, c."id" DESC LIMIT $4`,
        [current.id, cursor?.at ?? null, cursor?.id ?? null, first + 1],
      );
      return {
        entries: result.rows
          .slice(0, first)
          .map(({ xid, id: rowId, ...row }) => ({ ...row, cursor: encodePageCursor({ at: xid, id: rowId }) })),
        hasNextPage: result.rows.length > first,
      };
    },
  };
}

type AppointmentRecord = Omit<AppointmentRow, 'clinician' | 'patient' | 'participants'> & {
  clinician: JsonPerson | null;
  patient: JsonPerson | null;
  participants: (Omit<ParticipantRow, 'careChangedAt'> & { careChangedAt: string | null })[];
};

type JsonPerson = Omit<PersonRow, 'disabledAt'> & { disabledAt: string | null };

type HistoryRecord = Omit<HistoryEntry, 'cursor'> & { xid: string; id: string };

const PERSON = (alias: string) =>
  `CASE WHEN ${alias}."id" IS NULL THEN NULL ELSE json_build_object('id', ${alias}."id", 'role', ${alias}."role", 'name', ${alias}."name", 'email', ${alias}."email",
     'phone', ${alias}."phone", 'timezone', ${alias}."timezone", 'locale', ${alias}."locale", 'disabledAt', ${alias}."disabledAt") END`;

const ROW = `a."id", a."version", a."calcomBookingUid" AS "bookingUid", a."calcomBookingId" AS "bookingId", a."calcomEventTypeId" AS "eventTypeId",
  a."calcomMetadata" AS metadata, a."startsAt", a."endsAt", a."timeZone", a."status"::text AS status, a."careState"::text AS "careState", a."careChangedAt",
  a."consultationType"::text AS "consultationType", a."title", a."description", a."reason", a."location", a."cancellationReason", a."rejectionReason",
  a."seated", a."hasConflict", a."seriesId", a."createdAt", a."updatedAt",
  ${PERSON('c')} AS clinician, ${PERSON('u')} AS patient,
  CASE WHEN e."id" IS NULL THEN NULL ELSE json_build_object('id', e."id", 'clinicianId', e."clinicianId", 'slug', e."slug", 'title', e."title",
    'description', e."description", 'durationMinutes', e."durationMinutes", 'durationOptions', e."durationOptions", 'consultationTypes', e."consultationTypes",
    'requiresConfirmation', e."requiresConfirmation", 'hidden', e."hidden", 'seats', e."seats", 'recurring', e."recurring") END AS "eventType",
  hosts.list AS hosts, people.list AS participants`;

const JOINS = `LEFT JOIN "User" c ON c."id" = a."clinicianId"
  LEFT JOIN "User" u ON u."id" = a."patientId"
  LEFT JOIN "CalcomEventType" e ON e."id" = a."calcomEventTypeId"
  LEFT JOIN LATERAL (SELECT COALESCE(json_agg(json_build_object('userId', h."userId", 'name', h."name", 'organizer', h."organizer") ORDER BY h."position"), '[]'::json) AS list
    FROM "AppointmentHost" h WHERE h."appointmentId" = a."id") hosts ON true
  LEFT JOIN LATERAL (SELECT COALESCE(json_agg(json_build_object('id', p."id", 'userId', p."userId", 'seatUid', p."seatUid", 'name', p."name", 'email', p."email",
      'phone', p."phone", 'timeZone', p."timeZone", 'careState', p."careState", 'careChangedAt', p."careChangedAt", 'absent', p."absent", 'state', p."state")
      ORDER BY p."createdAt", p."id"), '[]'::json) AS list
    FROM "AppointmentParticipant" p WHERE p."appointmentId" = a."id") people ON true`;

function rowOf(record: AppointmentRecord): AppointmentRow {
  return {
    ...record,
    clinician: personOf(record.clinician),
    patient: personOf(record.patient),
    participants: record.participants.map((participant) => ({
      ...participant,
      careChangedAt: participant.careChangedAt === null ? null : new Date(participant.careChangedAt),
    })),
  };
}

function personOf(person: JsonPerson | null): PersonRow | null {
  return person === null ? null : { ...person, disabledAt: person.disabledAt === null ? null : new Date(person.disabledAt) };
}

/** WHERE conditions with their numbered values. */
class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = ['true'];

  add(make: (parameter: (value: unknown) => string) => string): void {
    this.#parts.push(
      make((value) => {
        this.values.push(value);
        return `$${this.values.length}`;
      }),
    );
  }

  text(): string {
    return this.#parts.join(' AND ');
  }
}

function restrict(query: Conditions, scope: AppointmentScope): void {
  if ('none' in scope) query.add(() => 'false');
  else if ('hostId' in scope) {
    query.add(
      (p) =>
        `(a."clinicianId" = ${p(scope.hostId)}::uuid OR EXISTS (SELECT 1 FROM "AppointmentHost" mine WHERE mine."appointmentId" = a."id" AND mine."userId" = ${p(scope.hostId)}::uuid))`,
    );
  } else if ('patientId' in scope) {
    query.add(
      (p) =>
        `(a."patientId" = ${p(scope.patientId)}::uuid OR EXISTS (SELECT 1 FROM "AppointmentParticipant" mine WHERE mine."appointmentId" = a."id" AND mine."state" = 'ACTIVE' AND mine."userId" = ${p(scope.patientId)}::uuid))`,
    );
  }
}

function filterBy(query: Conditions, scope: AppointmentScope, filter: AppointmentFilter): void {
  const { clinicianIds, patientId, statuses, careStates, eventTypeIds, startsAfter, startsBefore, updatedSince, search } = filter;
  if (clinicianIds !== undefined) {
    query.add(
      (p) =>
        `EXISTS (SELECT 1 FROM "AppointmentHost" f WHERE f."appointmentId" = a."id" AND f."userId" = ANY(${p(clinicianIds.filter(isUuid))}::uuid[]))`,
    );
  }
  if (patientId !== undefined) {
    query.add((p) => {
      const id = p(isUuid(patientId) ? patientId : null);
      return `(a."patientId" = ${id}::uuid OR EXISTS (SELECT 1 FROM "AppointmentParticipant" f WHERE f."appointmentId" = a."id" AND f."state" = 'ACTIVE' AND f."userId" = ${id}::uuid))`;
    });
  }
  if (statuses !== undefined) query.add((p) => `a."status" = ANY(${p(statuses)}::"AppointmentStatus"[])`);
  if (careStates !== undefined) {
    query.add((p) => {
      const states = p(careStates);
      // A patient asks about the own seat only: what the filter finds must not tell of the others.
      const own = 'patientId' in scope ? ` AND f."userId" = ${p(scope.patientId)}::uuid` : '';
      return `(a."careState" = ANY(${states}::"CareState"[]) OR (a."seated" AND EXISTS (SELECT 1 FROM "AppointmentParticipant" f
        WHERE f."appointmentId" = a."id" AND f."state" = 'ACTIVE' AND f."careState" = ANY(${states}::"CareState"[])${own})))`;
    });
  }
  if (eventTypeIds !== undefined) query.add((p) => `a."calcomEventTypeId" = ANY(${p(eventTypeIds)}::int[])`);
  if (startsAfter !== undefined) query.add((p) => `a."startsAt" >= ${p(startsAfter)}`);
  if (startsBefore !== undefined) query.add((p) => `a."startsAt" < ${p(startsBefore)}`);
  if (updatedSince !== undefined) query.add((p) => `a."updatedAt" >= ${p(updatedSince)}`);
  if (search !== undefined) {
    query.add((p) => {
      const pattern = p(`%${search.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`);
      return `EXISTS (SELECT 1 FROM "AppointmentParticipant" f WHERE f."appointmentId" = a."id" AND lower(f."name") LIKE ${pattern})`;
    });
  }
}
