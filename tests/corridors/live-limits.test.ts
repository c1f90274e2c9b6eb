/** The limits of live delivery as they are in production: how much is replayed, and what a stream is told while nothing happens. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../server/auth/viewer.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../support/database.ts';
import { addPerson, startInstance, stateOf, told, type Visit, watch, writer } from './live-clinic.ts';

let cluster: TestCluster;
let database: TestDatabase;
let desk: Viewer;

// A cluster of its own: transactions of other tests would move the position while nothing happens here.
beforeAll(async () => {
  cluster = await createTestCluster();
  database = await cluster.createDatabase();
  desk = await addPerson(database, 'FRONT_DESK');
});
afterAll(async () => {
  await database.drop();
  await cluster.stop();
});

/** So many changes of one appointment in one transaction: places in the log that differ in their second half only. */
async function changeOften(visit: Visit, times: number): Promise<Visit> {
  await database.pool.query(
    `WITH changed AS (UPDATE "Appointment" SET "version" = "version" + $2 WHERE "id" = $1)
     INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","before","after","cause","bookingUid")
     SELECT $1, n, 'UPDATED', '{}', $4::jsonb, $4::jsonb, 'WEBHOOK', $1::uuid::text FROM generate_series($3::int + 1, $3::int + $2) n`,
    [visit.id, times, visit.version, JSON.stringify(visit.state)],
  );
  return { ...visit, version: visit.version + times };
}

test('ten thousand changes are replayed, one more is RESYNC', async () => {
  const instance = await startInstance(database);
  const first = watch(instance.live, desk);
  const { cursor } = await first.next();
  await first.leave();
  const visit = await changeOften(await writer(database, instance.bell).create(stateOf({})), 9_999);

  const board = watch(instance.live, desk, { since: cursor });
  const updates = await board.until((update) => update.kind === 'POSITION');
  await board.leave();
  expect(told(updates)).toEqual(['CREATED 1', ...Array.from({ length: 9_999 }, (_, index) => `UPDATED ${index + 2}`)]);

  await changeOften(visit, 1);
  const late = watch(instance.live, desk, { since: cursor });
  expect(await late.next()).toMatchObject({ kind: 'RESYNC' });
  // A cursor that is nearer is replayed to the end of what there is.
  const near = watch(instance.live, desk, { since: updates.at(5_000)?.cursor ?? '' });
  expect(told(await near.until((update) => update.kind === 'POSITION')).at(-1)).toBe('UPDATED 10001');
  await instance.stop();
}, 120_000);

test('while nothing happens the newest cursor is told again and again, and everything after it comes', async () => {
  const instance = await startInstance(database, { pace: { heartbeatMs: 50 } });
  const board = watch(instance.live, desk);
  const beats = [await board.next(), await board.next(), await board.next()];
  expect(beats.map((beat) => beat.kind)).toEqual(['POSITION', 'POSITION', 'POSITION']);
  await board.leave();
  await writer(database, instance.bell).create(stateOf({}));
  const resumed = watch(instance.live, desk, { since: beats.at(-1)?.cursor ?? '' });
  expect(await resumed.until((update) => update.kind === 'CREATED')).toMatchObject([{ kind: 'CREATED', version: 1 }]);
  await instance.stop();
});
