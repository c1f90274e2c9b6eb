/**
 * The sandbox's clinic has been open since this morning: visits that are over are done (one now and then a no-show), whoever
 * is due is with the clinician or waiting. Written through the door for care states, and only where nobody has written yet.
 */
import type pg from 'pg';
import { type CareState, clinicDay } from '../server/appointments/appointment.ts';
import { createCareRecorder } from '../server/appointments/record-care.ts';
import { appointmentId, userId } from '../server/kernel/ids.ts';

const MINUTE = 60_000;
const ARRIVE_EARLY = 45 * MINUTE;
/** Fixed by the seed: the person at the front desk. */
const FRONT_DESK = userId('0197c000-0000-7000-8000-000000000101');

interface Untouched {
  id: string;
  participantId: string;
  seated: boolean;
  clinicianId: string;
  startsAt: Date;
  endsAt: Date;
}

export async function playDemoDay(options: { pool: pg.Pool; now: Date; clinicTimeZone: string; ring: () => void }): Promise<void> {
  const now = options.now.getTime();
  const today = clinicDay(now, options.clinicTimeZone);
  const result = await options.pool.query<Untouched>(
    `SELECT a."id", p."id" AS "participantId", a."seated", a."clinicianId", a."startsAt", a."endsAt"
     FROM "Appointment" a JOIN "AppointmentParticipant" p ON p."appointmentId" = a."id" AND p."state" = 'ACTIVE'
     WHERE a."status" = 'CONFIRMED' AND a."clinicianId" IS NOT NULL AND p."careState" = 'EXPECTED' AND p."careChangedAt" IS NULL
       AND a."startsAt" BETWEEN $1::timestamptz - interval '1 day' AND $1::timestamptz + interval '1 hour'
     ORDER BY a."startsAt", a."id", p."id"`,
    [options.now],
  );
  const withClinician = new Set<string>();
  for (const [index, visit] of result.rows.filter((row) => clinicDay(row.startsAt.getTime(), options.clinicTimeZone) === today).entries()) {
    const step = stepOf(visit, index, now, withClinician);
    if (step === null) continue;
    const recorder = createCareRecorder({ pool: options.pool, clock: { now: () => new Date(step.at) }, ring: options.ring });
    await recorder.record({
      appointmentId: appointmentId(visit.id),
      participantId: visit.seated ? visit.participantId : null,
      careState: step.to,
      expectedVersion: null,
      actorId: FRONT_DESK,
    });
  }
}

function stepOf(visit: Untouched, index: number, now: number, withClinician: Set<string>): { to: CareState; at: number } | null {
  const startsAt = visit.startsAt.getTime();
  const endsAt = visit.endsAt.getTime();
  if (endsAt <= now) return { to: index % 11 === 6 ? 'NO_SHOW' : 'DONE', at: endsAt };
  if (startsAt <= now) {
    const first = visit.seated || !withClinician.has(visit.clinicianId);
    withClinician.add(visit.clinicianId);
    return first ? { to: 'WITH_CLINICIAN', at: startsAt + MINUTE } : { to: 'IN_ROOM', at: startsAt - 2 * MINUTE };
  }
  if (startsAt - now > ARRIVE_EARLY || index % 2 === 1) return null;
  return { to: 'ARRIVED', at: now - (2 + (index % 5) * 4) * MINUTE };
}
