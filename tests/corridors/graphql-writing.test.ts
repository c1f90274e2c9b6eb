import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppointmentRow } from '../../server/appointments/appointment-store.ts';
import type { BookingWarning } from '../../server/appointments/booking-warning.ts';
import type { Failure } from '../../server/appointments/failure.ts';
import { NO_UUID } from '../../server/graphql/global-id.ts';
import { appointmentId, eventTypeId, type UserId } from '../../server/kernel/ids.ts';
import { fail, ok, type Result } from '../../server/kernel/result.ts';
import type { BookInput, BookingDesk, Caller, Changed } from '../../server/services.ts';
import { appointmentGid, createGraphqlClinic, eventTypeGid, type GraphqlClinic, personGid } from './graphql-clinic.ts';

/** Answers what the test wants, and remembers what it was asked. */
function scriptedDesk() {
  const desk = {
    answer: fail<Failure>({ kind: 'NotAllowed', message: 'Not scripted.' }) as Result<AppointmentRow, Failure>,
    warnings: [] as BookingWarning[],
    asked: [] as { caller: Caller; input: unknown }[],
  };
  const reply = (caller: Caller, input: unknown): Promise<Result<Changed, Failure>> => {
    desk.asked.push({ caller, input });
    const { answer } = desk;
    return Promise.resolve(answer.ok ? ok({ appointment: answer.value, warnings: desk.warnings }) : answer);
  };
  const bookings: BookingDesk = {
    async book(caller, input) {
      const answer = await reply(caller, input);
      return answer.ok ? ok({ appointments: [answer.value.appointment], warnings: answer.value.warnings }) : answer;
    },
    reschedule: reply,
    cancel: reply,
    confirm: reply,
    decline: reply,
    markNoShow: reply,
    reassign: reply,
  };
  return { desk, bookings };
}

const { desk, bookings } = scriptedDesk();
let clinic: GraphqlClinic;
let anna: UserId;
let mia: UserId;
let noah: UserId;
let frontDesk: UserId;
let wall: UserId;
let type: number;
let visit: string;
let group: string;
let row: AppointmentRow;

beforeAll(async () => {
  clinic = await createGraphqlClinic({ desk: bookings });
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker', { email: 'mia@example.com' });
  noah = await clinic.addPerson('PATIENT', 'Noah Visser');
  frontDesk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  wall = await clinic.addPerson('DISPLAY', 'Wall');
  type = await clinic.addEventType(anna);
  visit = await clinic.addAppointment({ clinicianId: anna, eventTypeId: type, people: [{ userId: mia, name: 'Mia Bakker' }] });
  group = await clinic.addAppointment({
    clinicianId: anna,
    seated: true,
    startsAt: '2026-11-25T09:00:00Z',
    people: [
      { userId: mia, name: 'Mia Bakker' },
      { userId: noah, name: 'Noah Visser' },
    ],
  });
  const [found] = await clinic.services.appointments.byIds({ all: true }, [appointmentId(group)]);
  if (found == null) throw new Error('The group is missing.');
  row = found;
});

afterAll(() => clinic.close());

