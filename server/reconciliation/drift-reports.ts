/** Rows of `DriftReport` and `DriftItem`: what comparisons with Cal.com found. Ids, times, classes and counts only. */
import type pg from 'pg';
import type { AppointmentId, BookingUid, UserId } from '../kernel/ids.ts';
import { DAY_MS, type DriftClass, type DriftCounts, noDrift, type SweepFailure, type SweepMode, type SweepSpan } from './sweep.ts';

type Database = Pick<pg.Pool, 'query'>;

export type SweepState = 'QUEUED' | 'RUNNING' | 'DONE' | 'INTERRUPTED';

export interface DriftReportRow {
  id: string;
  span: SweepSpan;
  mode: SweepMode;
  state: SweepState;
  requestedById: UserId | null;
  ownerId: UserId | null;
  repairOfId: string | null;
  windowFrom: Date | null;
  windowTo: Date | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  complete: boolean;
  owners: number;
  busyOwners: number;
  seen: number;
  changes: number;
  unreadable: number;
  failures: string[];
  /** Of the items. */
  counts: DriftCounts;
  repaired: number;
}

export interface DriftItemRow {
  id: string;
  class: DriftClass;
  ownerId: UserId | null;
  bookingUid: BookingUid;
  appointmentId: AppointmentId | null;
  ourStartsAt: Date | null;
  upstreamStartsAt: Date | null;
  foundAt: Date;
  repairedAt: Date | null;
}

export type NewDriftItem = Omit<DriftItemRow, 'id' | 'foundAt' | 'repairedAt' | 'ourStartsAt' | 'upstreamStartsAt'> & {
  /** Unix ms. */
  ourStartsAt: number | null;
  upstreamStartsAt: number | null;
  repaired: boolean;
};

export interface ReportWish {
  span: SweepSpan;
  mode: SweepMode;
  requestedById: UserId | null;
  ownerId: UserId | null;
  repairOfId: string | null;
  window: { from: Date; to: Date } | null;
}

const KEPT_MS = 90 * DAY_MS;

const REPORT = `r."id", r."span"::text AS span, r."mode"::text AS mode, r."state"::text AS state, r."requestedById", r."ownerId", r."repairOfId", r."windowFrom",
  r."windowTo", r."createdAt", r."startedAt", r."finishedAt", r."complete", r."owners", r."busyOwners", r."seen", r."changes", r."unreadable", r."failures",
  COALESCE((SELECT jsonb_object_agg(i.class, i.n) FROM (SELECT "class"::text AS class, count(*)::int AS n FROM "DriftItem" WHERE "reportId" = r."id" GROUP BY 1) i), '{}') AS counts,
  (SELECT count(*)::int FROM "DriftItem" WHERE "reportId" = r."id" AND "repairedAt" IS NOT NULL) AS repaired`;

export async function createReport(db: Database, wish: ReportWish, state: 'QUEUED' | 'RUNNING', now: Date): Promise<string> {
  const result = await db.query<{ id: string }>(
    `INSERT INTO "DriftReport" ("id","span","mode","state","requestedById","ownerId","repairOfId","windowFrom","windowTo","createdAt","startedAt","failures","expiresAt")
     VALUES (gen_random_uuid(), $1::"SweepSpan", $2::"SweepMode", $3::"SweepState", $4, $5, $6, $7, $8, $9::timestamptz, CASE WHEN $3 = 'RUNNING' THEN $9::timestamptz END, '{}', $10)
     RETURNING "id"`,
    [
      wish.span,
      wish.mode,
      state,
      wish.requestedById,
      wish.ownerId,
      wish.repairOfId,
      wish.window?.from ?? null,
      wish.window?.to ?? null,
      now,
      new Date(now.getTime() + KEPT_MS),
    ],
  );
  const id = result.rows[0]?.id;
  if (id === undefined) throw new Error('The report was not stored.');
  return id;
}

/** The oldest that waits, now RUNNING; null when none does. One taker gets it. */
export async function claimQueued(db: Database, now: Date): Promise<DriftReportRow | null> {
  const result = await db.query<{ id: string }>(
    `UPDATE "DriftReport" SET "state" = 'RUNNING', "startedAt" = $1
     WHERE "id" = (SELECT "id" FROM "DriftReport" WHERE "state" = 'QUEUED' ORDER BY "createdAt", "id" LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING "id"`,
    [now],
  );
  const id = result.rows[0]?.id;
  return id === undefined ? null : reportById(db, id);
}

