import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { manualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { deleteExpired } from './retention.ts';
import { startJobs } from './runner.ts';
import type { JobActions } from './tasks.ts';
import { releaseDeadWorkers } from './worker-locks.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const idle: JobActions = {
  sweepRecent: () => Promise.resolve(),
  sweepWindow: () => Promise.resolve(),
  sweepEverything: () => Promise.resolve(),
  runRequestedSweeps: () => Promise.resolve(),
  applyLeftovers: () => Promise.resolve(),
  mirrorEventTypes: () => Promise.resolve(),
  linkPeople: () => Promise.resolve(),
  checkCalcom: () => Promise.resolve(),
  retention: () => Promise.resolve(),
};

test('a task that is added runs, and stop leaves no job locked', async () => {
  const ran = Promise.withResolvers<void>();
  const actions = { ...idle, sweepRecent: () => Promise.resolve(ran.resolve()) };
  const jobs = await startJobs({ pool: database.pool, actions, log: silentLog });
  await jobs.add('sweepRecent');
  await ran.promise;
  await jobs.stop();
  const { rows } = await database.pool.query('SELECT 1 FROM graphile_worker.jobs WHERE locked_by IS NOT NULL');
  expect(rows).toEqual([]);
});

test('every task is in the schedule', async () => {
  const jobs = await startJobs({ pool: database.pool, actions: idle, log: silentLog });
  await jobs.stop();
  const { rows } = await database.pool.query<{ identifier: string }>('SELECT identifier FROM graphile_worker._private_known_crontabs');
  expect(rows.map((row) => row.identifier).toSorted()).toEqual(Object.keys(idle).toSorted());
});

test('jobs of a gateway that was killed are released, those of a live one are not', async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const actions = { ...idle, sweepWindow: () => (started.resolve(), finish.promise) };
  const jobs = await startJobs({ pool: database.pool, actions, log: silentLog });
  await jobs.add('sweepWindow');
  await started.promise;
  await database.pool.query(`SELECT graphile_worker.add_job('sweepRecent', '{}', job_key := 'killed', run_at := now() + interval '1 day')`);
  await database.pool.query(`UPDATE graphile_worker._private_jobs SET locked_by = 'pool-killed' WHERE key = 'killed'`);
  await database.pool.query(`UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '1 minute' WHERE locked_by IS NOT NULL`);
  expect(await releaseDeadWorkers(database.pool)).toBe(1);
  const { rows } = await database.pool.query(
    `SELECT key, locked_by IS NOT NULL AS locked FROM graphile_worker.jobs WHERE key IN ('sweepWindow', 'killed') ORDER BY key`,
  );
  expect(rows).toEqual([
    { key: 'killed', locked: false },
    { key: 'sweepWindow', locked: true },
  ]);
  finish.resolve();
  await jobs.stop();
});

test('expired holds and mutation keys go, others stay', async () => {
  const clock = manualClock('2026-03-02T10:00:00Z');
  const person = await database.prisma.user.create({ data: { role: 'CLINICIAN', name: 'Dr. One' } });
  const hold = { eventTypeId: 1, clinicianId: person.id, viewerId: person.id };
  await database.prisma.slotHold.createMany({
    data: [
      { ...hold, startsAt: '2026-03-02T09:00:00Z', endsAt: '2026-03-02T09:30:00Z', expiresAt: '2026-03-02T09:59:59Z' },
      { ...hold, startsAt: '2026-03-02T11:00:00Z', endsAt: '2026-03-02T11:30:00Z', expiresAt: '2026-03-02T10:00:01Z' },
    ],
  });
  expect(await deleteExpired(database.pool, clock)).toBe(1);
  expect(await database.prisma.slotHold.count()).toBe(1);
});
