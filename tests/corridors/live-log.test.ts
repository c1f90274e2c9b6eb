/** Nothing is skipped and nothing doubled, whatever the writers and the database do. A cluster of its own: transactions are held open here. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../server/auth/viewer.ts';
import { inTransaction, type Transaction } from '../../server/database/transaction.ts';
import { findBlocker } from '../../server/live/horizon.ts';
import type { LiveUpdate } from '../../server/services.ts';
import { createTestCluster, type TestCluster, type TestDatabase } from '../support/database.ts';
import { addPerson, insertVisit, startInstance, stateOf, told, updateVisit, type Visit, watch, writer } from './live-clinic.ts';

let cluster: TestCluster;
let database: TestDatabase;
let desk: Viewer;
let olga: Viewer;
let otto: Viewer;

beforeAll(async () => {
  cluster = await createTestCluster();
  database = await cluster.createDatabase();
  [desk, olga, otto] = await Promise.all([
    addPerson(database, 'FRONT_DESK'),
    addPerson(database, 'CLINICIAN'),
    addPerson(database, 'CLINICIAN'),
  ]);
});
afterAll(async () => {
  await database.drop();
  await cluster.stop();
});

/** A transaction that commits when told to. */
async function holdOpen<Value>(work: (tx: Transaction) => Promise<Value>): Promise<{ value: Value; commit: () => Promise<void> }> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let done: Promise<void> = Promise.resolve();
  const value = await new Promise<Value>((resolve, reject) => {
    done = inTransaction(database.pool, async (tx) => {
      resolve(await work(tx));
      await released;
    });
    done.catch(reject);
  });
  return {
    value,
    async commit() {
      release();
      await done;
    },
  };
}

