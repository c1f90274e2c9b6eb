import { run } from 'graphile-worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { manualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { deleteExpired } from './retention.ts';
import { startJobs } from './runner.ts';
import type { JobActions } from './tasks.ts';
import { openWorkerLocks, releaseDeadWorkers } from './worker-locks.ts';

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

test('jobs of a worker that was killed are released, those of a live one are not', async () => {
  const runner = await run({
    pgPool: database.pool,
    taskList: { held: () => {} },
    noHandleSignals: true,
    concurrency: 1,
    parsedCronItems: [],
  });
  await runner.stop();
  const locks = await openWorkerLocks(database.pool);
  locks.announce('alive');
  for (const worker of ['alive', 'killed']) {
    await database.pool.query(`SELECT graphile_worker.add_job('held', '{}', job_key := $1)`, [worker]);
    await database.pool.query(
      `UPDATE graphile_worker._private_jobs SET locked_by = $1, locked_at = now() - interval '1 minute' WHERE key = $1`,
      [worker],
    );
  }
  expect(await releaseDeadWorkers(database.pool)).toBe(1);
  const { rows } = await database.pool.query('SELECT key, locked_by FROM graphile_worker.jobs ORDER BY key');
  expect(rows).toEqual([
    { key: 'alive', locked_by: 'alive' },
    { key: 'killed', locked_by: null },
  ]);
  await locks.release();
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
