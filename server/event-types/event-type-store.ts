/** Our copy of Cal.com's event types: what people may book, readable while Cal.com is away. */
import type pg from 'pg';
import type { EventTypeRow } from '../appointments/appointment-store.ts';
import type { Transaction } from '../database/transaction.ts';
import type { EventTypeId, UserId } from '../kernel/ids.ts';
import type { BookingField, EventTypeFacts, EventTypeLocation } from './event-type.ts';

type Database = Pick<pg.Pool, 'query'>;

/** An event type with what booking it needs. */
export interface BookableEventType extends EventTypeRow {
  locations: EventTypeLocation[];
  bookingFields: BookingField[];
}

const COLUMNS = `e."id", e."clinicianId", e."slug", e."title", e."description", e."durationMinutes", e."durationOptions",
  e."consultationTypes"::text[] AS "consultationTypes", e."requiresConfirmation", e."hidden", e."seats", e."recurring", e."locations", e."bookingFields"`;

/** In the order asked; null where unknown or deleted upstream. One statement. */
export async function eventTypesByIds(db: Database, ids: readonly EventTypeId[]): Promise<(BookableEventType | null)[]> {
  const result = await db.query<BookableEventType>(
    `SELECT ${COLUMNS} FROM "CalcomEventType" e WHERE e."id" = ANY($1::int[]) AND e."deletedAt" IS NULL`,
    [[...new Set(ids)]],
  );
  const byId = new Map(result.rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Of one clinician, or of all (null), by clinician's name and title; those of disabled clinicians are left out. */
export async function eventTypesOf(db: Database, clinicianId: UserId | null, includeHidden: boolean): Promise<BookableEventType[]> {
  const result = await db.query<BookableEventType>(
    `SELECT ${COLUMNS} FROM "CalcomEventType" e JOIN "User" u ON u."id" = e."clinicianId" AND u."disabledAt" IS NULL
     WHERE e."deletedAt" IS NULL AND ($1::uuid IS NULL OR e."clinicianId" = $1) AND ($2 OR NOT e."hidden")
     ORDER BY u."name", e."title", e."id" LIMIT 1000`,
    [clinicianId, includeHidden],
  );
  return result.rows;
}

/** A slug is unique per clinician only. */
export async function eventTypeBySlug(db: Database, clinicianId: UserId, slug: string): Promise<BookableEventType | null> {
  const result = await db.query<BookableEventType>(
    `SELECT ${COLUMNS} FROM "CalcomEventType" e WHERE e."clinicianId" = $1 AND e."slug" = $2 AND e."deletedAt" IS NULL ORDER BY e."id" LIMIT 1`,
    [clinicianId, slug],
  );
  return result.rows[0] ?? null;
}

/** Every fact of what one clinician offers here, hidden ones too; locked until the transaction ends. By id. */
export async function offeredFacts(tx: Pick<Transaction, 'query'>, clinicianId: UserId): Promise<EventTypeFacts[]> {
  const result = await tx.query<EventTypeFacts>(
    `SELECT e."id", e."slug", e."title", e."description", e."durationMinutes", e."durationOptions",
       e."consultationTypes"::text[] AS "consultationTypes", e."requiresConfirmation", e."hidden", e."seats", e."recurring", e."locations", e."bookingFields"
     FROM "CalcomEventType" e WHERE e."clinicianId" = $1 AND e."deletedAt" IS NULL ORDER BY e."id" FOR UPDATE`,
    [clinicianId],
  );
  return result.rows;
}

/** Which of these event types were written after `since`: what was read before then is older than they are. */
export async function writtenSince(tx: Pick<Transaction, 'query'>, clinicianId: UserId, since: Date): Promise<Set<number>> {
  const result = await tx.query<{ id: number }>(`SELECT "id" FROM "CalcomEventType" WHERE "clinicianId" = $1 AND "syncedAt" > $2`, [
    clinicianId,
    since,
  ]);
  return new Set(result.rows.map(({ id }) => id));
}

/** Writes these as offered by the clinician; others stay as they are. How many. */
export async function storeEventTypes(
  tx: Pick<Transaction, 'query'>,
  clinicianId: UserId,
  facts: readonly EventTypeFacts[],
): Promise<number> {
  const stored = await tx.query(
    `INSERT INTO "CalcomEventType" ("id","clinicianId","slug","title","description","durationMinutes","durationOptions","consultationTypes",
       "requiresConfirmation","hidden","seats","recurring","locations","bookingFields","deletedAt","syncedAt")
     SELECT t.id, $1, t.slug, t.title, t.description, t."durationMinutes",
            ARRAY(SELECT jsonb_array_elements_text(t."durationOptions")::int),
            ARRAY(SELECT jsonb_array_elements_text(t."consultationTypes"))::"ConsultationType"[],
            t."requiresConfirmation", t.hidden, t.seats, t.recurring, t.locations, t."bookingFields", NULL, clock_timestamp()
     FROM jsonb_to_recordset($2::jsonb) AS t(id int, slug text, title text, description text, "durationMinutes" int, "durationOptions" jsonb,
       "consultationTypes" jsonb, "requiresConfirmation" boolean, hidden boolean, seats int, recurring boolean, locations jsonb, "bookingFields" jsonb)
     ON CONFLICT ("id") DO UPDATE SET "clinicianId" = EXCLUDED."clinicianId", "slug" = EXCLUDED."slug", "title" = EXCLUDED."title",
       "description" = EXCLUDED."description", "durationMinutes" = EXCLUDED."durationMinutes", "durationOptions" = EXCLUDED."durationOptions",
       "consultationTypes" = EXCLUDED."consultationTypes", "requiresConfirmation" = EXCLUDED."requiresConfirmation", "hidden" = EXCLUDED."hidden",
       "seats" = EXCLUDED."seats", "recurring" = EXCLUDED."recurring", "locations" = EXCLUDED."locations", "bookingFields" = EXCLUDED."bookingFields",
       "deletedAt" = NULL, "syncedAt" = EXCLUDED."syncedAt"`,
    [clinicianId, JSON.stringify(facts)],
  );
  return stored.rowCount ?? 0;
}

/** They are offered no longer, and stay: appointments name them. */
export async function markDeleted(tx: Pick<Transaction, 'query'>, clinicianId: UserId, ids: readonly number[]): Promise<void> {
  await tx.query(
    `UPDATE "CalcomEventType" SET "deletedAt" = clock_timestamp(), "syncedAt" = clock_timestamp()
     WHERE "clinicianId" = $1 AND "deletedAt" IS NULL AND "id" = ANY($2::int[])`,
    [clinicianId, ids],
  );
}
