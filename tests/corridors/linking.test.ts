import { createClient as createSseClient } from 'graphql-sse';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type BookingRecorder, createBookingRecorder } from '../../server/appointments/record-booking.ts';
import type { BookingObservation } from '../../server/calcom/booking.ts';
import { encodeId } from '../../server/graphql/global-id.ts';
import { startJobs } from '../../server/jobs/runner.ts';
import type { JobActions } from '../../server/jobs/tasks.ts';
import { bookingUid, type UserId, userId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { linkDuePeople } from '../../server/users/link-due-people.ts';
import { appointmentGid, createGraphqlClinic, type GraphqlClinic, personGid } from './graphql-clinic.ts';

const T = Date.parse('2026-11-24T09:00:00Z');
const MINUTE = 60_000;

let clinic: GraphqlClinic;
let recorder: BookingRecorder;
let olga: UserId;
let samir: UserId;
let desk: UserId;
let admin: UserId;
let wall: UserId;
let auditor: UserId;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  recorder = createBookingRecorder({
    pool: clinic.pool,
    clock: clinic.clock,
    clinicTimeZone: 'Europe/Amsterdam',
    ring: () => clinic.services.live.ring(),
  });
});
afterAll(() => clinic.close());

beforeEach(async () => {
  await clinic.pool.query(
    `TRUNCATE "Appointment","AppointmentBooking","AppointmentAlias","AppointmentParticipant","AppointmentHost","AppointmentChange","AuditEvent","User" CASCADE`,
  );
  olga = await clinic.addPerson('CLINICIAN', 'Olga Host', { email: 'olga@example.com' });
  await clinic.pool.query(`UPDATE "User" SET "calcomUserId" = 1 WHERE "id" = $1`, [olga]);
  samir = await clinic.addPerson('CLINICIAN', 'Samir Other', { email: 'samir@example.com' });
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  wall = await clinic.addPerson('DISPLAY', 'Wall');
  auditor = await clinic.addPerson('AUDITOR', 'Otto Auditor');
});

async function addPatient(name: string, email: string | null, verified = true): Promise<UserId> {
  const id = await clinic.addPerson('PATIENT', name, email === null ? {} : { email });
  await clinic.pool.query(`UPDATE "User" SET "emailVerified" = $2 WHERE "id" = $1`, [id, verified]);
  return id;
}

const HOST = { calcomUserId: 1, name: 'Olga Host', email: 'olga@example.com', timeZone: 'Europe/Amsterdam' };
const person = (name: string, email: string | null, seatUid: string | null = null) => ({
  seatUid,
  name,
  email,
  phone: null,
  timeZone: 'Europe/Amsterdam',
  locale: 'en',
  absent: false,
});

function seen(uid: string, over: Partial<BookingObservation> = {}): BookingObservation {
  return {
    source: 'WEBHOOK',
    uid: bookingUid(uid),
    observedAt: T,
    upstreamAt: T,
    bookingId: uid.codePointAt(0) ?? 0,
    status: 'CONFIRMED',
    startsAt: T,
    endsAt: T + 30 * MINUTE,
    eventTypeId: null,
    title: 'Visit',
    hosts: [HOST],
    attendees: [person('Mia Bakker', 'mia@example.com')],
    ...over,
  };
}

async function heard(...observations: BookingObservation[]): Promise<string> {
  const { appointmentIds } = await recorder.record(observations, { cause: 'WEBHOOK' });
  return appointmentIds[0] ?? '';
}

interface Seen {
  id: string;
  name: string;
  patient: { name: string } | null;
  linkSuggestion: { name: string } | null;
}

async function participantsOf(id: string, as = desk): Promise<Seen[]> {
  const query = 'query ($id: ID!) { appointment(id: $id) { participants { id name patient { name } linkSuggestion { name } } } }';
  const data = await clinic.data<{ appointment: { participants: Seen[] } | null }>(as, query, { id: appointmentGid(id) });
  return data.appointment?.participants ?? [];
}

async function patientOf(id: string): Promise<string | null> {
  return (await participantsOf(id))[0]?.patient?.name ?? null;
}

const LINK = `mutation ($input: LinkParticipantInput!) { linkParticipant(input: $input) { __typename ... on LinkParticipantSuccess { appointment { version patient { name } } } } }`;
const UNLINK = `mutation ($input: UnlinkParticipantInput!) { unlinkParticipant(input: $input) { __typename ... on UnlinkParticipantSuccess { appointment { version patient { name } } } } }`;

