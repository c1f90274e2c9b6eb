/** Walk 4 without its edges: log in, stream out (ARCHITECTURE, "The subscription"). */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../../server/auth/viewer.ts';
import { openTimeline } from '../../server/live/change-log.ts';
import { cursorKeys, encodeCursor } from '../../server/live/cursor.ts';
import { readHorizon } from '../../server/live/horizon.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { addPerson, type Instance, startInstance, stateOf, told, type Visit, watch, type Watching, writer } from './live-clinic.ts';

let database: TestDatabase;
let instance: Instance;
let desk: Viewer;
let olga: Viewer;
let otto: Viewer;
let ann: Viewer;
let bob: Viewer;
let write: ReturnType<typeof writer>;
let witness: Watching;

/** Returns when the log can be read up to this change: transactions of other tests may hold it back for a moment. */
async function readable(visit: Visit): Promise<void> {
  await witness.until((update) => update.appointmentId === visit.id && update.version === visit.version);
}

beforeAll(async () => {
  database = await createTestDatabase();
  instance = await startInstance(database);
  write = writer(database, instance.bell);
  [desk, olga, otto, ann, bob] = await Promise.all([
    addPerson(database, 'FRONT_DESK'),
    addPerson(database, 'CLINICIAN'),
    addPerson(database, 'CLINICIAN'),
    addPerson(database, 'PATIENT'),
    addPerson(database, 'PATIENT'),
  ]);
  witness = watch(instance.live, desk);
});
afterAll(async () => {
  await instance.stop();
  await database.drop();
});