describe('booking', () => {
  const book = `mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) {
    __typename
    ... on BookAppointmentSuccess { appointments { id title participants { name } } }
    ... on SlotTaken { nearest { startsAt localStart } }
    ... on CalcomUnavailable { after: retryAfterMs }
    ... on OutcomeUnknown { retryAfterMs }
    ... on UserError { code retryable message }
  } }`;
  const input = () => ({
    clientMutationKey: 'a-key-of-my-own',
    eventTypeId: eventTypeGid(type),
    startsAt: '2026-12-07T10:00:00+01:00',
    timeZone: 'Europe/Amsterdam',
  });

  test('hands the use case plain values and shows its answer with the eyes of the viewer', async () => {
    desk.asked.length = 0;
    desk.answer = ok(row);
    const answer = await clinic.data(noah, book, { input: { ...input(), reason: 'Knee', fields: [{ slug: 'q', value: 'a' }] } });
    expect(answer).toEqual({
      bookAppointment: {
        __typename: 'BookAppointmentSuccess',
        appointments: [{ id: appointmentGid(group), title: null, participants: [{ name: 'Noah Visser' }] }],
      },
    });
    expect(desk.asked).toMatchObject([{ caller: { viewer: { userId: noah, role: 'PATIENT' }, requestId: expect.any(String) } }]);
    expect(desk.asked[0]?.input).toEqual({
      clientMutationKey: 'a-key-of-my-own',
      eventTypeId: eventTypeId(type),
      startsAt: new Date('2026-12-07T09:00:00Z'),
      timeZone: 'Europe/Amsterdam',
      durationMinutes: null,
      consultationType: null,
      patientId: null,
      attendee: null,
      guests: [],
      phone: null,
      locale: null,
      reason: 'Knee',
      recurrenceCount: null,
      holdId: null,
      fields: [{ slug: 'q', value: 'a' }],
    } satisfies BookInput);
  });

  const slot = {
    startsAt: new Date('2026-12-07T09:30:00Z'),
    endsAt: new Date('2026-12-07T10:00:00Z'),
    localStart: '2026-12-07T10:30',
    timeZone: 'Europe/Amsterdam',
    seatsLeft: null,
  };

  test.each<[Failure, object]>([
    [
      { kind: 'NotAllowed', message: 'm' },
      { __typename: 'NotAllowed', code: 'NOT_ALLOWED', retryable: false },
    ],
    [
      { kind: 'NotFound', message: 'm' },
      { __typename: 'NotFound', code: 'NOT_FOUND', retryable: false },
    ],
    [
      { kind: 'SlotTaken', message: 'm', nearest: [slot] },
      { __typename: 'SlotTaken', code: 'SLOT_TAKEN', nearest: [{ startsAt: '2026-12-07T09:30:00.000Z', localStart: '2026-12-07T10:30' }] },
    ],
    [
      { kind: 'CalcomUnavailable', message: 'm', retryAfterMs: null },
      { __typename: 'CalcomUnavailable', retryable: true, after: null },
    ],
    [
      { kind: 'OutcomeUnknown', message: 'm', retryAfterMs: 2000 },
      { __typename: 'OutcomeUnknown', retryable: true, retryAfterMs: 2000 },
    ],
  ])('answers a failure with the member of its name: %o', async (failure, member) => {
    desk.answer = fail(failure);
    expect(await clinic.data(mia, book, { input: input() })).toMatchObject({ bookAppointment: { ...member, message: 'm' } });
  });
});

