/**
 * Since when a clinician's appointments are proven to equal Cal.com's: the start of the last comparison of a window that
 * read its listing to the end and left nothing different. And what such a comparison says about webhooks: changes that it
 * found, old enough to have been told, of which none told us.
 */
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface ProvenEqual {
  ownerId: UserId;
  /** Null: never yet. */
  provenAt: Date | null;
  suspectedGhosts: number;
}

export async function noteProvenEqual(db: Database, ownerId: UserId, at: Date): Promise<void> {
  await db.query(
    `INSERT INTO "JobCheckpoint" ("name","value","updatedAt") VALUES ($1, jsonb_build_object('at', $2::text), now())
     ON CONFLICT ("name") DO UPDATE SET "value" = EXCLUDED."value", "updatedAt" = now()`,
    [`proven:${ownerId}`, at.toISOString()],
  );
}

/** Of every clinician in service whom we may ask Cal.com about, longest ago first. */
export async function provenEqual(db: Database, ownerIds: readonly UserId[]): Promise<ProvenEqual[]> {
  const result = await db.query<ProvenEqual>(
    `SELECT o.id AS "ownerId", (c."value"->>'at')::timestamptz AS "provenAt",
            (SELECT count(*)::int FROM "SuspectedGhost" g WHERE g."ownerId" = o.id) AS "suspectedGhosts"
     FROM unnest($1::uuid[]) AS o(id) LEFT JOIN "JobCheckpoint" c ON c."name" = 'proven:' || o.id
     ORDER BY "provenAt" NULLS FIRST, o.id`,
    [ownerIds],
  );
  return result.rows;
}

/** For health: numbers about nobody in particular. */
export interface ProofHealth {
  /** Whose bookings can be compared. */
  clinicians: number;
  neverProven: number;
  /** Of the one proven longest ago; null when none is. */
  secondsSinceProvenEqual: number | null;
  /** How many have not been proven equal for too long, although the gateway has been running that long. */
  overdue: number;
}

/** Three times the pace of the sweep that proves it: two in a row may fail. */
const OVERDUE_MS = 45 * 60_000;

/** `startedAt`: when this gateway began to sweep; before that nobody could. */
export async function proofHealth(db: Database, ownerIds: readonly UserId[], startedAt: Date, now: Date): Promise<ProofHealth> {
  const proven = await provenEqual(db, ownerIds);
  const ages = proven.flatMap(({ provenAt }) => (provenAt === null ? [] : [Math.max(0, now.getTime() - provenAt.getTime())]));
  const overdue = proven.filter(({ provenAt }) => now.getTime() - Math.max(provenAt?.getTime() ?? 0, startedAt.getTime()) > OVERDUE_MS);
  return {
    clinicians: proven.length,
    neverProven: proven.length - ages.length,
    secondsSinceProvenEqual: ages.length === 0 ? null : Math.round(Math.max(...ages) / 1000),
    overdue: overdue.length,
  };
}

/** One sweep of one clinician, as a witness of the webhooks. */
export interface SweepNote {
  ownerId: UserId;
  at: Date;
  /** Changes upstream, made since the comparison before and more than two minutes ago, that the sweep recorded. */
  found: number;
  /** How many of them no webhook had named. Above zero while none came at all: the registration is broken. */
  untold: number;
}

/** Kept per clinician while it says something: the newest sweep that found changes. */
export async function noteSweep(db: Database, note: SweepNote): Promise<void> {
  await db.query(
    `INSERT INTO "JobCheckpoint" ("name","value","updatedAt")
     VALUES ($1, jsonb_build_object('at', $2::text, 'found', $3::int, 'untold', $4::int), now())
     ON CONFLICT ("name") DO UPDATE SET "value" = EXCLUDED."value", "updatedAt" = now()`,
    [`sweep-note:${note.ownerId}`, note.at.toISOString(), note.found, note.untold],
  );
}

/** The newest note of each clinician whose sweep found changes. */
export async function sweepNotes(db: Database): Promise<SweepNote[]> {
  const result = await db.query<SweepNote>(
    `SELECT substr("name", 12) AS "ownerId", ("value"->>'at')::timestamptz AS at, ("value"->>'found')::int AS found, ("value"->>'untold')::int AS untold
     FROM "JobCheckpoint" WHERE "name" LIKE 'sweep-note:%' ORDER BY 1`,
  );
  return result.rows;
}

/** Clinicians of whom a sweep found changes that no webhook told, and none has come for them since. */
export async function untoldOwners(db: Database): Promise<SweepNote[]> {
  const notes = (await sweepNotes(db)).filter((note) => note.untold > 0);
  if (notes.length === 0) return [];
  const result = await db.query<{ id: UserId; lastAt: Date | null }>(
    `SELECT u."id", (SELECT max(e."createdAt") FROM "CalcomWebhookEvent" e WHERE e."hostCalcomId" = u."calcomUserId") AS "lastAt"
     FROM "User" u WHERE u."id" = ANY($1::uuid[])`,
    [notes.map((note) => note.ownerId)],
  );
  const lastAt = new Map(result.rows.map((row) => [row.id, row.lastAt?.getTime() ?? 0]));
  return notes.filter((note) => (lastAt.get(note.ownerId) ?? 0) < note.at.getTime());
}
