/** Shared execution through real sockets: equal subscribers share, and nobody is shown what another may see. */
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Viewer } from '../../server/auth/viewer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { inTransaction } from '../../server/database/transaction.ts';
import { addPerson, stateOf, updateVisit, writer } from './live-clinic.ts';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

const WATCH = `subscription Watch($since: Cursor, $filter: AppointmentLiveFilter) {
  appointmentUpdated(since: $since, filter: $filter) { kind version previous { startsAt } appointment { id title reason participants { name } } }
}`;

let database: TestDatabase;
let gateway: LiveGateway;
const clients: Client[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startLiveGateway(database);
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await gateway.stop();
  await database.drop();
});

interface Update {
  kind: string;
  version: number | null;
  appointment: { id: string; title: string | null; reason: string | null; participants: { name: string }[] } | null;
}

async function watch(viewer: Viewer, variables: Record<string, unknown> = {}, query = WATCH) {
  const client = createClient({
    url: gateway.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: await gateway.token(viewer.userId) },
  });
  clients.push(client);
  const stream = client.iterate<{ appointmentUpdated: Update }>({ query, variables });
  const next = async () => (await stream.next()).value?.data?.appointmentUpdated ?? null;
  expect(await next()).toMatchObject({ kind: 'POSITION' });
  return { next };
}

test('forty at the front desk are one group, and each hears of every change once, in order', async () => {
  const desks = await Promise.all(Array.from({ length: 40 }, () => addPerson(database, 'FRONT_DESK')));
  const clinician = await addPerson(database, 'CLINICIAN');
  const streams = await Promise.all(desks.map((desk) => watch(desk)));
  expect(gateway.sockets.counters().groups).toBe(1);
  const door = writer(database, gateway.core.bell);
  let visit = await door.create(stateOf({ clinician: clinician.userId }));
  for (const careState of ['ARRIVED', 'IN_ROOM', 'DONE']) visit = await door.change(visit, 'CARE_CHANGED', { careStates: [careState] });
  const heard = await Promise.all(
    streams.map(async (stream) => {
      const versions: (number | null)[] = [];
      for (let n = 0; n < 4; n += 1) versions.push((await stream.next())?.version ?? null);
      return versions;
    }),
  );
  expect(heard).toEqual(streams.map(() => [1, 2, 3, 4]));
});

test('with the same document and variables, each is shown what their role shows, and patients only themselves', async () => {
  const [anna, mia, noah, desk, wall] = await Promise.all([
    addPerson(database, 'CLINICIAN'),
    addPerson(database, 'PATIENT'),
    addPerson(database, 'PATIENT'),
    addPerson(database, 'FRONT_DESK'),
    addPerson(database, 'DISPLAY'),
  ]);
  const streams = {
    anna: await watch(anna),
    mia: await watch(mia),
    noah: await watch(noah),
    desk: await watch(desk),
    wall: await watch(wall),
  };
  const before = gateway.sockets.counters().groups;
  const door = writer(database, gateway.core.bell);
  const visit = await door.create(stateOf({ clinician: anna.userId, patients: [mia.userId, noah.userId] }));
  await inTransaction(database.pool, async (tx) => {
    await updateVisit(tx, visit, 'UPDATED', { hasConflict: true });
    await tx.query(
      `UPDATE "Appointment" SET "seated" = true, "title" = 'Group with Mia Secret', "reason" = 'very private' WHERE "id" = $1`,
      [visit.id],
    );
    await tx.query(
      `UPDATE "AppointmentParticipant" SET "name" = CASE "userId" WHEN $2 THEN 'Mia Secret' ELSE 'Noah Hidden' END WHERE "appointmentId" = $1`,
      [visit.id, mia.userId],
    );
  });
  gateway.core.bell.ring();

  const second = async (stream: { next(): Promise<Update | null> }) => {
    await stream.next();
    return stream.next();
  };
  const seen = {
    anna: await second(streams.anna),
    mia: await second(streams.mia),
    noah: await second(streams.noah),
    desk: await second(streams.desk),
    wall: await second(streams.wall),
  };
  expect(before).toBeGreaterThanOrEqual(4);
  const text = (who: keyof typeof seen) => JSON.stringify(seen[who]);
  for (const who of ['anna', 'desk'] as const) expect(text(who)).toContain('Noah Hidden');
  expect(text('mia')).not.toMatch(/Noah|Hidden|private|Group with/);
  expect(text('noah')).not.toMatch(/Mia|Secret|private|Group with/);
  expect(text('wall')).not.toMatch(/Secret|Hidden|private|Mia |Noah /);
});

test('a token lowered to the wall is shown initials while the same account, not lowered, is shown names', async () => {
  const [admin, anna, mia] = await Promise.all([
    addPerson(database, 'ADMIN'),
    addPerson(database, 'CLINICIAN'),
    addPerson(database, 'PATIENT'),
  ]);
  await database.prisma.user.update({ where: { id: mia.userId }, data: { name: 'Mia Secret' } });
  const own = await watch(admin);
  await database.prisma.user.update({ where: { id: admin.userId }, data: { role: 'DISPLAY' } });
  const lowered = await watch(admin);
  const door = writer(database, gateway.core.bell);
  const visit = await door.create(stateOf({ clinician: anna.userId, patients: [mia.userId] }));
  await inTransaction(database.pool, async (tx) => {
    await updateVisit(tx, visit, 'UPDATED', { hasConflict: true });
    await tx.query(`UPDATE "AppointmentParticipant" SET "name" = 'Mia Secret' WHERE "appointmentId" = $1`, [visit.id]);
  });
  gateway.core.bell.ring();
  await lowered.next();
  expect(JSON.stringify(await lowered.next())).not.toContain('Secret');
  // The stream of before ends within ten seconds (viewer-watch); until then it is what it was signed in as.
  await own.next();
});
