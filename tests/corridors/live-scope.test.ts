/** Who may see a row is asked in two places: in SQL by every read, and by live delivery of rows that it has read once for all. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAppointmentStore, type AppointmentScope, type AppointmentStore } from '../../server/appointments/appointment-store.ts';
import type { Viewer } from '../../server/auth/viewer.ts';
import { isInScope } from '../../server/live/matching.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson, stateOf, type Visit, writer } from './live-clinic.ts';

let database: TestDatabase;
let store: AppointmentStore;
let people: Viewer[];
const visits: Visit[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  store = createAppointmentStore({ pool: database.pool, timeline: () => 'none' });
  people = await Promise.all(
    (['CLINICIAN', 'CLINICIAN', 'PATIENT', 'PATIENT', 'PATIENT'] as const).map((role) => addPerson(database, role)),
  );
  const [anna, samir, mia, noah] = people.map((person) => person.userId);
  if (anna === undefined || samir === undefined || mia === undefined || noah === undefined) throw new Error('no people');
  const door = writer(database, null);
  for (const state of [
    stateOf({}),
    stateOf({ clinician: anna, patients: [mia] }),
    stateOf({ clinician: anna, hosts: [anna, samir], patients: [mia, noah] }),
    stateOf({ clinician: samir, patients: [noah] }),
    // The organizer is known, and the hosts are not (yet).
    stateOf({ clinician: anna, hosts: [] }),
  ])
    visits.push(await door.create(state));
  await database.pool.query(`UPDATE "AppointmentParticipant" SET "state" = 'CANCELLED' WHERE "appointmentId" = $1 AND "userId" = $2`, [
    visits[2]?.id,
    noah,
  ]);
  await database.pool.query(`UPDATE "Appointment" SET "patientId" = $2 WHERE "id" = $1`, [visits[4]?.id, mia]);
});
afterAll(() => database.drop());

test('both give the same answer, for everybody and every appointment', async () => {
  const ids = visits.map((visit) => visit.id);
  const rows = await store.byIds({ all: true }, ids);
  const scopes: AppointmentScope[] = [
    { all: true },
    { none: true },
    ...people.flatMap(({ userId }) => [{ hostId: userId }, { patientId: userId }]),
  ];
  const seen: boolean[][] = [];
  for (const scope of scopes) {
    const inSql = (await store.byIds(scope, ids)).map((row) => row !== null);
    expect(rows.map((row) => row !== null && isInScope(scope, row))).toEqual(inSql);
    seen.push(inSql);
  }
  const [anna, samir, mia, noah, nobody] = [2, 4, 7, 9, 11].map((index) => seen[index]);
  expect({ anna, samir, mia, noah, nobody }).toEqual({
    anna: [false, true, true, false, true],
    samir: [false, false, true, true, false],
    mia: [false, true, true, false, true],
    noah: [false, false, false, true, false],
    nobody: [false, false, false, false, false],
  });
});
