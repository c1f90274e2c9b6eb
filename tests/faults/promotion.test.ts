/**
 * A replica that is promoted, or a point in time that is restored, keeps the cluster's identity, and may have lost transactions whose
 * ids are given out again: a cursor of before must not be taken for a good one.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../server/auth/viewer.ts';
import { embeddedHome } from '../../server/database/embedded-home.ts';
import { addPerson, type Instance, startInstance, stateOf, told, watch, writer } from '../corridors/live-clinic.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../support/database.ts';

let cluster: TestCluster;
let database: TestDatabase;
let instance: Instance | null = null;
let desk: Viewer;

beforeAll(async () => {
  cluster = await createTestCluster();
  database = await cluster.createDatabase();
  desk = await addPerson(database, 'FRONT_DESK');
}, 60_000);
afterAll(async () => {
  await instance?.stop();
  await database?.drop();
  await cluster?.stop();
}, 60_000);

/** The cluster comes back as a replica of nobody, and is promoted. */
async function promote(): Promise<void> {
  await cluster.restart(async () => {
    const signal = path.join(embeddedHome(cluster.dataDir).cluster, 'standby.signal');
    writeFileSync(signal, '');
    chmodSync(signal, 0o644);
  });
  await database.pool.query('SELECT pg_promote()');
  await database.pool.query('CHECKPOINT');
}

test('a promotion while nobody ran opens a new timeline: RESYNC for who was away, then everything as before', async () => {
  instance = await startInstance(database);
  const board = watch(instance.live, desk);
  await board.next();
  await writer(database, instance.bell).create(stateOf({}));
  const { cursor } = await board.next();
  const timeline = instance.live.timeline();
  await instance.stop();

  await promote();
  instance = await startInstance(database);
  expect(instance.live.timeline()).not.toBe(timeline);
  const back = watch(instance.live, desk, { since: cursor });
  const resync = await back.next();
  expect(resync).toMatchObject({ kind: 'RESYNC' });
  const visit = await writer(database, instance.bell).create(stateOf({}));
  expect(await back.next()).toMatchObject({ kind: 'CREATED', appointmentId: visit.id });
  const again = watch(instance.live, desk, { since: resync.cursor });
  expect(told(await again.until((update) => update.kind === 'POSITION'))).toEqual(['CREATED 1']);
});

test('an ordinary restart keeps the timeline', async () => {
  const timeline = instance?.live.timeline();
  await instance?.stop();
  await cluster.restart();
  instance = await startInstance(database);
  expect(instance.live.timeline()).toBe(timeline);
});

test('a promotion under a running gateway is told to those who watch', async () => {
  if (instance === null) throw new Error('The tests before have started one.');
  const board = watch(instance.live, desk);
  await board.next();
  const timeline = instance.live.timeline();
  await promote();
  await board.until((update) => update.kind === 'RESYNC');
  expect(instance.live.timeline()).not.toBe(timeline);
  const visit = await writer(database, instance.bell).create(stateOf({}));
  expect((await board.until((update) => update.appointmentId === visit.id)).at(-1)).toMatchObject({ kind: 'CREATED' });
});