describe('changing', () => {
  test('a conflict shows the appointment as the viewer may see it', async () => {
    desk.answer = fail({ kind: 'VersionConflict', message: 'm', current: row });
    const query = `mutation ($id: ID!) { rescheduleAppointment(input: { clientMutationKey: "a-key-of-my-own", appointmentId: $id, startsAt: "2026-12-07T09:00:00Z", expectedVersion: 1 }) {
      __typename ... on VersionConflict { current { title participants { name } } }
    } }`;
    expect(await clinic.data(noah, query, { id: appointmentGid(group) })).toEqual({
      rescheduleAppointment: { __typename: 'VersionConflict', current: { title: null, participants: [{ name: 'Noah Visser' }] } },
    });
  });

  test.each(['cancelAppointment', 'confirmAppointment', 'declineAppointment'])('%s names the appointment by our id', async (mutation) => {
    desk.asked.length = 0;
    desk.answer = ok(row);
    const query = `mutation ($id: ID!) { ${mutation}(input: { clientMutationKey: "a-key-of-my-own", appointmentId: $id }) { __typename } }`;
    expect(await clinic.data(anna, query, { id: appointmentGid(group) })).toEqual({
      [mutation]: { __typename: `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Success` },
    });
    expect(desk.asked).toMatchObject([{ input: { appointmentId: group, expectedVersion: null } }]);
  });

  test('a no-show and a handing over are asked for with plain values, and warnings are shown', async () => {
    desk.asked.length = 0;
    desk.answer = ok(row);
    desk.warnings = [{ code: 'CANNOT_NOTIFY', message: 'm' }];
    const query = `mutation ($noShow: MarkNoShowInput!, $reassign: ReassignAppointmentInput!) {
      markNoShow(input: $noShow) { ... on MarkNoShowSuccess { warnings { code message } } }
      reassignAppointment(input: $reassign) { ... on ReassignAppointmentSuccess { appointment { id } warnings { code } } }
    }`;
    const about = { clientMutationKey: 'a-key-of-my-own', appointmentId: appointmentGid(group) };
    const answer = await clinic.data(anna, query, {
      noShow: { ...about, participantId: 'nonsense' },
      reassign: { ...about, clinicianId: personGid('Clinician', anna), reason: 'Ill' },
    });
    expect(answer).toEqual({
      markNoShow: { warnings: [{ code: 'CANNOT_NOTIFY', message: 'm' }] },
      reassignAppointment: { appointment: { id: appointmentGid(group) }, warnings: [{ code: 'CANNOT_NOTIFY' }] },
    });
    const key = { clientMutationKey: 'a-key-of-my-own', appointmentId: group, expectedVersion: null };
    expect(desk.asked.map((one) => one.input)).toEqual([
      { ...key, participantId: NO_UUID, absent: true },
      { ...key, clinicianId: anna, reason: 'Ill' },
    ]);
    desk.warnings = [];
    expect(await clinic.data(anna, query, { noShow: about, reassign: { ...about, clinicianId: personGid('Patient', mia) } })).toMatchObject(
      {
        reassignAppointment: {},
      },
    );
    expect(desk.asked).toHaveLength(3);
  });

  test('what a move would change besides is told before', async () => {
    const short = await clinic.addEventType(anna);
    await clinic.services.pool.query(`UPDATE "CalcomEventType" SET "durationMinutes" = 15 WHERE "id" = $1`, [short]);
    const id = await clinic.addAppointment({ clinicianId: anna, eventTypeId: short, people: [{ userId: mia, name: 'Mia Bakker' }] });
    const query = `query ($id: ID!) { appointment(id: $id) { rescheduleWarnings { code message } } }`;
    const { appointment } = (await clinic.data(mia, query, { id: appointmentGid(id) })) as {
      appointment: { rescheduleWarnings: unknown[] };
    };
    expect(appointment.rescheduleWarnings).toContainEqual({
      code: 'LENGTH_RESET',
      message: 'This appointment was booked for 30 minutes; when it is moved, Cal.com gives it the usual length of 15 minutes.',
    });
  });

  test('says so when the host has to confirm the new time', async () => {
    desk.answer = ok({ ...row, status: 'REQUESTED' });
    const query = `mutation ($id: ID!) { rescheduleAppointment(input: { clientMutationKey: "a-key-of-my-own", appointmentId: $id, startsAt: "2026-12-07T09:00:00Z" }) {
      ... on RescheduleAppointmentSuccess { awaitsConfirmation }
    } }`;
    expect(await clinic.data(anna, query, { id: appointmentGid(group) })).toEqual({ rescheduleAppointment: { awaitsConfirmation: true } });
  });
});

