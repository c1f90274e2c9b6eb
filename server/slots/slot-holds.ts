/**
 * Rows of `SlotHold`: a slot that somebody is filling the form for, or whose booking is on its way to Cal.com. PostgreSQL
 * keeps two of one clinician from overlapping; a group's hold has an empty range, because its seats are shared.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';
import { isUuid } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface SlotHoldRow {
  id: string;
  eventTypeId: number;
  clinicianId: UserId;
  viewerId: UserId;
  startsAt: Date;
  endsAt: Date;
  reservationUid: string | null;
  expiresAt: Date;
}

export interface NewHold {
  eventTypeId: number;
  clinicianId: string;
  viewerId: UserId;
  startsAt: Date;
  endsAt: Date;
  seated: boolean;
  expiresAt: Date;
}

/**
 * Null: somebody else holds that time. Of those who come at the same instant one gets it: `ON CONFLICT` makes the others
 * wait and see, where a plain insert would make them wait for each other and end in a deadlock.
 */
export async function takeHold(db: Database, hold: NewHold, now: Date): Promise<string | null> {
  const end = hold.seated ? hold.startsAt : hold.endsAt;
  await db.query(
    `DELETE FROM "SlotHold" WHERE "id" IN (
       SELECT "id" FROM "SlotHold" WHERE "clinicianId" = $1 AND "expiresAt" <= $2 AND tstzrange("startsAt", "endsAt") && tstzrange($3, $4)
       FOR UPDATE SKIP LOCKED)`,
    [hold.clinicianId, now, hold.startsAt, end],
  );
  const taken = await db.query<{ id: string }>(
    `INSERT INTO "SlotHold" ("id","eventTypeId","clinicianId","viewerId","startsAt","endsAt","expiresAt","createdAt")
     VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT DO NOTHING RETURNING "id"`,
    [randomUUID(), hold.eventTypeId, hold.clinicianId, hold.viewerId, hold.startsAt, end, hold.expiresAt, now],
  );
  return taken.rows[0]?.id ?? null;
}

export async function rememberReservation(db: Database, id: string, reservationUid: string): Promise<void> {
  await db.query(`UPDATE "SlotHold" SET "reservationUid" = $2 WHERE "id" = $1`, [id, reservationUid]);
}

/** The viewer's own hold, not expired. */
export async function ownHold(db: Database, viewerId: UserId, id: string, now: Date): Promise<SlotHoldRow | null> {
  if (!isUuid(id)) return null;
  const result = await db.query<SlotHoldRow>(`SELECT * FROM "SlotHold" WHERE "id" = $1 AND "viewerId" = $2 AND "expiresAt" > $3`, [
    id,
    viewerId,
    now,
  ]);
  return result.rows[0] ?? null;
}

/** Until then nobody else takes the time. */
export async function extendHold(db: Database, id: string, expiresAt: Date): Promise<void> {
  await db.query(`UPDATE "SlotHold" SET "expiresAt" = GREATEST("expiresAt", $2) WHERE "id" = $1`, [id, expiresAt]);
}

/** What was deleted, so that its reservation can be released upstream. */
export async function dropHold(db: Database, id: string): Promise<SlotHoldRow | null> {
  const result = await db.query<SlotHoldRow>(`DELETE FROM "SlotHold" WHERE "id" = $1 RETURNING *`, [id]);
  return result.rows[0] ?? null;
}

/** Every hold of these clinicians that has not expired. One statement. */
export async function holdsOf(db: Database, clinicianIds: readonly string[], now: Date): Promise<SlotHoldRow[]> {
  const result = await db.query<SlotHoldRow>(
    `SELECT * FROM "SlotHold" WHERE "clinicianId" = ANY($1::uuid[]) AND "expiresAt" > $2 AND "endsAt" > "startsAt"`,
    [[...new Set(clinicianIds)], now],
  );
  return result.rows;
}

/** The viewer's own holds of this event type, all of them or those of one time. */
export async function dropOwnHolds(db: Database, viewerId: UserId, eventTypeId: number, startsAt: Date | null): Promise<SlotHoldRow[]> {
  const result = await db.query<SlotHoldRow>(
    `DELETE FROM "SlotHold" WHERE "viewerId" = $1 AND "eventTypeId" = $2 AND ($3::timestamptz IS NULL OR "startsAt" = $3) RETURNING *`,
    [viewerId, eventTypeId, startsAt],
  );
  return result.rows;
}
