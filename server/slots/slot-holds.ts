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
  /** Of the wish that Cal.com is being asked for; null while somebody only fills the form. */
  requestId: string | null;
  expiresAt: Date;
}

export interface NewHold {
  eventTypeId: number;
  clinicianId: string;
  viewerId: UserId;
  startsAt: Date;
  endsAt: Date;
  seated: boolean;
  requestId: string | null;
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
    `INSERT INTO "SlotHold" ("id","eventTypeId","clinicianId","viewerId","startsAt","endsAt","requestId","expiresAt","createdAt")
     VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING RETURNING "id"`,
    [randomUUID(), hold.eventTypeId, hold.clinicianId, hold.viewerId, hold.startsAt, end, hold.requestId, hold.expiresAt, now],
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

/**
 * Makes the viewer's own hold that of one wish, until `expiresAt`. False: there is no such hold any more, it is of another
 * time or too short, or another wish has it already.
 */
export async function useHold(db: Database, id: string, wish: NewHold & { requestId: string }, now: Date): Promise<boolean> {
  if (!isUuid(id)) return false;
  const used = await db.query(
    `UPDATE "SlotHold" SET "requestId" = $2, "expiresAt" = GREATEST("expiresAt", $3)
     WHERE "id" = $1 AND "viewerId" = $4 AND "clinicianId" = $5 AND "eventTypeId" = $6 AND "startsAt" = $7 AND "endsAt" >= $8 AND "expiresAt" > $9
       AND ("requestId" IS NULL OR "requestId" = $2)`,
    [
      id,
      wish.requestId,
      wish.expiresAt,
      wish.viewerId,
      wish.clinicianId,
      wish.eventTypeId,
      wish.startsAt,
      wish.seated ? wish.startsAt : wish.endsAt,
      now,
    ],
  );
  return (used.rowCount ?? 0) > 0;
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

/**
 * The viewer's own holds of this event type, all of them or those of one time. What another wish is asking Cal.com for
 * stays: a desk is one viewer and several people.
 */
export async function dropOwnHolds(
  db: Database,
  viewerId: UserId,
  which: { eventTypeId: number; startsAt: Date | null; requestId: string | null },
): Promise<SlotHoldRow[]> {
  const result = await db.query<SlotHoldRow>(
    `DELETE FROM "SlotHold" WHERE "viewerId" = $1 AND "eventTypeId" = $2 AND ($3::timestamptz IS NULL OR "startsAt" = $3)
       AND ("requestId" IS NULL OR "requestId" = $4::uuid) RETURNING *`,
    [viewerId, which.eventTypeId, which.startsAt, which.requestId],
  );
  return result.rows;
}
