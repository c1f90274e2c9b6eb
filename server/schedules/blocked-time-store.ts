/** Time off that Cal.com told of (`OOO_CREATED`): whose and when. It is shown; what is free is for Cal.com to compute. */
import type pg from 'pg';
import type { HostTimeOff } from '../calcom/webhook-saying.ts';
import type { Transaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface BlockedTime {
  id: string;
  clinicianId: UserId;
  startsAt: Date;
  endsAt: Date;
}

export type TimeOffOutcome = { kind: 'RECORDED' | 'OLD'; clinicianId: UserId } | { kind: 'UNKNOWN_HOST' };

/** Idempotent and safe in any order. The host is found as those of bookings are (appointments/link-people). */
export async function recordTimeOff(tx: Transaction, timeOff: HostTimeOff): Promise<TimeOffOutcome> {
  const hosts = await tx.query<{ id: UserId }>(
    `SELECT "id" FROM "User" WHERE "role" = 'CLINICIAN' AND ("calcomUserId" = $1 OR ("calcomUserId" IS NULL AND "email" = $2))
     ORDER BY "calcomUserId" NULLS LAST LIMIT 1`,
    [timeOff.host.calcomUserId, timeOff.host.email],
  );
  const clinicianId = hosts.rows[0]?.id;
  if (clinicianId === undefined) return { kind: 'UNKNOWN_HOST' };
  const { upstreamUid, startsAt, endsAt, upstreamAt } = timeOff;
  const written = await tx.query(
    `INSERT INTO "BlockedTime" AS b ("id","upstreamUid","clinicianId","startsAt","endsAt","upstreamAt") VALUES (gen_random_uuid(),$1,$2,$3,$4,$5)
     ON CONFLICT ("upstreamUid") DO UPDATE SET "clinicianId" = EXCLUDED."clinicianId", "startsAt" = EXCLUDED."startsAt",
       "endsAt" = EXCLUDED."endsAt", "upstreamAt" = EXCLUDED."upstreamAt", "dismissedAt" = NULL
     WHERE b."upstreamAt" < EXCLUDED."upstreamAt"`,
    [upstreamUid, clinicianId, new Date(startsAt), new Date(endsAt), new Date(upstreamAt)],
  );
  return { kind: (written.rowCount ?? 0) > 0 ? 'RECORDED' : 'OLD', clinicianId };
}

/** Touching [from, to), by start; at most 1000 for all of them. One statement. */
export async function blockedTimesOf(db: Database, clinicianIds: readonly string[], from: Date, to: Date): Promise<BlockedTime[]> {
  const result = await db.query<BlockedTime>(
    `SELECT "id", "clinicianId", "startsAt", "endsAt" FROM "BlockedTime"
     WHERE "clinicianId" = ANY($1::uuid[]) AND "dismissedAt" IS NULL AND "startsAt" < $3 AND "endsAt" > $2
     ORDER BY "startsAt", "id" LIMIT 1000`,
    [clinicianIds, from, to],
  );
  return result.rows;
}

export async function blockedTimeById(db: Database, id: string): Promise<BlockedTime | null> {
  const result = await db.query<BlockedTime>(
    `SELECT "id", "clinicianId", "startsAt", "endsAt" FROM "BlockedTime" WHERE "id" = $1 AND "dismissedAt" IS NULL`,
    [id],
  );
  return result.rows[0] ?? null;
}

export async function dismiss(tx: Database, id: string): Promise<void> {
  await tx.query(`UPDATE "BlockedTime" SET "dismissedAt" = now() WHERE "id" = $1`, [id]);
}