async function link(as: UserId, appointment: string, patient: UserId, participant?: string): Promise<string> {
  const participantId = participant ?? (await participantsOf(appointment))[0]?.id;
  const input = { appointmentId: appointmentGid(appointment), participantId, patientId: personGid('Patient', patient) };
  return (await clinic.data<{ linkParticipant: { __typename: string } }>(as, LINK, { input })).linkParticipant.__typename;
}

async function unlink(as: UserId, appointment: string, participant?: string): Promise<string> {
  const participantId = participant ?? (await participantsOf(appointment))[0]?.id;
  const input = { appointmentId: appointmentGid(appointment), participantId };
  return (await clinic.data<{ unlinkParticipant: { __typename: string } }>(as, UNLINK, { input })).unlinkParticipant.__typename;
}

async function changes(): Promise<{ cause: string; actorId: string | null; fields: string[] }[]> {
  const result = await clinic.pool.query<{ cause: string; actorId: string | null; fields: string[] }>(
    `SELECT "cause"::text AS cause, "actorId", "changedFields" AS fields FROM "AppointmentChange" ORDER BY xid, "id"`,
  );
  return result.rows;
}

const linkPast = () => linkDuePeople({ pool: clinic.pool, recorder, log: clinic.services.log });

describe('who a booking is for', () => {
  test('our id in its metadata goes before e-mail and name', async () => {
    await addPatient('Mia Bakker', 'mia@example.com');
    const noah = await addPatient('Noah Visser', null, false);
    expect(await patientOf(await heard(seen('A', { metadata: { fintanPatientId: noah } })))).toBe('Noah Visser');
  });

  test('one verified e-mail with the name, whatever its case and spaces', async () => {
    await addPatient('Mia Bakker', 'mia@example.com');
    expect(await patientOf(await heard(seen('A', { attendees: [person(' mia  BAKKER', 'MIA@example.com')] })))).toBe('Mia Bakker');
  });

  test('the suffix of a managed user does not count', async () => {
    await addPatient('Mia Bakker', 'mia@example.com');
    const email = `mia+c${'x1'.repeat(12)}@example.com`;
    expect(await patientOf(await heard(seen('A', { attendees: [person('Mia Bakker', email)] })))).toBe('Mia Bakker');
  });

  test('of a family that shares a mailbox each has the own visits', async () => {
    await addPatient('Mia Bakker', 'home@example.com');
    await addPatient('Tom Bakker', 'home@example.com');
    const visit = (uid: string, name: string) => heard(seen(uid, { attendees: [person(name, 'home@example.com')] }));
    expect(await patientOf(await visit('A', 'Tom Bakker'))).toBe('Tom Bakker');
    expect(await patientOf(await visit('B', 'Mia Bakker'))).toBe('Mia Bakker');
    const [stranger] = await participantsOf(await visit('C', 'Grandma Bakker'));
    expect(stranger).toMatchObject({ patient: null, linkSuggestion: null });
  });

  test.each([
    ['an e-mail that nobody has verified', 'Mia Bakker', 'mia@example.com', false],
    ['another name at a verified e-mail', 'Maria Bakker', 'mia@example.com', true],
    ['the name without the e-mail, accents aside', 'Mia Bákker', null, true],
  ])('%s links nobody and suggests', async (_case, name, email, verified) => {
    await addPatient(name, email, verified);
    const id = await heard(seen('A'));
    expect(await participantsOf(id)).toMatchObject([{ patient: null, linkSuggestion: { name } }]);
    for (const other of [wall, auditor]) {
      expect((await participantsOf(id, other)).map((participant) => participant.linkSuggestion)).not.toContainEqual({ name });
    }
  });

  test('two who fit the same are neither linked nor suggested; a disabled one is not suggested', async () => {
    await addPatient('Mia Bakker', 'mia@example.com');
    const twin = await addPatient('Mia Bakker', 'mia@example.com');
    const id = await heard(seen('A'));
    expect(await participantsOf(id)).toMatchObject([{ patient: null, linkSuggestion: null }]);
    await clinic.pool.query(`UPDATE "User" SET "disabledAt" = now() WHERE "id" = $1`, [twin]);
    expect(await participantsOf(id)).toMatchObject([{ linkSuggestion: { name: 'Mia Bakker' } }]);
  });

  test('a guest is nobody, whoever has the address', async () => {
    await addPatient('Mia Bakker', 'mia@example.com');
    const id = await heard(seen('A', { attendees: [person('Ann Guest', 'ann@example.com')], guests: ['mia@example.com'] }));
    expect(await participantsOf(id)).toMatchObject([{ name: 'Ann Guest', patient: null, linkSuggestion: null }]);
  });
});