describe('care states', () => {
  const set = `mutation ($input: SetCareStateInput!) { setCareState(input: $input) {
    __typename
    ... on SetCareStateSuccess { appointment { version careState participants { careState } history { nodes { kind version actor { name } previous { careState } current { careState } } } } }
    ... on InvalidTransition { from to }
  } }`;

  test('a patient checks in, and nothing else', async () => {
    const input = { appointmentId: appointmentGid(visit) };
    expect(await clinic.data(mia, set, { input: { ...input, careState: 'IN_ROOM' } })).toMatchObject({
      setCareState: { __typename: 'NotAllowed' },
    });
    expect(await clinic.data(mia, set, { input: { ...input, careState: 'ARRIVED' } })).toMatchObject({
      setCareState: {
        appointment: {
          version: 2,
          careState: 'ARRIVED',
          history: {
            nodes: [
              { kind: 'CARE_CHANGED', version: 2, actor: null, previous: { careState: 'EXPECTED' }, current: { careState: 'ARRIVED' } },
            ],
          },
        },
      },
    });
    expect(await clinic.data(noah, set, { input: { ...input, careState: 'ARRIVED' } })).toMatchObject({
      setCareState: { __typename: 'NotFound' },
    });
  });

  test('staff see who did it', async () => {
    expect(await clinic.data(anna, set, { input: { appointmentId: appointmentGid(visit), careState: 'IN_ROOM' } })).toMatchObject({
      setCareState: { appointment: { history: { nodes: [{ actor: { name: 'Dr. Anna de Vries' } }, { actor: { name: 'Mia Bakker' } }] } } },
    });
  });

  test('what does not follow is refused with both states', async () => {
    expect(await clinic.data(anna, set, { input: { appointmentId: appointmentGid(visit), careState: 'EXPECTED' } })).toEqual({
      setCareState: { __typename: 'InvalidTransition', from: 'IN_ROOM', to: 'EXPECTED' },
    });
  });

  test('a conflict of versions changes nothing', async () => {
    expect(
      await clinic.data(anna, set, { input: { appointmentId: appointmentGid(visit), careState: 'WITH_CLINICIAN', expectedVersion: 1 } }),
    ).toMatchObject({
      setCareState: { __typename: 'VersionConflict' },
    });
  });

  test('in a group a patient moves the own seat and learns nothing of the others', async () => {
    const answer = await clinic.data(noah, set, { input: { appointmentId: appointmentGid(group), careState: 'ARRIVED' } });
    expect(answer).toMatchObject({
      setCareState: {
        appointment: {
          careState: null,
          participants: [{ careState: 'ARRIVED' }],
          history: { nodes: [{ previous: { careState: null }, current: { careState: null } }] },
        },
      },
    });
  });

  test('the wall changes nothing', async () => {
    expect(await clinic.data(wall, set, { input: { appointmentId: appointmentGid(visit), careState: 'DONE' } })).toMatchObject({
      setCareState: { __typename: 'NotAllowed' },
    });
  });
});

