import { expect, test } from 'vitest';
import { manualClock } from '../kernel/clock.ts';
import type { LiveHealth } from '../live/live.ts';
import { createHealth, type HealthSources } from './health.ts';

const clock = manualClock('2026-03-02T10:00:00Z');
const live: LiveHealth = {
  position: { timeline: 't', xid: '1', id: '0' },
  readAt: clock.now(),
  failingSince: null,
  deliveringSince: null,
  heldBackSince: null,
  unreadMs: 0,
  streams: 3,
  redis: 'none',
};
const well: HealthSources = {
  clock,
  backlog: () => Promise.resolve({ unprocessed: 0, oldestSeconds: 0, waitingForHost: 0, dead: 0 }),
  refused: () => ({ count: 0, lastAt: null }),
  blocker: () => Promise.resolve(null),
  live: () => live,
  reconnects: () => Promise.resolve(0),
  calcomAnswers: () => Promise.resolve(true),
};

test('all is well', async () => {
  expect(await createHealth(well)()).toMatchObject({
    status: 'ok',
    problems: [],
    calcom: { reachable: true },
    live: { streams: 3, lagMs: 0 },
  });
});

test('without its database the gateway is down, and still answers', async () => {
  const health = createHealth({ ...well, backlog: () => Promise.reject(new Error('connection refused')) });
  expect(await health()).toMatchObject({ status: 'down', database: { reachable: false }, inbox: null });
});

test('without Cal.com it is degraded', async () => {
  const health = createHealth({ ...well, calcomAnswers: () => Promise.reject(new Error('refused')) });
  expect(await health()).toMatchObject({ status: 'degraded', problems: ['Cal.com does not answer.'] });
});

test('a transaction that holds live updates back is named', async () => {
  const since = new Date(clock.now().getTime() - 30_000);
  const blocker = { pid: 42, applicationName: 'psql', state: 'idle in transaction', startedAt: since };
  const health = createHealth({ ...well, blocker: () => Promise.resolve(blocker), live: () => ({ ...live, heldBackSince: since }) });
  expect(await health()).toMatchObject({
    status: 'degraded',
    problems: ['Live updates are held back by process 42 of the database.'],
    live: { lagMs: 30_000, heldBackBy: { process: 42, application: 'psql', ageMs: 30_000 } },
  });
});

test('events that failed for good need a person', async () => {
  const health = createHealth({
    ...well,
    backlog: () => Promise.resolve({ unprocessed: 2, oldestSeconds: 1, waitingForHost: 0, dead: 2 }),
  });
  expect((await health()).problems).toEqual(['2 webhook events failed for good: see `npm run cli -- inbox`.']);
});

test('webhooks that could not be recorded are told until a sweep has found what they were about', async () => {
  const refusedAgo = (ms: number) => {
    const lastAt = new Date(clock.now().getTime() - ms);
    return createHealth({ ...well, refused: () => ({ count: 7, lastAt }) })();
  };
  expect(await refusedAgo(60_000)).toMatchObject({
    status: 'degraded',
    refused: { count: 7, lastMsAgo: 60_000 },
    problems: ['Webhooks came that could not be recorded: the next sweep finds what they were about.'],
  });
  expect(await refusedAgo(20 * 60_000)).toMatchObject({ status: 'ok', refused: { count: 7 } });
});

test('clinicians whose access has ended are counted, not named', async () => {
  const health = createHealth({ ...well, reconnects: () => Promise.resolve(2) });
  expect(await health()).toMatchObject({ status: 'degraded', reconnect: 2, problems: ['2 clinicians have to connect to Cal.com again.'] });
});

test('appointments that have not been proven equal for too long are counted', async () => {
  const proof = { clinicians: 3, neverProven: 0, secondsSinceProvenEqual: 4_000, overdue: 1 };
  const health = createHealth({ ...well, proof: () => Promise.resolve(proof) });
  expect(await health()).toMatchObject({
    status: 'degraded',
    reconciliation: proof,
    problems: ["The appointments of one clinician have not been proven equal to Cal.com's lately: see `npm run cli -- reconcile`."],
  });
});

test('answers within a second are the same one, and Cal.com is asked every ten', async () => {
  const asked = { database: 0, calcom: 0 };
  const health = createHealth({
    ...well,
    backlog() {
      asked.database += 1;
      return well.backlog();
    },
    calcomAnswers(signal) {
      asked.calcom += 1;
      return well.calcomAnswers(signal);
    },
  });
  await Promise.all([health(), health(), health()]);
  expect(asked).toEqual({ database: 1, calcom: 1 });
  clock.advance(1000);
  await health();
  expect(asked).toEqual({ database: 2, calcom: 1 });
  clock.advance(9000);
  await health();
  expect(asked).toEqual({ database: 3, calcom: 2 });
});