describe('linking by staff', () => {
  test('the front desk, admins and hosts may; foreign clinicians see nothing, the wall and patients may not', async () => {
    const mia = await addPatient('Mia Bakker', 'mia@example.com', false);
    const noah = await addPatient('Noah Visser', null, false);
    const id = await heard(seen('A'));
    const table: [UserId, string][] = [
      [samir, 'NotFound'],
      [auditor, 'NotFound'],
      [noah, 'NotFound'],
      [wall, 'NotAllowed'],
      [olga, 'Success'],
      [admin, 'Success'],
      [desk, 'Success'],
    ];
    for (const [who, expected] of table) {
      const outcomes = [await link(who, id, mia), await unlink(who, id)];
      expect(outcomes).toEqual(expected === 'Success' ? ['LinkParticipantSuccess', 'UnlinkParticipantSuccess'] : [expected, expected]);
    }
    await link(desk, id, mia);
    expect(await unlink(mia, id)).toBe('NotAllowed');
  });

  test('only to a patient in service, only somebody who takes part', async () => {
    const mia = await addPatient('Mia Bakker', 'mia@example.com', false);
    const id = await heard(seen('A'));
    expect(await link(desk, id, samir)).toBe('NotFound');
    expect(await link(desk, id, mia, encodeId('Participant', '00000000-0000-7000-8000-000000000001'))).toBe('NotFound');
    expect(await link(desk, id, mia, 'made up')).toBe('NotFound');
    await clinic.pool.query(`UPDATE "User" SET "disabledAt" = now() WHERE "id" = $1`, [mia]);
    expect(await link(desk, id, mia)).toBe('NotFound');
  });

  test('is a change of its own with cause and actor, audited, and leaves no personal data in the log', async () => {
    const mia = await addPatient('Mia Bakker', 'mia@example.com', false);
    const id = await heard(seen('A'));
    const before = clinic.logged.length;
    await link(desk, id, mia);
    await link(desk, id, mia);
    await unlink(olga, id);
    expect((await changes()).slice(1)).toEqual([
      { cause: 'LINKING', actorId: desk, fields: ['patient', 'participants'] },
      { cause: 'LINKING', actorId: olga, fields: ['patient', 'participants'] },
    ]);
    const audit = await clinic.pool.query(`SELECT "action", "actorId", "subjectId" FROM "AuditEvent" ORDER BY "id"`);
    expect(audit.rows).toEqual([
      { action: 'participant.link', actorId: desk, subjectId: mia },
      { action: 'participant.link', actorId: desk, subjectId: mia },
      { action: 'participant.unlink', actorId: olga, subjectId: mia },
    ]);
    expect(clinic.logged.slice(before).join('\n')).not.toMatch(/mia|bakker|@example/i);
  });

  test('who is linked gets the visit live, who is unlinked loses it', async () => {
    const mia = await addPatient('Mia Bakker', 'mia@example.com', false);
    const noah = await addPatient('Noah Visser', null, false);
    const id = await heard(seen('A'));
    const [ofMia, ofNoah, ofDesk] = await Promise.all([live(mia), live(noah), live(desk)]);
    await link(desk, id, mia);
    expect(await ofMia.next()).toMatchObject({ kind: 'UPDATED', cause: 'LINKING', appointment: { patient: { name: 'Mia Bakker' } } });
    // A stream that begins a moment after a commit may still be told of it: tests share the cluster, and what is open in it.
    let told = await ofDesk.next();
    while (told.kind === 'CREATED') told = await ofDesk.next();
    expect(told).toMatchObject({ kind: 'UPDATED', changedFields: ['patient', 'participants'] });
    await link(desk, id, noah);
    expect(await ofMia.next()).toMatchObject({ kind: 'REMOVED', appointment: null });
    expect(await ofNoah.next()).toMatchObject({ kind: 'UPDATED', appointment: { patient: { name: 'Noah Visser' } } });
    for (const stream of [ofMia, ofNoah, ofDesk]) await stream.end();
  });
});

