/** Our copy of each clinician's default schedule: readable for many clinicians at once, and while Cal.com is away. */
import type pg from 'pg';
import type { DayHours, WeeklyHours, WorkingSchedule } from '../calcom/schedule.ts';
import type { UserId } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface StoredSchedule {
  clinicianId: string;
  name: string;
  timeZone: string;
  weekly: WeeklyHours[];
  overrides: DayHours[];
  /** When Cal.com said so. */
  asOf: Date;
}

/** In the order asked; null where none is known. One statement. */
export async function schedulesOf(db: Database, clinicianIds: readonly string[]): Promise<(StoredSchedule | null)[]> {
  const result = await db.query<StoredSchedule>(
    `SELECT "clinicianId", "name", "timeZone", "weekly", "overrides", "syncedAt" AS "asOf" FROM "CalcomSchedule" WHERE "clinicianId" = ANY($1::uuid[])`,
    [clinicianIds],
  );
  const byClinician = new Map(result.rows.map((row) => [row.clinicianId, row]));
  return clinicianIds.map((id) => byClinician.get(id) ?? null);
}

/** `asOf`: when it was asked for; an older answer than the one we have changes nothing. */
export async function storeSchedule(db: Database, clinicianId: UserId, schedule: WorkingSchedule, asOf: Date): Promise<StoredSchedule> {
  const { id, name, timeZone, weekly, overrides } = schedule;
  await db.query(
    `INSERT INTO "CalcomSchedule" AS s ("clinicianId","calcomScheduleId","name","timeZone","weekly","overrides","syncedAt")
     VALUES ($1,$2,$3,$4,$5::jsonb,$6::jsonb,$7)
     ON CONFLICT ("clinicianId") DO UPDATE SET "calcomScheduleId" = EXCLUDED."calcomScheduleId", "name" = EXCLUDED."name",
       "timeZone" = EXCLUDED."timeZone", "weekly" = EXCLUDED."weekly", "overrides" = EXCLUDED."overrides", "syncedAt" = EXCLUDED."syncedAt"
     WHERE s."syncedAt" <= EXCLUDED."syncedAt"`,
    [clinicianId, id, name, timeZone, JSON.stringify(weekly), JSON.stringify(overrides), asOf],
  );
  return { clinicianId, name, timeZone, weekly, overrides, asOf };
}

/** The clinician has none at Cal.com any more. */
export async function dropSchedule(db: Database, clinicianId: UserId, asOf: Date): Promise<void> {
  await db.query(`DELETE FROM "CalcomSchedule" WHERE "clinicianId" = $1 AND "syncedAt" <= $2`, [clinicianId, asOf]);
}