describe('people', () => {
  const create =
    'mutation ($input: CreatePatientInput!) { createPatient(input: $input) { __typename ... on CreatePatientSuccess { patient { id name } } ... on InvalidInput { fields { path } } } }';
  const update =
    'mutation ($input: UpdatePatientInput!) { updatePatient(input: $input) { __typename ... on UpdatePatientSuccess { patient { name email phone } } } }';

  test('staff enter a patient once, also when they click twice', async () => {
    const input = { name: 'Lena Smit', email: 'lena@example.com' };
    const answers = await Promise.all([clinic.data(frontDesk, create, { input }), clinic.data(frontDesk, create, { input })]);
    expect(answers).toContainEqual({ createPatient: { __typename: 'InvalidInput', fields: [{ path: 'email' }] } });
    const rows = await clinic.pool.query(`SELECT 1 FROM "User" WHERE "email" = 'lena@example.com'`);
    expect(rows.rowCount).toBe(1);
  });

  test('a family may share a mailbox', async () => {
    expect(await clinic.data(frontDesk, create, { input: { name: 'Tom Smit', email: 'lena@example.com' } })).toMatchObject({
      createPatient: { __typename: 'CreatePatientSuccess' },
    });
  });

  test('a changed e-mail is not verified any more; what is left out stays; null takes away', async () => {
    await clinic.pool.query(`UPDATE "User" SET "emailVerified" = true, "phone" = '+31611111111' WHERE "id" = $1`, [mia]);
    const id = personGid('Patient', mia);
    expect(await clinic.data(frontDesk, update, { input: { patientId: id, email: 'mia@new.example' } })).toEqual({
      updatePatient: {
        __typename: 'UpdatePatientSuccess',
        patient: { name: 'Mia Bakker', email: 'mia@new.example', phone: '+31611111111' },
      },
    });
    expect(await clinic.data(frontDesk, update, { input: { patientId: id, phone: null } })).toMatchObject({
      updatePatient: { patient: { phone: null } },
    });
    const rows = await clinic.pool.query(`SELECT "emailVerified" FROM "User" WHERE "id" = $1`, [mia]);
    expect(rows.rows).toEqual([{ emailVerified: false }]);
  });

  test('patients and the wall enter and change nobody, and a clinician is no patient to be changed', async () => {
    for (const other of [mia, wall]) {
      expect(await clinic.data(other, create, { input: { name: 'X Y' } })).toMatchObject({ createPatient: { __typename: 'NotAllowed' } });
      expect(await clinic.data(other, update, { input: { patientId: personGid('Patient', mia), name: 'X' } })).toMatchObject({
        updatePatient: { __typename: 'NotAllowed' },
      });
    }
    expect(await clinic.data(frontDesk, update, { input: { patientId: personGid('Patient', anna), name: 'X' } })).toMatchObject({
      updatePatient: { __typename: 'NotFound' },
    });
  });

  test('everybody changes what is theirs', async () => {
    const query =
      'mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { ... on UpdateViewerSuccess { viewer { user { name timeZone locale } } } } }';
    expect(await clinic.data(noah, query, { input: { timeZone: 'America/New_York', locale: 'de-AT' } })).toEqual({
      updateViewer: { viewer: { user: { name: 'Noah Visser', timeZone: 'America/New_York', locale: 'de-AT' } } },
    });
  });

  test("a patient does not take another name: visits are linked by it, and a relative's mailbox may be the same", async () => {
    const query = 'mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { __typename } }';
    expect(await clinic.data(noah, query, { input: { name: 'Mia Bakker' } })).toEqual({ updateViewer: { __typename: 'NotAllowed' } });
  });

  test('each change is audited with who, whom and which request', async () => {
    const rows = await clinic.pool.query(
      `SELECT "action", "actorId", "subjectId" FROM "AuditEvent" WHERE "requestId" IS NOT NULL ORDER BY "id"`,
    );
    expect(rows.rows.map((audited: { action: string }) => audited.action)).toEqual([
      'patient.create',
      'patient.create',
      'patient.update',
      'patient.update',
      'viewer.update',
    ]);
    expect(rows.rows.at(-1)).toMatchObject({ actorId: noah, subjectId: noah });
  });
});

describe('demo personas', () => {
  const signIn =
    'mutation ($id: ID!) { signInAs(input: { personaId: $id }) { __typename ... on SignInAsSuccess { token expiresAt persona { name role description } } } }';

  test('outside the sandbox there are none, and no token', async () => {
    expect(await clinic.data(null, '{ demoPersonas { id } }')).toEqual({ demoPersonas: [] });
    expect(await clinic.data(null, signIn, { id: personGid('User', anna) })).toEqual({ signInAs: { __typename: 'NotAllowed' } });
  });

  test('in the sandbox one may be anybody of the list, for an hour', async () => {
    const sandbox = await createGraphqlClinic({ config: { sandbox: true } });
    const person = await sandbox.addPerson('CLINICIAN', 'Dr. Anna de Vries');
    await sandbox.addPerson('PATIENT', 'Gone', { disabledAt: new Date() });
    const { demoPersonas } = await sandbox.data<{ demoPersonas: { id: string; name: string }[] }>(
      null,
      '{ demoPersonas { id name role description } }',
    );
    expect(demoPersonas.map(({ name }) => name)).toEqual(['Dr. Anna de Vries']);
    const { signInAs } = await sandbox.data<{ signInAs: { token: string; expiresAt: string } }>(null, signIn, { id: demoPersonas[0]?.id });
    expect(signInAs).toMatchObject({ persona: { role: 'CLINICIAN' }, expiresAt: '2026-11-23T09:00:00.000Z' });
    expect(await sandbox.data(signInAs.token, '{ viewer { user { id } } }')).toEqual({
      viewer: { user: { id: personGid('User', person) } },
    });
    expect(await sandbox.data(null, signIn, { id: personGid('User', mia) })).toEqual({ signInAs: { __typename: 'NotFound' } });
    await sandbox.close();
  });
});
