/** Jobs survive a PostgreSQL that goes away at the worst moment: when a job is done, or has failed, and cannot say so. */
import { afterAll, beforeAll, test } from 'vitest';
import { type Jobs, startJobs } from '../../server/jobs/runner.ts';
import type { JobActions } from '../../server/jobs/tasks.ts';
import { createLog } from '../../server/kernel/log.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../support/database.ts';

let cluster: TestCluster;
let database: TestDatabase;
let jobs: Jobs;
/** What the task does when it runs next. */
let task: () => Promise<void> = () => Promise.resolve();
/** Resolve at the next line of the log with this event. */
const waiting = new Map<string, () => void>();
const logged = (event: string) => new Promise<void>((resolve) => waiting.set(event, resolve));

beforeAll(async () => {
  cluster = await createTestCluster();
  database = await cluster.createDatabase();
  const idle = () => Promise.resolve();
  const actions = new Proxy({} as JobActions, { get: (_actions, name) => (name === 'mirrorEventTypes' ? () => task() : idle) });
  const log = createLog({
    level: 'info',
    write(line) {
      for (const [event, resolve] of waiting) if (line.includes(`"${event}"`)) resolve();
    },
  });
  jobs = await startJobs({ pool: database.pool, actions, log });
}, 60_000);
afterAll(async () => {
  await jobs?.stop();
  await database?.drop();
  await cluster?.stop();
});

test.each([
  { what: 'is done', end: () => Promise.resolve() },
  { what: 'has failed', end: () => Promise.reject(new Error('Cal.com does not answer.')) },
])(
  'a job that $what while PostgreSQL is away ends nothing, and jobs run again afterwards',
  async ({ end }) => {
    const begun = Promise.withResolvers<void>();
    const away = Promise.withResolvers<void>();
    task = async () => {
      begun.resolve();
      await away.promise;
      await end();
    };
    await jobs.add('mirrorEventTypes');
    await begun.promise;
    const gaveUp = logged('jobs.gave-up');
    const again = logged('jobs.started-again');
    await cluster.restart(async () => {
      away.resolve();
      await gaveUp;
    });
    await again;

    const ran = Promise.withResolvers<void>();
    task = () => Promise.resolve(ran.resolve());
    await jobs.add('mirrorEventTypes');
    await ran.promise;
  },
  120_000,
);
