/**
 * Reads of appointments: what every list, node and subscription shows. Each call is one SQL statement that joins patient,
 * clinician and event type (STACK 15), and every one of them takes a scope, so that nothing is read that may not be seen.
 */
import type pg from 'pg';
import { type AppointmentId, isUuid, type UserId } from '../kernel/ids.ts';
import type { ChangeSnapshot, LogPosition } from '../live/change-log.ts';
import { Conditions, filterBy, restrict } from './appointment-conditions.ts';
import { type AppointmentRecord, RECORD, RECORD_JOINS, rowOf } from './appointment-record.ts';
import { createStatementNames } from '../database/statement-names.ts';
import type { AppointmentStatus, CareState, ConsultationType } from './appointment.ts';
import { BadPageCursor, cursorsOf, decodePageCursor, encodePageCursor } from './page-cursor.ts';

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
  /** Opaque keyset cursors as answered by `cursorOf`; another text is a BadPageCursor. */
  after?: string;
  before?: string;
}

export interface AppointmentPage {
  rows: AppointmentRow[];
  /** Cursor of the row at this index. */
  cursorOf: (index: number) => string;
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
  /** The log of each (and of those merged into it), newest first, in the order asked; null where unknown or not in scope. */
  histories(scope: AppointmentScope, ids: readonly AppointmentId[], first: number, after: string | null): Promise<(HistoryPage | null)[]>;
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
  const statementName = createStatementNames('appointments');
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
      const text = `SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
         (SELECT json_agg(${RECORD} ORDER BY ${order})
          FROM (SELECT a.* FROM "Appointment" a WHERE ${query.text()} ORDER BY ${order} LIMIT ${limit + 1}) a ${RECORD_JOINS}) AS records`;
      const result = await pool.query<{ horizon: string; records: AppointmentRecord[] | null }>({
        name: statementName(text),
        text,
        values: query.values,
      });
      const found = (result.rows[0]?.records ?? []).map(rowOf);
      const more = found.length > limit;
      const rows = found.slice(0, limit);
      if (!forward) rows.reverse();
      return {
        rows,
        cursorOf: cursorsOf(rows, (row) =>
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
      const text = `SELECT count(*)::int AS count FROM "Appointment" a WHERE ${query.text()}`;
      const result = await pool.query<{ count: number }>({ name: statementName(text), text, values: query.values });
      return result.rows[0]?.count ?? 0;
    },

    async byIds(scope, ids) {
      const wanted = [...new Set(ids.filter(isUuid))];
      if (wanted.length === 0) return ids.map(() => null);
      const query = new Conditions();
      restrict(query, scope);
      query.add((p) => `w.asked = ANY(${p(wanted)}::uuid[])`);
      const text = `SELECT w.asked, ${RECORD} AS record
         FROM (SELECT "id" AS asked, "id" AS actual FROM "Appointment" WHERE "id" = ANY($${query.values.length}::uuid[])
               UNION ALL SELECT "id", "appointmentId" FROM "AppointmentAlias" WHERE "id" = ANY($${query.values.length}::uuid[])) w
         JOIN "Appointment" a ON a."id" = w.actual ${RECORD_JOINS}
         WHERE ${query.text()}`;
      const result = await pool.query<{ asked: string; record: AppointmentRecord }>({
        name: statementName(text),
        text,
        values: query.values,
      });
      const byId = new Map(result.rows.map(({ asked, record }) => [asked, rowOf(record)]));
      return ids.map((id) => byId.get(id.toLowerCase()) ?? null);
    },

    async histories(scope, ids, first, after) {
      const current = await this.byIds(scope, ids);
      const found = [...new Set(current.flatMap((row) => row?.id ?? []))];
      if (found.length === 0) return ids.map(() => null);
      const cursor = decodePageCursor(after ?? undefined);
      const result = await pool.query<HistoryRecord>(
        `SELECT w."id" AS "ofId", c.xid::text AS xid, c."id"::text AS id, c."appointmentId", c."mergedIntoId", c."kind"::text AS kind, c."version", c."changedFields",
                c."cause"::text AS cause, c."actorId", c."appliedAt" AS at, c."before", c."after", c."bookingUid"
         FROM unnest($1::uuid[]) AS w("id") CROSS JOIN LATERAL (
           SELECT * FROM "AppointmentChange"
           WHERE "appointmentId" IN (SELECT w."id" UNION SELECT "id" FROM "AppointmentAlias" WHERE "appointmentId" = w."id")
             AND ($2::xid8 IS NULL OR (xid, "id") < ($2::xid8, $3::bigint))
           ORDER BY xid DESC, "id" DESC LIMIT $4) c
         ORDER BY c.xid DESC, c."id" DESC`,
        [found, cursor?.at ?? null, cursor?.id ?? null, first + 1],
      );
      const records = Map.groupBy(result.rows, ({ ofId }) => ofId);
      return current.map((row) => (row === null ? null : historyPage(records.get(row.id) ?? [], first)));
    },
  };
}

function historyPage(records: readonly HistoryRecord[], first: number): HistoryPage {
  return {
    entries: records.slice(0, first).map(({ ofId: _ofId, xid, id, ...entry }) => ({ ...entry, cursor: encodePageCursor({ at: xid, id }) })),
    hasNextPage: records.length > first,
  };
}

type HistoryRecord = Omit<HistoryEntry, 'cursor'> & { ofId: AppointmentId; xid: string; id: string };