describe('what staff decided', () => {
  const again = (uid: string, over: Partial<BookingObservation> = {}) =>
    seen(uid, { source: 'API', upstreamAt: T + MINUTE, observedAt: T + MINUTE, ...over });

  test('a link stays, although the rules would say another', async () => {
    await addPatient('Mia Bakker', 'mia@example.com');
    const noah = await addPatient('Noah Visser', null, false);
    const id = await heard(seen('A'));
    await link(desk, id, noah);
    await heard(again('A', { title: 'Renamed' }));
    await recorder.relink([bookingUid('A')], { cause: 'LINKING' });
    expect(await patientOf(id)).toBe('Noah Visser');
  });

  test('an unlink stays, through webhooks with our id, sweeps, reschedules and linking of the past; and nobody is suggested', async () => {
    const mia = await addPatient('Mia Bakker', 'mia@example.com');
    const metadata = { fintanPatientId: mia };
    const id = await heard(seen('A', { metadata }));
    expect(await patientOf(id)).toBe('Mia Bakker');
    await unlink(desk, id);
    await heard(again('A', { metadata, title: 'Renamed' }));
    await heard(
      seen('B', {
        metadata,
        upstreamAt: T + 2 * MINUTE,
        observedAt: T + 2 * MINUTE,
        startsAt: T + 60 * MINUTE,
        endsAt: T + 90 * MINUTE,
        rescheduledFromUid: bookingUid('A'),
      }),
      {
        source: 'WEBHOOK',
        uid: bookingUid('A'),
        observedAt: T + 2 * MINUTE,
        upstreamAt: T + 2 * MINUTE,
        status: 'MOVED',
        rescheduledToUid: bookingUid('B'),
      },
    );
    await linkPast();
    expect(await participantsOf(id)).toMatchObject([{ patient: null, linkSuggestion: null }]);
    expect(await link(desk, id, mia)).toBe('LinkParticipantSuccess');
    expect(await patientOf(id)).toBe('Mia Bakker');
  });

  test('that nobody is right is kept as well, without a change to tell', async () => {
    const id = await heard(seen('A'));
    expect(await unlink(desk, id)).toBe('UnlinkParticipantSuccess');
    expect(await changes()).toHaveLength(1);
    await addPatient('Mia Bakker', 'mia@example.com');
    await linkPast();
    expect(await patientOf(id)).toBeNull();
  });

  test('goes along when two appointments turn out to be one', async () => {
    const mia = await addPatient('Mia Bakker', 'mia@example.com', false);
    // C (from B) and A arrive first, as strangers; B (from A) joins them.
    const later = { upstreamAt: T + MINUTE, observedAt: T + MINUTE };
    const c = await heard(seen('C', { ...later, rescheduledFromUid: bookingUid('B') }));
    const a = await heard(seen('A'));
    expect(a).not.toBe(c);
    const [younger] = [a, c].toSorted().slice(-1);
    await link(desk, younger ?? '', mia);
    await heard(seen('B', { status: 'MOVED', rescheduledFromUid: bookingUid('A'), rescheduledToUid: bookingUid('C') }));
    const rows = await clinic.pool.query<{ userId: string }>(`SELECT "userId" FROM "AppointmentParticipant"`);
    expect(rows.rows).toEqual([{ userId: mia }]);
    expect(await patientOf(a)).toBe('Mia Bakker');
  });

  test('goes along with a seat that moves to another visit', async () => {
    const mia = await addPatient('Mia Bakker', null, false);
    const group = { source: 'API', seated: true } as const;
    const a = await heard(seen('A', { ...group, attendees: [person('One', null, 's1'), person('Two', null, 's2')] }));
    const two = (await participantsOf(a)).find((participant) => participant.name === 'Two');
    await link(desk, a, mia, two?.id);
    const b = await heard(
      seen('B', { ...group, startsAt: T + 60 * MINUTE, endsAt: T + 90 * MINUTE, attendees: [person('Two', null, 's2')] }),
    );
    expect(await participantsOf(b)).toMatchObject([{ name: 'Two', patient: { name: 'Mia Bakker' } }]);
  });
});