describe('a stream without a cursor', () => {
  test('begins with the present position, then tells what happens, with the appointment as it is', async () => {
    const board = watch(instance.live, olga);
    expect(await board.next()).toMatchObject({ kind: 'POSITION', appointmentId: null, version: null, appointment: null });
    const visit = await write.create(stateOf({ clinician: olga.userId, patients: [ann.userId] }));
    const created = await board.next();
    expect(created).toMatchObject({ kind: 'CREATED', appointmentId: visit.id, version: 1, previous: null, cause: 'WEBHOOK' });
    expect(created.appointment).toMatchObject({ id: visit.id, version: 1, clinician: { id: olga.userId } });
    expect(created.trace?.publishedAt).toBeInstanceOf(Date);
    await write.change(visit, 'CARE_CHANGED', { careStates: ['ARRIVED'] });
    const arrived = await board.next();
    expect(arrived).toMatchObject({ kind: 'CARE_CHANGED', version: 2, appointment: { careState: 'ARRIVED' } });
    expect(arrived.previous).toEqual(visit.state);
    await board.leave();
  });

  test('tells each viewer what is theirs, and nobody else', async () => {
    const boards = [desk, olga, otto, ann, bob].map((viewer) => watch(instance.live, viewer));
    await Promise.all(boards.map((board) => board.next()));
    const foreign = await write.create(stateOf({ clinician: otto.userId, patients: [bob.userId] }));
    const own = await write.create(stateOf({ clinician: olga.userId, hosts: [olga.userId, otto.userId], patients: [ann.userId] }));
    const last = await write.create(
      stateOf({ clinician: olga.userId, hosts: [olga.userId, otto.userId], patients: [ann.userId, bob.userId] }),
    );
    const heard = await Promise.all(boards.map((board) => board.until((update) => update.appointmentId === last.id)));
    expect(heard.map((updates) => updates.map((update) => update.appointmentId))).toEqual([
      [foreign.id, own.id, last.id],
      [own.id, last.id],
      [foreign.id, own.id, last.id],
      [own.id, last.id],
      [foreign.id, last.id],
    ]);
    await Promise.all(boards.map((board) => board.leave()));
  });

  test('is refused to an auditor', async () => {
    const auditor = await addPerson(database, 'AUDITOR');
    expect(await watch(instance.live, auditor).end()).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('what leaves a stream', () => {
  test('an appointment that no longer matches is LEFT_FILTER, with the appointment, and comes back when it matches again', async () => {
    const board = watch(instance.live, olga, { filter: { statuses: ['CONFIRMED'] } });
    await board.next();
    const visit = await write.create(stateOf({ clinician: olga.userId }));
    const cancelled = await write.change(visit, 'STATUS_CHANGED', { status: 'CANCELLED' });
    const unnoticed = await write.change(cancelled, 'UPDATED', { hasConflict: true });
    await write.change(unnoticed, 'STATUS_CHANGED', { status: 'CONFIRMED' });
    const updates = await board.until((update) => update.version === 4);
    expect(told(updates)).toEqual(['CREATED 1', 'LEFT_FILTER 2', 'STATUS_CHANGED 4']);
    expect(updates[1]?.appointment?.id).toBe(visit.id);
    await board.leave();
  });

  test('an appointment handed to another clinician is REMOVED for the first and new to the second', async () => {
    const first = watch(instance.live, olga);
    const second = watch(instance.live, otto);
    await Promise.all([first.next(), second.next()]);
    const visit = await write.create(stateOf({ clinician: olga.userId }));
    await write.change(visit, 'CLINICIAN_CHANGED', { clinicianId: otto.userId, hostIds: [otto.userId] });
    const lost = await first.until((update) => update.version === 2);
    expect(told(lost)).toEqual(['CREATED 1', 'REMOVED 2']);
    expect(lost[1]).toMatchObject({ appointmentId: visit.id, appointment: null });
    const gained = await second.next();
    expect(gained).toMatchObject({ kind: 'CLINICIAN_CHANGED', version: 2, appointment: { clinician: { id: otto.userId } } });
    expect(gained.previous).toBeNull();
    await Promise.all([first.leave(), second.leave()]);
  });

  test('a merged appointment names the loser and shows the winner', async () => {
    const board = watch(instance.live, desk);
    await board.next();
    const winner = await write.create(stateOf({ clinician: olga.userId }));
    const loser = await write.create(stateOf({ clinician: olga.userId }));
    await write.merge(loser, winner);
    const updates = await board.until((update) => update.kind === 'MERGED');
    expect(updates.at(-1)).toMatchObject({ appointmentId: loser.id, appointment: { id: winner.id } });
    await board.leave();
  });
});

describe('a stream with a cursor', () => {
  test('is given every change since, then a mark, then what happens', async () => {
    const before = watch(instance.live, olga);
    const { cursor } = await before.next();
    const visit = await write.create(stateOf({ clinician: olga.userId }));
    const { cursor: atCreation } = await before.next();
    await before.leave();
    const moved = await write.change(visit, 'RESCHEDULED', { startsAt: visit.state.startsAt + 60_000 });
    await write.create(stateOf({ clinician: otto.userId }));
    await readable(await write.change(moved, 'CARE_CHANGED', { careStates: ['ARRIVED'] }));

    const fromStart = watch(instance.live, olga, { since: cursor });
    const replayed = await fromStart.until((update) => update.kind === 'POSITION');
    expect(told(replayed)).toEqual(['CREATED 1', 'RESCHEDULED 2', 'CARE_CHANGED 3']);
    expect(replayed.slice(0, -1).map((update) => update.appointment?.version)).toEqual([3, 3, 3]);

    const fromCreation = watch(instance.live, olga, { since: atCreation });
    expect(told(await fromCreation.until((update) => update.kind === 'POSITION'))).toEqual(['RESCHEDULED 2', 'CARE_CHANGED 3']);

    await write.create(stateOf({ clinician: olga.userId }));
    expect(await fromStart.next()).toMatchObject({ kind: 'CREATED', version: 1 });
    expect(await fromCreation.next()).toMatchObject({ kind: 'CREATED', version: 1 });
    await Promise.all([fromStart.leave(), fromCreation.leave()]);
  });

  test('begins with the mark when there was nothing', async () => {
    const { xid, id, timeline } = await readHorizon(database.pool, instance.live.timeline());
    const board = watch(instance.live, olga, { since: instance.live.cursor({ timeline, xid, id }) });
    expect(await board.next()).toMatchObject({ kind: 'POSITION' });
    await board.leave();
  });

  test('shows what was lost meanwhile, but nothing of what somebody else does with it since', async () => {
    const before = watch(instance.live, olga);
    const { cursor } = await before.next();
    const visit = await write.create(stateOf({ clinician: olga.userId }));
    await before.leave();
    const handed = await write.change(visit, 'CLINICIAN_CHANGED', { clinicianId: otto.userId, hostIds: [otto.userId] });
    await readable(await write.change(handed, 'CARE_CHANGED', { careStates: ['ARRIVED'] }));
    const board = watch(instance.live, olga, { since: cursor });
    const updates = await board.until((update) => update.kind === 'POSITION');
    expect(told(updates)).toEqual(['CREATED 1', 'REMOVED 2']);
    expect(updates.map((update) => update.appointment)).toEqual([null, null, null]);
    await board.leave();
  });

  test('another person learns nothing from it', async () => {
    const board = watch(instance.live, desk);
    const { cursor } = await board.next();
    await readable(await write.create(stateOf({ clinician: olga.userId, patients: [ann.userId] })));
    await board.leave();
    const thief = watch(instance.live, bob, { since: cursor });
    expect(await thief.next()).toMatchObject({ kind: 'POSITION' });
    await thief.leave();
  });

  test('is refused when the cursor is none', () => {
    const refused = instance.live.subscribe(desk, {}, 'nonsense');
    expect(refused).toMatchObject({ ok: false, failure: { code: 'BAD_CURSOR' } });
  });
});

describe('RESYNC comes first, and the stream goes on live from it,', () => {
  const RESYNCED = { first: 'RESYNC', live: 'CREATED', resumed: 'POSITION' };

  /** What comes first, what comes when something happens then, and what a stream from the first one's cursor ends its replay with. */
  async function outcomeOf(other: Instance, since: string) {
    const board = watch(other.live, desk, { since });
    const first = await board.next();
    const visit = await writer(database, other.bell).create(stateOf({ clinician: olga.userId }));
    const live = (await board.until((update) => update.appointmentId === visit.id)).at(-1);
    await board.leave();
    await readable(visit);
    const again = watch(other.live, desk, { since: first.cursor });
    const replayed = await again.until((update) => update.kind === 'POSITION' || update.kind === 'RESYNC');
    await again.leave();
    expect(told(replayed).at(-1)).toBe('CREATED 1');
    return { first: first.kind, live: live?.kind, resumed: replayed.at(-1)?.kind };
  }

  const position = async () => readHorizon(database.pool, await openTimeline(database.pool));

  test('when the cursor is of another timeline', async () => {
    const { xid, id } = await position();
    expect(await outcomeOf(instance, instance.live.cursor({ timeline: randomUUID(), xid, id }))).toEqual(RESYNCED);
  });

  test('when the cursor is of another installation', async () => {
    expect(await outcomeOf(instance, encodeCursor(cursorKeys([randomBytes(32)]), await position()))).toEqual(RESYNCED);
  });

  test('when the cursor is newer than the log', async () => {
    const { timeline, xid } = await position();
    expect(await outcomeOf(instance, instance.live.cursor({ timeline, xid: String(BigInt(xid) + 1_000_000n), id: '0' }))).toEqual(RESYNCED);
  });

  test('when more than the window lies between', async () => {
    const other = await startInstance(database, { replayWindowHours: 1 });
    const since = other.live.cursor(await position());
    const visit = await write.create(stateOf({ clinician: olga.userId }));
    await readable(visit);
    const age = (minutes: number) =>
      database.pool.query(`UPDATE "AppointmentChange" SET "appliedAt" = now() - $2 * interval '1 minute' WHERE "appointmentId" = $1`, [
        visit.id,
        minutes,
      ]);
    await age(59);
    const within = watch(other.live, desk, { since });
    expect(await within.next()).toMatchObject({ kind: 'CREATED', appointmentId: visit.id });
    await age(61);
    expect(await outcomeOf(other, since)).toEqual(RESYNCED);
    await other.stop();
  });

  test('when too many changes lie between', async () => {
    const other = await startInstance(database, { pace: { maxReplay: 20, replayBatch: 7 } });
    const since = other.live.cursor(await position());
    for (let written = 0; written < 20; written++) await readable(await write.create(stateOf({ clinician: olga.userId })));
    const board = watch(other.live, desk, { since });
    expect(told(await board.until((update) => update.kind === 'POSITION'))).toHaveLength(20);
    await board.leave();
    await readable(await write.create(stateOf({ clinician: olga.userId })));
    expect(await outcomeOf(other, since)).toEqual(RESYNCED);
    await other.stop();
  });

  test('when the reader is too slow for the updates that wait', async () => {
    const other = await startInstance(database, { pace: { queueCapacity: 5 } });
    const door = writer(database, other.bell);
    const slow = watch(other.live, desk);
    const quick = watch(other.live, desk, { filter: { careStates: ['DONE'] } });
    const visits: string[] = [];
    for (let written = 0; written < 20; written++) visits.push((await door.create(stateOf({ clinician: olga.userId }))).id);
    const last = await door.create(stateOf({ clinician: olga.userId }, { careStates: ['DONE'] }));
    visits.push(last.id);
    await quick.until((update) => update.appointmentId === last.id);
    expect(await slow.next()).toMatchObject({ kind: 'RESYNC', appointmentId: null });
    const rest = await slow.until((update) => update.appointmentId === last.id);
    // Complete from the RESYNC on: the end of what was written, without a hole.
    expect(rest.map((update) => update.appointmentId)).toEqual(visits.slice(-rest.length));
    await other.stop();
  });
});

describe('heartbeats', () => {
  test('carry a cursor behind which nothing is missing, and move with what others do', async () => {
    const other = await startInstance(database, { pace: { heartbeatMs: 50 } });
    const door = writer(database, other.bell);
    const board = watch(other.live, olga);
    const { cursor: start } = await board.next();
    const visit = await door.create(stateOf({ clinician: olga.userId }));
    await board.until((update) => update.appointmentId === visit.id);
    await door.create(stateOf({ clinician: otto.userId }));
    const beats = await board.until((update) => update.kind === 'POSITION' && update.cursor !== start);
    await board.until((update) => update.kind === 'POSITION');
    await board.leave();
    const resumed = watch(other.live, olga, { since: beats.at(-1)?.cursor ?? '' });
    expect(await resumed.next()).toMatchObject({ kind: 'POSITION' });
    await other.stop();
  });
});

describe('a stream ends', () => {
  test('at the end of the token, as UNAUTHENTICATED', async () => {
    const board = watch(instance.live, { ...olga, expiresAt: Date.now() + 50 });
    expect(await board.end()).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await watch(instance.live, { ...olga, expiresAt: Date.now() - 1 }).end()).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('when the account is disabled or its role changed, and for nobody else', async () => {
    const other = await startInstance(database, { pace: { watchMs: 20 } });
    const gone = await addPerson(database, 'CLINICIAN');
    const demoted = await addPerson(database, 'ADMIN');
    const lowered: Viewer = { ...(await addPerson(database, 'ADMIN')), role: 'FRONT_DESK' };
    const boards = [gone, demoted, lowered].map((viewer) => watch(other.live, viewer));
    await Promise.all(boards.map((board) => board.next()));
    await database.prisma.user.update({ where: { id: gone.userId }, data: { disabledAt: new Date() } });
    await database.prisma.user.update({ where: { id: demoted.userId }, data: { role: 'FRONT_DESK' } });
    expect(await boards[0]?.end()).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await boards[1]?.end()).toMatchObject({ code: 'UNAUTHENTICATED' });
    const visit = await writer(database, other.bell).create(stateOf({ clinician: olga.userId }));
    expect(await boards[2]?.next()).toMatchObject({ appointmentId: visit.id });
    await other.stop();
  });

  test('when the instance stops, with an error that says to come back', async () => {
    const other = await startInstance(database);
    const board = watch(other.live, olga);
    await board.next();
    const end = board.end();
    await other.stop();
    expect(await end).toMatchObject({ code: 'SERVICE_RESTART' });
  });

  test('when its reader leaves, even while it waits, and nothing is kept', async () => {
    const open = () => instance.live.lag()?.streams;
    const atFirst = open() ?? 0;
    const left = watch(instance.live, olga);
    await left.next();
    expect(open()).toBe(atFirst + 1);
    const end = left.end();
    await left.leave();
    expect(await end).toBe('done');
    expect(open()).toBe(atFirst);
  });
});
