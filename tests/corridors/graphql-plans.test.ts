/** How PostgreSQL answers a page of appointments out of very many: by an index, and by a plan that it keeps. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../server/kernel/ids.ts';
import { createGraphqlClinic, type GraphqlClinic, personGid } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
const people: Record<string, UserId> = {};
const APPOINTMENTS = 20_000;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  for (const role of ['FRONT_DESK', 'CLINICIAN', 'PATIENT'] as const) people[role] = await clinic.addPerson(role, `Some ${role}`);
  for (let other = 0; other < 20; other += 1) await clinic.addPerson('CLINICIAN', `Dr. ${other}`);
  await clinic.pool.query(
    `INSERT INTO "Appointment" ("id","calcomBookingUid","startsAt","endsAt","timeZone","status","careState","consultationType","title","clinicianId","patientId")
     SELECT gen_random_uuid(), 'uid-' || n, at, at + interval '10 minutes', 'UTC', 'CONFIRMED', 'EXPECTED', 'VIDEO', 'Visit', c."id", CASE WHEN n % 100 = 0 THEN $2::uuid END
     FROM (SELECT n, timestamptz '2026-01-01Z' + n * interval '20 minutes' AS at FROM generate_series(1, $1::int) n) numbers
     JOIN (SELECT row_number() OVER () AS number, "id" FROM "User" WHERE "role" = 'CLINICIAN') c ON c.number = 1 + n % 21`,
    [APPOINTMENTS, people.PATIENT],
  );
  await clinic.pool.query(`INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer")
    SELECT "id", 0, "clinicianId", 'Host', true FROM "Appointment"`);
  await clinic.pool.query(`INSERT INTO "AppointmentParticipant" ("id","appointmentId","userId","name","timeZone","careState","state")
    SELECT gen_random_uuid(), "id", "patientId", 'Somebody', 'UTC', 'EXPECTED', 'ACTIVE' FROM "Appointment"`);
  await clinic.pool.query('ANALYZE');
});
afterAll(() => clinic.close());

const BOARD = `query ($clinicians: [ID!]) {
  appointments(first: 50, filter: { startsAfter: "2026-06-01T00:00:00Z", startsBefore: "2026-06-02T00:00:00Z", clinicianIds: $clinicians }) {
    nodes { id startsAt clinician { name } patient { name } eventType { title } participants { name } }
  }
}`;

interface Sent {
  text: string;
  values: unknown[];
}

/** The statement of a page, with its values. */
async function pageStatement(as: UserId, variables: Record<string, unknown>): Promise<Sent> {
  const sent: Sent[] = [];
  const { pool } = clinic;
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  Object.assign(pool, { query: (...args: unknown[]) => (sent.push(args[0] as Sent), query(...args)) });
  try {
    await clinic.data(as, BOARD, variables);
  } finally {
    Object.assign(pool, { query });
  }
  const page = sent.find(({ text }) => typeof text === 'string' && text.includes('pg_snapshot_xmin') && text.includes('AS records'));
  if (page === undefined) throw new Error('No page was read.');
  return page;
}

test.each([
  ['the front desk', 'FRONT_DESK', false],
  ['the front desk, for one clinician', 'FRONT_DESK', true],
  ['a clinician', 'CLINICIAN', false],
  ['a patient', 'PATIENT', false],
])('%s reads a day by an index, and no table of appointments from end to end', async (_who, role, filtered) => {
  const variables = filtered ? { clinicians: [personGid('Clinician', people.CLINICIAN ?? '')] } : {};
  const { text, values } = await pageStatement(people[role] as UserId, variables);
  const plan = await clinic.pool.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
  const lines = plan.rows.map((row) => row['QUERY PLAN']);
  expect(lines.filter((line) => /Seq Scan on "Appointment(?:Host|Participant)?"/.test(line))).toEqual([]);
  expect(lines.some((line) => /Index.*Scan using "Appointment_\w+"|Bitmap Index Scan on "Appointment_\w+"/.test(line))).toBe(true);
});

test('a page that is read again and again is planned once and for all', async () => {
  for (let time = 0; time < 12; time += 1) await clinic.data(people.FRONT_DESK ?? null, BOARD, {});
  // Of one connection; which one answered is not known.
  const connections = await Promise.all(Array.from({ length: clinic.pool.totalCount }, () => clinic.pool.connect()));
  const plans = await Promise.all(
    connections.map((client) =>
      client.query<{ generic: string; custom: string }>(
        `SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE name LIKE 'appointments-%' AND statement LIKE '%AS records'`,
      ),
    ),
  );
  for (const client of connections) client.release();
  const used = plans.flatMap(({ rows }) => rows);
  expect(used.some(({ generic }) => Number(generic) > 0)).toBe(true);
  for (const { custom } of used) expect(Number(custom)).toBeLessThanOrEqual(5);
});