describe('appointments of the past', () => {
  const create =
    'mutation ($input: CreatePatientInput!) { createPatient(input: $input) { ... on CreatePatientSuccess { patient { id } } } }';
  const update = 'mutation ($input: UpdatePatientInput!) { updatePatient(input: $input) { __typename } }';

  test('become those of a patient entered with a checked e-mail, and of one whose e-mail is checked later', async () => {
    const first = await heard(seen('A'));
    const second = await heard(
      seen('B', { startsAt: T + 60 * MINUTE, endsAt: T + 90 * MINUTE, attendees: [person('Noah Visser', 'noah@example.com')] }),
    );
    await clinic.data(desk, create, { input: { name: 'Mia Bakker', email: 'mia@example.com', emailVerified: true } });
    const made = await clinic.data<{ createPatient: { patient: { id: string } } }>(desk, create, {
      input: { name: 'Noah Visser', email: 'noah@example.com' },
    });
    await linkPast();
    expect([await patientOf(first), await patientOf(second)]).toEqual(['Mia Bakker', null]);
    expect(await participantsOf(second)).toMatchObject([{ linkSuggestion: { name: 'Noah Visser' } }]);
    await clinic.data(desk, update, { input: { patientId: made.createPatient.patient.id, emailVerified: true } });
    expect(await linkPast()).toMatchObject({ people: 1, appointments: 1, changes: 1 });
    expect(await patientOf(second)).toBe('Noah Visser');
    expect((await changes()).map((change) => change.cause)).toEqual(['WEBHOOK', 'WEBHOOK', 'LINKING', 'LINKING']);
    // Nobody is due any more, and the same again changes nothing.
    expect(await linkPast()).toEqual({ people: 0, appointments: 0, changes: 0 });
    expect((await recorder.relink([bookingUid('A'), bookingUid('B')], { cause: 'LINKING' })).changes).toBe(0);
  });

  test('become those of a clinician who gets the Cal.com id of a host, or the e-mail', async () => {
    const host = { calcomUserId: 2, name: 'Samir Other', email: 'samir@calcom.example', timeZone: 'Europe/Amsterdam' };
    const byEmail = { calcomUserId: 3, name: 'Femke', email: 'femke@example.com', timeZone: 'Europe/Amsterdam' };
    const id = await heard(seen('A', { hosts: [HOST, host, byEmail] }));
    await linkPast();
    expect(await participantsOf(id, samir)).toEqual([]);
    await clinic.pool.query(`UPDATE "User" SET "calcomUserId" = 2 WHERE "id" = $1`, [samir]);
    const femke = await clinic.addPerson('CLINICIAN', 'Femke Jansen', { email: 'femke@example.com' });
    await linkPast();
    expect(await participantsOf(id, samir)).toHaveLength(1);
    expect(await participantsOf(id, femke)).toHaveLength(1);
    const stored = await clinic.pool.query(`SELECT "calcomUserId" FROM "User" WHERE "id" = $1`, [femke]);
    expect(stored.rows).toEqual([{ calcomUserId: 3 }]);
  });

  test('one that cannot be linked now keeps its person due, and the log does not name anybody', async () => {
    await heard(seen('A'));
    await addPatient('Mia Bakker', 'mia@example.com');
    const before = clinic.logged.length;
    const broken = { relink: () => Promise.reject(new Error('no such thing as mia@example.com')) };
    expect(await linkDuePeople({ pool: clinic.pool, recorder: broken, log: clinic.services.log })).toMatchObject({ changes: 0 });
    expect(clinic.logged.slice(before).join('\n')).toContain('linking.failed');
    expect(clinic.logged.slice(before).join('\n')).not.toMatch(/mia|bakker/i);
    expect(await linkPast()).toMatchObject({ changes: 1 });
  });

  test('are looked at by a job that the change itself adds', async () => {
    const ran = Promise.withResolvers<void>();
    const idle = () => Promise.resolve();
    const actions = new Proxy({} as JobActions, {
      get: (_actions, task) => (task === 'linkPeople' ? () => Promise.resolve(ran.resolve()) : idle),
    });
    const jobs = await startJobs({ pool: clinic.pool, actions, log: silentLog });
    await clinic.data(desk, create, { input: { name: 'Mia Bakker', email: 'mia@example.com', emailVerified: true } });
    await ran.promise;
    await jobs.stop();
  });
});

interface Update {
  kind: string;
  [field: string]: unknown;
}

const LIVE = `subscription { appointmentUpdated { kind cause changedFields appointment { id patient { name } } } }`;

/** An open stream, caught up. */
async function live(as: UserId) {
  const client = createSseClient({
    url: clinic.url,
    headers: { authorization: `Bearer ${await clinic.tokenOf(userId(as))}` },
    retryAttempts: 0,
  });
  const iterator = client.iterate<{ appointmentUpdated: Update }>({ query: LIVE });
  const read = async (): Promise<Update> => {
    const { value } = await iterator.next();
    const update = (value as { data?: { appointmentUpdated: Update } | null } | undefined)?.data?.appointmentUpdated;
    if (update === undefined) throw new Error(JSON.stringify(value));
    return update;
  };
  expect(await read()).toMatchObject({ kind: 'POSITION' });
  return {
    async next(): Promise<Update> {
      for (;;) {
        const update = await read();
        if (update.kind !== 'POSITION') return update;
      }
    },
    async end() {
      await iterator.return?.();
      client.dispose();
    },
  };
}
