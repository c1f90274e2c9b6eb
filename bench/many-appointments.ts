/** A clinic's log book of any length: 100 appointments a day of 20 clinicians, going back and forth from one day. */
import type pg from 'pg';
import { DESK } from './live/clinic.ts';

export const DAY_MS = 86_400_000;
/** Has appointments at any length. */
export const FIRST_DAY = Date.UTC(2026, 10, 16);
const CLINICIANS = 20;
const PATIENTS = 5_000;
const A_DAY = 100;

/** Ids that say who it is; `kind` is a hexadecimal digit. */
const id = (kind: string, number: string) => `('00000000-0000-7000-8000-${kind}' || lpad(to_hex(${number}), 11, '0'))::uuid`;

export async function addPeople(client: pg.Client): Promise<void> {
  await client.query(`
    INSERT INTO "User" ("id","role","name","email","updatedAt")
    SELECT ${id('c', 'n')}, 'CLINICIAN'::"Role", 'Dr. Amara Osei ' || n, 'clinician-' || n || '@example.com', now() FROM generate_series(0, ${CLINICIANS - 1}) AS n
    UNION ALL SELECT ${id('b', 'n')}, 'PATIENT', 'Jonah Reyes ' || n, 'patient-' || n || '@example.com', now() FROM generate_series(0, ${PATIENTS - 1}) AS n
    UNION ALL SELECT '${DESK}', 'FRONT_DESK', 'Desk', 'desk@example.com', now()`);
  await client.query(`
    INSERT INTO "CalcomEventType" ("id","clinicianId","slug","title","durationMinutes","durationOptions","consultationTypes","locations","bookingFields")
    SELECT 1000 + n, ${id('c', 'n')}, 'video', 'Video consultation', 30, '{30}', '{VIDEO}', '[]', '[]' FROM generate_series(0, ${CLINICIANS - 1}) AS n`);
}

/** Numbers `from` to `to - 1`. */
export async function addAppointments(client: pg.Client, from: number, to: number): Promise<void> {
  // Day 0, 1, -1, 2, -2 …
  const day = `((n / ${A_DAY} + 1) / 2) * (CASE WHEN (n / ${A_DAY}) % 2 = 1 THEN 1 ELSE -1 END)`;
  const startsAt = `to_timestamp(${FIRST_DAY / 1000}) + (${day}) * interval '1 day' + interval '8 hours' + (n % ${A_DAY} / ${CLINICIANS}) * interval '1 hour'`;
  const numbers = `generate_series(${from}, ${to - 1}) AS n`;
  await client.query('BEGIN');
  // What the gateway reads is the same; it only has not waited for the disk.
  await client.query('SET LOCAL synchronous_commit = off');
  await client.query(`
    INSERT INTO "Appointment" ("id","calcomBookingUid","calcomEventTypeId","startsAt","endsAt","timeZone","status","careState","consultationType","title","clinicianId","patientId","reason")
    SELECT ${id('a', 'n')}, 'uid-bench-' || n, 1000 + n % ${CLINICIANS}, ${startsAt}, ${startsAt} + interval '30 minutes', 'Europe/Amsterdam', 'CONFIRMED', 'EXPECTED', 'VIDEO',
           'Video consultation', ${id('c', `n % ${CLINICIANS}`)}, ${id('b', `n * 7 % ${PATIENTS}`)}, 'Follow-up on blood pressure readings'
    FROM ${numbers}`);
  await client.query(`
    INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer")
    SELECT ${id('a', 'n')}, 0, ${id('c', `n % ${CLINICIANS}`)}, 'Dr. Amara Osei', true FROM ${numbers}`);
  await client.query(`
    INSERT INTO "AppointmentParticipant" ("id","appointmentId","userId","name","timeZone","careState")
    SELECT ${id('9', 'n')}, ${id('a', 'n')}, ${id('b', `n * 7 % ${PATIENTS}`)}, 'Jonah Reyes ' || (n * 7 % ${PATIENTS}), 'Europe/Amsterdam', 'EXPECTED' FROM ${numbers}`);
  await client.query('COMMIT');
  await client.query('VACUUM ANALYZE "Appointment", "AppointmentHost", "AppointmentParticipant"');
}
