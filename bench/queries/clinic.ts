/** A clinic with as many appointments as asked for: 50 a day, each with a host, a participant, a patient and an event type. */
import pg from 'pg';
import { issueToken } from '../../server/auth/issue-token.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { userId } from '../../server/kernel/ids.ts';

export const SECRET = 'a secret of at least thirty-two bytes, for benchmarks';
export const PER_DAY = 50;
const CLINICIANS = 20;
const PATIENTS = 5_000;
const FIRST_DAY = '2024-01-01T08:00:00Z';
const MS_PER_DAY = 86_400_000;

export interface FilledClinic {
  /** `Bearer …` of somebody at the front desk, who sees everything. */
  authorization: string;
  /** A day in the middle: from its opening until the next one's, ISO. */
  day: { from: string; to: string };
}

export async function fillClinic(url: string, appointments: number): Promise<FilledClinic> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await fillPeople(client);
    await fillAppointments(client, appointments);
    await client.query('ANALYZE');
    const desk = await client.query<{ id: string }>(`SELECT "id" FROM "User" WHERE "role" = 'FRONT_DESK'`);
    return { authorization: await tokenFor(desk.rows[0]?.id ?? ''), day: middleDay(appointments) };
  } finally {
    await client.end();
  }
}

async function fillPeople(client: pg.Client): Promise<void> {
  await client.query(`
    INSERT INTO "User" ("id","role","name","email","timezone","updatedAt")
    SELECT gen_random_uuid(), role::"Role", role || ' Nr. ' || number, lower(role) || number || '@example.com', 'Europe/Amsterdam', now()
    FROM (SELECT 'CLINICIAN' AS role, generate_series(1, ${CLINICIANS}) AS number
          UNION ALL SELECT 'PATIENT', generate_series(1, ${PATIENTS}) UNION ALL SELECT 'FRONT_DESK', 1) people`);
  await client.query(`
    INSERT INTO "CalcomEventType" ("id","clinicianId","slug","title","durationMinutes","durationOptions","consultationTypes","hidden","locations","bookingFields")
    SELECT 100 * row_number() OVER () + kind, c."id", 'visit-' || kind, 'Visit of ' || 10 * kind || ' minutes', 10 * kind, '{}', '{VIDEO}', false, '[]', '[]'
    FROM "User" c, generate_series(1, 2) kind WHERE c."role" = 'CLINICIAN'`);
}

async function fillAppointments(client: pg.Client, appointments: number): Promise<void> {
  await client.query(`
    CREATE TEMP TABLE offered AS SELECT row_number() OVER () - 1 AS number, e."id", e."clinicianId" FROM "CalcomEventType" e;
    CREATE TEMP TABLE patients AS SELECT row_number() OVER () - 1 AS number, "id", "name", "email" FROM "User" WHERE "role" = 'PATIENT';
    CREATE INDEX ON offered (number); CREATE INDEX ON patients (number);`);
  await client.query(
    `INSERT INTO "Appointment" ("id","calcomBookingUid","calcomEventTypeId","startsAt","endsAt","timeZone","status","careState","consultationType",
       "title","description","reason","location","clinicianId","patientId","calcomMetadata")
     SELECT gen_random_uuid(), 'uid-' || n, o."id", at, at + interval '10 minutes', 'Europe/Amsterdam', 'CONFIRMED', 'EXPECTED', 'VIDEO',
       'Visit of ' || p."name", 'As agreed by telephone', 'A cough that does not go away', 'https://meet.example/' || n, o."clinicianId", p."id", '{}'
     FROM (SELECT n, $2::timestamptz + (n / ${PER_DAY}) * interval '1 day' + (n % ${PER_DAY}) * interval '10 minutes' AS at
           FROM generate_series(0, $1::int - 1) n) numbers
     JOIN offered o ON o.number = numbers.n % ${2 * CLINICIANS} JOIN patients p ON p.number = (numbers.n * 7) % ${PATIENTS}`,
    [appointments, FIRST_DAY],
  );
  await client.query(`
    INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer")
    SELECT a."id", 0, c."id", c."name", true FROM "Appointment" a JOIN "User" c ON c."id" = a."clinicianId";
    INSERT INTO "AppointmentParticipant" ("id","appointmentId","userId","name","email","timeZone","careState","state")
    SELECT gen_random_uuid(), a."id", p."id", p."name", p."email", 'Europe/Amsterdam', 'EXPECTED', 'ACTIVE'
    FROM "Appointment" a JOIN "User" p ON p."id" = a."patientId"`);
}

async function tokenFor(id: string): Promise<string> {
  const auth = {
    keys: { kind: 'secret', secret: SECRET } as const,
    issuer: null,
    audience: null,
    provisionPatients: false,
    tokenUrl: null,
  };
  const issued = await issueToken(auth, systemClock, userId(id), 600);
  if (!issued.ok) throw new Error(issued.failure);
  return `Bearer ${issued.value.token}`;
}

function middleDay(appointments: number): FilledClinic['day'] {
  const from = Date.parse(FIRST_DAY) + Math.floor(appointments / PER_DAY / 2) * MS_PER_DAY;
  return { from: new Date(from).toISOString(), to: new Date(from + MS_PER_DAY).toISOString() };
}