/** One item a booking: a later find replaces an earlier one. */
export async function addItems(db: Database, reportId: string, items: readonly NewDriftItem[], now: Date): Promise<void> {
  if (items.length === 0) return;
  await db.query(
    `INSERT INTO "DriftItem" ("id","reportId","class","ownerId","bookingUid","appointmentId","ourStartsAt","upstreamStartsAt","foundAt","repairedAt")
     SELECT gen_random_uuid(), $1::uuid, r."class"::"DriftClass", r."ownerId", r."bookingUid", r."appointmentId",
            to_timestamp(r."ourStartsAt"/1000), to_timestamp(r."upstreamStartsAt"/1000), $3::timestamptz, CASE WHEN r."repaired" THEN $3::timestamptz END
     FROM jsonb_to_recordset($2::jsonb) AS r("class" text, "ownerId" uuid, "bookingUid" text, "appointmentId" uuid, "ourStartsAt" float8, "upstreamStartsAt" float8, "repaired" boolean)
     ON CONFLICT ("reportId","bookingUid") DO UPDATE SET "class" = EXCLUDED."class", "appointmentId" = COALESCE(EXCLUDED."appointmentId", "DriftItem"."appointmentId"),
       "ourStartsAt" = EXCLUDED."ourStartsAt", "upstreamStartsAt" = EXCLUDED."upstreamStartsAt", "repairedAt" = EXCLUDED."repairedAt"`,
    [reportId, JSON.stringify(items), now],
  );
}

export interface ReportEnd {
  complete: boolean;
  owners: number;
  busy: number;
  seen: number;
  changes: number;
  unreadable: number;
  failures: readonly SweepFailure[];
  interrupted: boolean;
}

export async function finishReport(db: Database, id: string, end: ReportEnd, now: Date): Promise<void> {
  await db.query(
    `UPDATE "DriftReport" SET "state" = $2::"SweepState", "finishedAt" = $3, "complete" = $4, "owners" = $5, "busyOwners" = $6, "seen" = $7, "changes" = $8,
       "unreadable" = $9, "failures" = $10 WHERE "id" = $1`,
    [
      id,
      end.interrupted ? 'INTERRUPTED' : 'DONE',
      now,
      end.complete,
      end.owners,
      end.busy,
      end.seen,
      end.changes,
      end.unreadable,
      [...new Set(end.failures.map((failure) => failure.kind))],
    ],
  );
}

/** A look by the clock that found nothing is not worth a row. */
export async function dropReport(db: Database, id: string): Promise<void> {
  await db.query(`DELETE FROM "DriftReport" WHERE "id" = $1`, [id]);
}

export async function reportById(db: Database, id: string): Promise<DriftReportRow | null> {
  const result = await db.query<DriftReportRow>(`SELECT ${REPORT} FROM "DriftReport" r WHERE r."id" = $1`, [id]);
  return result.rows[0] === undefined ? null : withAllCounts(result.rows[0]);
}

export interface PageAfter {
  at: string;
  id: string;
}

/** Newest first. */
export async function reportPage(
  db: Database,
  first: number,
  after: PageAfter | null,
): Promise<{ rows: DriftReportRow[]; hasNextPage: boolean }> {
  const result = await db.query<DriftReportRow>(
    `SELECT ${REPORT} FROM "DriftReport" r
     WHERE $2::timestamptz IS NULL OR (r."createdAt", r."id") < ($2::timestamptz, $3::uuid)
     ORDER BY r."createdAt" DESC, r."id" DESC LIMIT $1`,
    [first + 1, after?.at ?? null, after?.id ?? null],
  );
  return { rows: result.rows.slice(0, first).map(withAllCounts), hasNextPage: result.rows.length > first };
}

export interface ItemPage {
  rows: DriftItemRow[];
  hasNextPage: boolean;
}

/** In one stable order. */
export async function itemPage(
  db: Database,
  reportId: string,
  only: DriftClass | null,
  first: number,
  afterId: string | null,
): Promise<ItemPage> {
  const [page] = await itemPages(db, [reportId], only, first, afterId);
  return page ?? { rows: [], hasNextPage: false };
}

/** The same of several reports, in the order asked. */
export async function itemPages(
  db: Database,
  reportIds: readonly string[],
  only: DriftClass | null,
  first: number,
  afterId: string | null,
): Promise<ItemPage[]> {
  const result = await db.query<DriftItemRow & { ofId: string }>(
    `SELECT r."id" AS "ofId", i."id", i."class"::text AS class, i."ownerId", i."bookingUid", i."appointmentId", i."ourStartsAt", i."upstreamStartsAt", i."foundAt", i."repairedAt"
     FROM unnest($1::uuid[]) AS r("id") CROSS JOIN LATERAL (
       SELECT * FROM "DriftItem" WHERE "reportId" = r."id" AND ($2::text IS NULL OR "class"::text = $2) AND ($3::uuid IS NULL OR "id" > $3::uuid)
       ORDER BY "id" LIMIT $4) i
     ORDER BY i."id"`,
    [reportIds, only, afterId, first + 1],
  );
  const found = Map.groupBy(result.rows, ({ ofId }) => ofId);
  return reportIds.map((id) => {
    const rows = (found.get(id) ?? []).map(({ ofId: _ofId, ...row }) => row);
    return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
  });
}

function withAllCounts(row: DriftReportRow): DriftReportRow {
  return { ...row, counts: { ...noDrift(), ...row.counts } };
}
