/** Every uid Cal.com has had for an appointment. A uid opens the booking's page there without a sign-in: admins only, audited. */
import type pg from 'pg';
import { recordAudit } from '../audit/audit-log.ts';
import { mayOperate } from '../auth/authorize.ts';
import type { AppointmentId, BookingUid } from '../kernel/ids.ts';
import type { Caller } from '../services.ts';

export interface KnownBookingUid {
  uid: BookingUid;
  /** The one that Cal.com uses now. */
  current: boolean;
  /** The booking it replaced; null for the first. */
  replaces: BookingUid | null;
  /** When it became known here. */
  since: Date;
}

/** Oldest first. Null for whoever may not know. */
export async function readBookingUids(pool: Pick<pg.Pool, 'query'>, caller: Caller, id: AppointmentId): Promise<KnownBookingUid[] | null> {
  if (!mayOperate(caller.viewer)) return null;
  await recordAudit(pool, caller, { action: 'appointment.booking-uids', subjectType: 'Appointment', subjectId: id });
  const result = await pool.query<KnownBookingUid>(
    `SELECT b."bookingUid" AS uid, a."id" IS NOT NULL AS current, b."fromUid" AS replaces, b."createdAt" AS since
     FROM "AppointmentBooking" b LEFT JOIN "Appointment" a ON a."calcomBookingUid" = b."bookingUid"
     WHERE b."appointmentId" = $1 ORDER BY b."bookingId" NULLS LAST, b."createdAt", b."bookingUid" LIMIT 200`,
    [id],
  );
  return result.rows;
}