describe('while a transaction is open', () => {
  test('later changes wait for it, then come in order of the log, once each, to live and to resuming streams', async () => {
    const instance = await startInstance(database);
    const door = writer(database, instance.bell);
    const board = watch(instance.live, desk);
    const { cursor } = await board.next();
    const early = await holdOpen((tx) => insertVisit(tx, stateOf({ clinician: olga.userId })));
    const later: Visit[] = [];
    for (let written = 0; written < 5; written++) later.push(await door.create(stateOf({ clinician: olga.userId })));
    const during = watch(instance.live, desk, { since: cursor });
    // The log cannot be read past the open transaction: the mark comes first, before anything that was written after it.
    expect(await during.next()).toMatchObject({ kind: 'POSITION' });
    expect(await findBlocker(database.pool)).toMatchObject({ state: 'idle in transaction' });

    await early.commit();
    const wanted = [early.value.id, ...later.map((visit) => visit.id)];
    for (const stream of [board, during, watch(instance.live, desk, { since: cursor })]) {
      const updates = await stream.until((update) => update.appointmentId === wanted.at(-1));
      expect(updates.flatMap((update) => update.appointmentId ?? [])).toEqual(wanted);
    }
    await instance.stop();
  });

  test('health says since when changes are held back, and that it is over', async () => {
    const instance = await startInstance(database, { pace: { pollMs: 20 } });
    const board = watch(instance.live, desk);
    await board.next();
    const held = await holdOpen((tx) => tx.query('SELECT pg_current_xact_id()'));
    const visit = await writer(database, instance.bell).create(stateOf({ clinician: olga.userId }));
    await expect.poll(() => instance.live.lag()?.heldBackSince).toBeInstanceOf(Date);
    await held.commit();
    await board.until((update) => update.appointmentId === visit.id);
    await expect.poll(() => instance.live.lag()?.heldBackSince).toBeNull();
    await instance.stop();
  });

  test('one that is rolled back leaves no trace', async () => {
    const instance = await startInstance(database);
    const door = writer(database, instance.bell);
    const board = watch(instance.live, desk);
    await board.next();
    await expect(
      inTransaction(database.pool, async (tx) => {
        await insertVisit(tx, stateOf({ clinician: olga.userId }));
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    const visit = await door.create(stateOf({ clinician: olga.userId }));
    expect(await board.next()).toMatchObject({ appointmentId: visit.id });
    await instance.stop();
  });
});

describe('a lost ring', () => {
  test('does no harm: the log is also looked at from time to time', async () => {
    const instance = await startInstance(database, { pace: { pollMs: 20 } });
    const board = watch(instance.live, desk);
    await board.next();
    const visit = await writer(database, null).create(stateOf({ clinician: olga.userId }));
    expect(await board.next()).toMatchObject({ appointmentId: visit.id });
    await instance.stop();
  });
});

describe('where replay and live meet', () => {
  const WRITERS = 8;
  const CHANGES = Number(process.env.LIVE_CHANGES ?? 2_000);

  test('each stream is given each visible change once, in order for each appointment, whenever it began', async () => {
    const instance = await startInstance(database, { pace: { replayBatch: 50, queueCapacity: 100_000 } });
    const start = watch(instance.live, desk);
    const { cursor } = await start.next();
    const written = new Map<string, { version: number; hosts: string[] }[]>();
    let left = CHANGES;

    /** Works on visits of its own; each third change hands one from a clinician to the other, and each seventh transaction is rolled back. */
    async function write(own: number): Promise<void> {
      const visits: Visit[] = [];
      for (let step = 0; left > 0; step++) {
        left -= 1;
        const chosen = visits[(own + step) % 5];
        const rollBack = step % 7 === 6;
        try {
          const visit = await inTransaction(database.pool, async (tx) => {
            const made =
              chosen === undefined
                ? await insertVisit(tx, stateOf({ clinician: own % 2 === 0 ? olga.userId : otto.userId }))
                : await updateVisit(tx, chosen, 'CLINICIAN_CHANGED', step % 3 === 0 ? handed(chosen) : { hasConflict: step % 2 === 0 });
            if (step % 5 === 0) await tx.query('SELECT pg_sleep(random() / 200)');
            if (rollBack) throw new Error('rolled back');
            return made;
          });
          if (chosen === undefined) visits.push(visit);
          else visits[visits.indexOf(chosen)] = visit;
          written.set(visit.id, [...(written.get(visit.id) ?? []), { version: visit.version, hosts: visit.state.hostIds }]);
          if (step % 4 !== 0) instance.live.ring();
        } catch (error) {
          if (!(error instanceof Error && error.message === 'rolled back')) throw error;
        }
      }
    }
    const handed = (visit: Visit) => {
      const clinicianId = visit.state.clinicianId === olga.userId ? otto.userId : olga.userId;
      return { clinicianId, hostIds: [clinicianId] };
    };

    // One stream from the start, whose events lend their cursors to the others: each begins somewhere in the past, while all goes on.
    const first: LiveUpdate[] = [];
    const begun: { viewer: Viewer; after: number; told: Promise<LiveUpdate[]> }[] = [];
    const isLast = (update: LiveUpdate) => update.changedFields.includes('last') || update.kind === 'MERGED';
    const firstDone = (async () => {
      for (;;) {
        const update = await start.next();
        if (update.kind === 'POSITION') continue;
        first.push(update);
        if (isLast(update)) return;
        if (first.length % 40 === 0) {
          const after = Math.floor(Math.random() * first.length);
          const viewer = [desk, olga, otto][begun.length % 3] ?? desk;
          const since = first[after]?.cursor ?? cursor;
          begun.push({ viewer, after, told: watch(instance.live, viewer, { since }).until(isLast) });
        }
      }
    })();

    await Promise.all(Array.from({ length: WRITERS }, (_, own) => write(own)));
    // Both clinicians and the desk see the end: a visit of both hosts, merged into another.
    const door = writer(database, instance.bell);
    const both = { clinician: olga.userId, hosts: [olga.userId, otto.userId] };
    await door.merge(await door.create(stateOf(both)), await door.create(stateOf(both)));
    await firstDone;

    const changes = first.slice(0, -3);
    expect(changes.map(keyOf)).toHaveLength([...written.values()].flat().length);
    for (const [id, versions] of written) {
      expect(changes.filter((update) => update.appointmentId === id).map((update) => update.version)).toEqual(
        versions.map((entry) => entry.version),
      );
    }
    expect(begun.length).toBeGreaterThan(CHANGES / 100);
    for (const { viewer, after, told: telling } of begun) {
      const heard = (await telling).filter((update) => update.kind !== 'POSITION').slice(0, -3);
      const visible = changes.slice(after + 1).filter((update) => isSeenBy(viewer, update, written));
      expect(heard.map(keyOf)).toEqual(visible.map(keyOf));
      expect(heard.filter((update) => update.appointment !== null && update.appointment.version < (update.version ?? 0))).toEqual([]);
    }
    await instance.stop();
  }, 120_000);

  const keyOf = (update: LiveUpdate) => `${update.appointmentId} ${update.version}`;

  /** A change concerns a clinician who is host before or after it. */
  function isSeenBy(viewer: Viewer, update: LiveUpdate, written: Map<string, { version: number; hosts: string[] }[]>): boolean {
    if (viewer.role === 'FRONT_DESK') return true;
    const versions = written.get(update.appointmentId ?? '') ?? [];
    return versions.some(
      (entry) => (entry.version === update.version || entry.version === (update.version ?? 0) - 1) && entry.hosts.includes(viewer.userId),
    );
  }
});

/** As a restart of PostgreSQL does: every connection of the gateway ends in whatever it is doing. */
async function loseConnections(): Promise<void> {
  const elsewhere = await cluster.createDatabase();
  await elsewhere.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> current_database() AND pid <> pg_backend_pid()`,
  );
  await elsewhere.drop();
}

describe('when connections are lost', () => {
  test('the tail keeps its place and streams go on without a gap', async () => {
    const instance = await startInstance(database, { pace: { pollMs: 20 } });
    const board = watch(instance.live, desk);
    await board.next();
    const door = writer(database, instance.bell);
    const wanted: string[] = [];
    for (let round = 0; round < 5; round++) {
      wanted.push((await door.create(stateOf({ clinician: olga.userId }))).id);
      await loseConnections();
    }
    const updates = await board.until((update) => update.appointmentId === wanted.at(-1));
    expect(updates.map((update) => update.appointmentId)).toEqual(wanted);
    await expect.poll(() => instance.live.lag()?.failingSince).toBeNull();
    await instance.stop();
  });

  test('a database that comes back as another one gets a new timeline: every stream is told RESYNC and goes on', async () => {
    const instance = await startInstance(database, { pace: { pollMs: 20 } });
    const board = watch(instance.live, desk);
    const { cursor } = await board.next();
    const timeline = instance.live.timeline();
    // What a restored copy looks like: its log says that it belongs to another cluster.
    await database.pool.query(`UPDATE "ChangeTimeline" SET "systemIdentifier" = 'elsewhere'`);
    const resync = (await board.until((update) => update.kind === 'RESYNC')).at(-1);
    expect(instance.live.timeline()).not.toBe(timeline);
    const visit = await writer(database, instance.bell).create(stateOf({ clinician: olga.userId }));
    expect(await board.next()).toMatchObject({ kind: 'CREATED', appointmentId: visit.id });
    const resumed = watch(instance.live, desk, { since: resync?.cursor ?? '' });
    expect(told(await resumed.until((update) => update.kind === 'POSITION'))).toEqual(['CREATED 1']);
    const late = watch(instance.live, desk, { since: cursor });
    expect(await late.next()).toMatchObject({ kind: 'RESYNC' });
    await instance.stop();
  });
});
