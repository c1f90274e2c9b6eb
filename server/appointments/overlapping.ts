/** Whether a time of a clinician is taken by a confirmed appointment of ours. Cal.com does not ask that when a host confirms (CONTRACT 10). */
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';
import type { AppointmentRow } from './appointment-store.ts';

type Database = Pick<pg.Pool, 'query'>;
type Times = Pick<AppointmentRow, 'id' | 'startsAt' | 'endsAt'>;

export async function overlapsConfirmed(db: Database, clinicianId: UserId, wanted: readonly Times[]): Promise<boolean> {
  const result = await db.query(
    `SELECT 1 FROM jsonb_to_recordset($2::jsonb) AS w("id" uuid, "startsAt" timestamptz, "endsAt" timestamptz)
     JOIN "Appointment" a ON a."clinicianId" = $1 AND a."id" <> w."id" AND a."status" = 'CONFIRMED'
      AND a."startsAt" < w."endsAt" AND a."endsAt" > w."startsAt" LIMIT 1`,
    [clinicianId, JSON.stringify(wanted.map(({ id, startsAt, endsAt }) => ({ id, startsAt, endsAt })))],
  );
  return result.rows.length > 0;
}

/** The requests of a series, which Cal.com decides together (CONTRACT 8); the one itself when there is no series. */
export async function requestsDecidedWith(db: Database, row: Times & Pick<AppointmentRow, 'seriesId'>): Promise<Times[]> {
  if (row.seriesId === null) return [row];
  const result = await db.query<Times>(
    `SELECT "id", "startsAt", "endsAt" FROM "Appointment" WHERE "seriesId" = $1 AND "status" = 'REQUESTED' LIMIT 200`,
    [row.seriesId],
  );
  return result.rows.some((one) => one.id === row.id) ? result.rows : [row, ...result.rows];
}
