/** How far each sweep of each clinician has come (`JobCheckpoint`), so that a killed one goes on where it was. */
import type pg from 'pg';
import type { BookingUid, UserId } from '../kernel/ids.ts';
import type { ListingPosition } from './read-listing.ts';
import type { SweepMode, SweepSpan } from './sweep.ts';

type Database = Pick<pg.Pool, 'query'>;

/** An unfinished walk through a window. Instants are Unix ms. */
export interface WalkCheckpoint {
  startedAt: number;
  from: number;
  to: number;
  position: ListingPosition;
  /** Of the listing, at its beginning. */
  total: number;
  seen: number;
  /** Nothing changed upstream while it was walked, and every row could be read. */
  steady: boolean;
  /** Live bookings of ours that have not been shown where they should be. */
  suspects: BookingUid[];
  drifted: boolean;
}

/** A walk that was broken off earlier than this begins anew: its first pages say nothing of today. */
const RESUMED_WITHIN_MS = 2 * 3_600_000;

const recentName = (ownerId: UserId | null) => `sweep:${ownerId ?? 'shared'}`;
const walkName = (ownerId: UserId | null, span: SweepSpan, mode: SweepMode) => `${recentName(ownerId)}:${span}:${mode}`;

/** `updatedAt` up to which everything has been seen. */
export async function loadReached(db: Database, ownerId: UserId | null): Promise<number | null> {
  return (await load<{ updatedAt?: number }>(db, recentName(ownerId)))?.updatedAt ?? null;
}

export async function saveReached(db: Database, ownerId: UserId | null, updatedAt: number): Promise<void> {
  await save(db, recentName(ownerId), { updatedAt });
}

/** The walk to go on with; null: begin anew. */
export async function loadWalk(
  db: Database,
  ownerId: UserId | null,
  wish: { span: SweepSpan; mode: SweepMode; from: number; to: number; now: number },
): Promise<WalkCheckpoint | null> {
  const found = await load<WalkCheckpoint>(db, walkName(ownerId, wish.span, wish.mode));
  if (found === null || wish.now - found.startedAt > RESUMED_WITHIN_MS) return null;
  if (wish.span === 'CUSTOM' && (found.from !== wish.from || found.to !== wish.to)) return null;
  return found;
}

export async function saveWalk(
  db: Database,
  ownerId: UserId | null,
  of: { span: SweepSpan; mode: SweepMode },
  walk: WalkCheckpoint,
): Promise<void> {
  await save(db, walkName(ownerId, of.span, of.mode), walk);
}

export async function endWalk(db: Database, ownerId: UserId | null, of: { span: SweepSpan; mode: SweepMode }): Promise<void> {
  await db.query(`DELETE FROM "JobCheckpoint" WHERE "name" = $1`, [walkName(ownerId, of.span, of.mode)]);
}

async function load<Value>(db: Database, name: string): Promise<Value | null> {
  const result = await db.query<{ value: Value }>(`SELECT "value" FROM "JobCheckpoint" WHERE "name" = $1`, [name]);
  return result.rows[0]?.value ?? null;
}

async function save(db: Database, name: string, value: unknown): Promise<void> {
  await db.query(
    `INSERT INTO "JobCheckpoint" ("name","value","updatedAt") VALUES ($1, $2::jsonb, now())
     ON CONFLICT ("name") DO UPDATE SET "value" = EXCLUDED."value", "updatedAt" = now()`,
    [name, JSON.stringify(value)],
  );
}
