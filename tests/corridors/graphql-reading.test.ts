import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printedSchema } from '../../server/graphql/print-schema.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { appointmentGid, createGraphqlClinic, eventTypeGid, type GraphqlClinic, personGid } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let anna: UserId;
let samir: UserId;
let mia: UserId;
let noah: UserId;
let desk: UserId;
let admin: UserId;
let wall: UserId;
let auditor: UserId;
let type: number;
let hiddenType: number;
let visit: string;
let otherVisit: string;
let group: string;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries', { email: 'anna@clinic.example' });
  samir = await clinic.addPerson('CLINICIAN', 'Dr. Samir Haddad');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker', { email: 'mia@example.com', phone: '+31611111111' });
  noah = await clinic.addPerson('PATIENT', 'Noah Visser', { email: 'noah@example.com' });
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  wall = await clinic.addPerson('DISPLAY', 'Wall');
  auditor = await clinic.addPerson('AUDITOR', 'Otto Auditor');
  type = await clinic.addEventType(anna);
  hiddenType = await clinic.addEventType(samir, { hidden: true });
  visit = await clinic.addAppointment({
    clinicianId: anna,
    eventTypeId: type,
    people: [{ userId: mia, name: 'Mia Bakker', email: 'mia@example.com' }],
  });
  otherVisit = await clinic.addAppointment({
    clinicianId: samir,
    eventTypeId: hiddenType,
    people: [{ userId: noah, name: 'Noah Visser' }],
  });
  group = await clinic.addAppointment({
    clinicianId: samir,
    startsAt: '2026-11-25T09:00:00Z',
    seated: true,
    title: 'Group with Mia Bakker',
    people: [
      { userId: mia, name: 'Mia Bakker', email: 'mia@example.com', careState: 'ARRIVED' },
      { userId: noah, name: 'Noah Visser', email: 'noah@example.com' },
    ],
  });
});

afterAll(() => clinic.close());

const LIST = `query List($filter: AppointmentFilter, $first: Int, $after: String) {
  appointments(filter: $filter, first: $first, after: $after) {
    totalCount changeCursor
    pageInfo { hasNextPage endCursor }
    edges { cursor node {
      id version status careState startsAt durationMinutes title description reason location bookingUid viewerMay hasConflict
      clinician { id name email eventTypes { id } }
      hosts { name organizer clinician { id name } }
      patient { id name email phone }
      participants { id name email phone careState patient { id name email } }
      eventType { id title clinician { id name } }
    } }
  }
}`;

interface Listed {
  appointments: {
    totalCount: number;
    changeCursor: string;
    pageInfo: { hasNextPage: boolean; endCursor: string };
    edges: { node: { id: string; startsAt: string } }[];
  };
}

const ids = async (as: UserId, filter: Record<string, unknown> = {}) =>
  (await clinic.data<Listed>(as, LIST, { filter })).appointments.edges.map(({ node }) => node.id);

describe('the printed schema', () => {
  test('is the one that is committed', () => {
    expect(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
  });
});

describe('who sees which appointments', () => {
  test('patients see their own, with a seat in a group or alone', async () => {
    expect(await ids(mia)).toEqual([appointmentGid(visit), appointmentGid(group)]);
    expect(await ids(noah)).toEqual([appointmentGid(otherVisit), appointmentGid(group)]);
  });

  test('clinicians see those they host', async () => {
    expect(await ids(anna)).toEqual([appointmentGid(visit)]);
  });

  test('front desk, admin and the wall see all; an auditor sees none', async () => {
    for (const everything of [desk, admin, wall]) expect(await ids(everything)).toHaveLength(3);
    expect(await ids(auditor)).toEqual([]);
  });

  test('a foreign appointment answers like one that does not exist', async () => {
    const query = 'query ($id: ID!) { appointment(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }';
    const nothing = { appointment: null, node: null, nodes: [null] };
    for (const id of [otherVisit, '00000000-0000-7000-8000-00000000dead'])
      expect(await clinic.data(anna, query, { id: appointmentGid(id) })).toEqual(nothing);
    for (const id of ['', 'nonsense', 'QXBwb2ludG1lbnQ6', eventTypeGid(99_999_999_999), personGid('Patient', 'x')]) {
      expect(await clinic.data(anna, query, { id })).toEqual(nothing);
    }
    expect(await clinic.data(anna, query, { id: appointmentGid(visit) })).toEqual({
      appointment: { id: appointmentGid(visit) },
      node: { id: appointmentGid(visit) },
      nodes: [{ id: appointmentGid(visit) }],
    });
  });

  test('a filter by a foreign or made-up id narrows the list to nothing', async () => {
    expect(await ids(desk, { clinicianIds: [personGid('Clinician', samir)] })).toHaveLength(2);
    expect(await ids(desk, { clinicianIds: ['made-up'] })).toEqual([]);
    expect(await ids(desk, { clinicianIds: [] })).toEqual([]);
    expect(await ids(desk, { eventTypeIds: [personGid('Clinician', samir)] })).toEqual([]);
    expect(await ids(desk, { patientId: personGid('Patient', noah) })).toHaveLength(2);
    expect(await ids(mia, { patientId: personGid('Patient', mia) })).toHaveLength(2);
  });

  test('a patient cannot find out who else sits in a group, nor the wall whose initials those are', async () => {
    expect(await ids(mia, { patientId: personGid('Patient', noah) })).toEqual([]);
    expect(await ids(wall, { patientId: personGid('Patient', noah) })).toEqual([]);
  });
});

describe('what is shown of an appointment', () => {
  const one = (as: UserId, id: string) =>
    clinic.data<{ appointment: Record<string, unknown> }>(
      as,
      `query ($id: ID!) { appointment(id: $id) {
        title description reason location careState bookingUid viewerMay
        patient { id name email phone } clinician { name email }
        participants { name email phone careState patient { name email } }
        history { nodes { actor { name } } }
      } }`,
      { id: appointmentGid(id) },
    );

  test('a patient sees everything of an own visit, and no address of the clinician', async () => {
    const { appointment } = await one(mia, visit);
    expect(appointment).toMatchObject({
      title: 'Visit of Mia Bakker',
      reason: 'Private reason',
      bookingUid: null,
      patient: { name: 'Mia Bakker', email: 'mia@example.com', phone: '+31611111111' },
      clinician: { name: 'Dr. Anna de Vries', email: null },
    });
  });

  test('of a group a patient sees the own seat only, and no text that could name others', async () => {
    const { appointment } = await one(noah, group);
    expect(appointment).toMatchObject({
      title: null,
      description: null,
      reason: null,
      location: null,
      careState: null,
      patient: null,
      participants: [{ name: 'Noah Visser', email: 'noah@example.com', careState: 'EXPECTED', patient: { name: 'Noah Visser' } }],
    });
    expect(JSON.stringify(appointment)).not.toContain('Mia');
  });

  test('staff see the whole group', async () => {
    const { appointment } = await one(samir, group);
    expect(appointment).toMatchObject({
      title: 'Group with Mia Bakker',
      participants: [{ name: 'Mia Bakker', patient: { email: 'mia@example.com' } }, { name: 'Noah Visser' }],
    });
  });

  test('the wall gets initials and nothing private', async () => {
    const answer = JSON.stringify([await one(wall, visit), await one(wall, group)]);
    for (const secret of ['Bakker', 'Mia', 'Visser', '@', '+31', 'Private', 'meet.example', 'uid-']) expect(answer).not.toContain(secret);
    expect(await one(wall, visit)).toMatchObject({
      appointment: { patient: { name: 'M. B.' }, participants: [{ name: 'M. B.', patient: { name: 'M. B.' } }] },
    });
    expect(await clinic.data(wall, 'query ($id: ID!) { node(id: $id) { id } }', { id: personGid('Patient', mia) })).toEqual({ node: null });
  });

  test("Cal.com's uid is for admins", async () => {
    expect(await one(admin, visit)).toMatchObject({ appointment: { bookingUid: `uid-${visit}` } });
    expect(await one(desk, visit)).toMatchObject({ appointment: { bookingUid: null } });
  });

  test.each([
    ['a patient', () => mia, ['RESCHEDULE', 'CANCEL', 'CHECK_IN']],
    ['the host', () => anna, ['RESCHEDULE', 'CANCEL', 'SET_CARE_STATE']],
    ['the front desk', () => desk, ['RESCHEDULE', 'CANCEL', 'SET_CARE_STATE']],
    ['the wall', () => wall, []],
  ])('%s is told what they may do', async (_who, as, viewerMay) => {
    expect(await one(as(), visit)).toMatchObject({ appointment: { viewerMay } });
  });
});

describe('people by id', () => {
  const query =
    'query ($id: ID!) { node(id: $id) { __typename id ... on Clinician { name email } ... on Patient { name email } ... on User { name role } } }';
  const find = async (as: UserId, id: string) => (await clinic.data<{ node: unknown }>(as, query, { id })).node;

  test('a clinician is known to everybody, the e-mail to staff', async () => {
    const id = personGid('Clinician', anna);
    expect(await find(mia, id)).toEqual({ __typename: 'Clinician', id, name: 'Dr. Anna de Vries', email: null });
    expect(await find(desk, id)).toMatchObject({ email: 'anna@clinic.example' });
  });

  test('a patient is known to staff and to themselves', async () => {
    const id = personGid('Patient', mia);
    expect(await find(mia, id)).toMatchObject({ __typename: 'Patient', email: 'mia@example.com' });
    expect(await find(anna, id)).toMatchObject({ __typename: 'Patient' });
    for (const other of [noah, wall, auditor]) expect(await find(other, id)).toBeNull();
    expect(await find(noah, personGid('User', mia))).toBeNull();
  });

  test('an id of the wrong kind is nothing', async () => {
    expect(await find(desk, personGid('Clinician', mia))).toBeNull();
    expect(await find(desk, personGid('Patient', anna))).toBeNull();
  });
});

describe('event types', () => {
  test('are public; the hidden ones are for staff', async () => {
    const query = 'query ($id: ID!) { eventTypes(includeHidden: true) { id } eventType(by: { id: $id }) { id } }';
    const id = eventTypeGid(hiddenType);
    expect(await clinic.data(null, query, { id })).toEqual({ eventTypes: [{ id: eventTypeGid(type) }], eventType: null });
    expect(await clinic.data(mia, query, { id })).toMatchObject({ eventType: null });
    expect(await clinic.data(desk, query, { id })).toEqual({ eventTypes: [{ id: eventTypeGid(type) }, { id }], eventType: { id } });
  });

  test('are found by clinician and slug', async () => {
    const by = { clinicianSlug: { clinicianId: personGid('Clinician', anna), slug: `type-${type}` } };
    expect(await clinic.data(null, 'query ($by: EventTypeBy!) { eventType(by: $by) { id } }', { by })).toEqual({
      eventType: { id: eventTypeGid(type) },
    });
  });

  test('ask for slots once each, and once for the same question asked twice', async () => {
    clinic.asked.length = 0;
    const range = 'from: "2026-12-01T00:00:00Z", to: "2026-12-02T00:00:00Z"';
    await clinic.data(
      desk,
      `query ($id: ID!) {
        eventTypes(includeHidden: true) { slots(${range}) { __typename } again: slots(${range}) { __typename } }
        slots(eventTypeId: $id, ${range}) { ... on SlotList { slots { startsAt } } }
      }`,
      { id: eventTypeGid(type) },
    );
    expect(clinic.asked).toHaveLength(2);
  });
});

describe('nobody', () => {
  test('sees the clinic and who may be booked, and is told to sign in for the rest', async () => {
    expect(
      await clinic.data(null, '{ viewer { role } clinic { name timeZone sandbox } clinicians { name email } demoPersonas { id } }'),
    ).toEqual({
      viewer: null,
      clinic: { name: 'Test Clinic', timeZone: 'Europe/Amsterdam', sandbox: false },
      clinicians: [
        { name: 'Dr. Anna de Vries', email: null },
        { name: 'Dr. Samir Haddad', email: null },
      ],
      demoPersonas: [],
    });
    for (const query of [
      '{ appointments { totalCount } }',
      '{ node(id: "x") { id } }',
      '{ patients(search: "mi") { nodes { id } } }',
      'mutation { releaseSlot(input: { holdId: "x" }) { __typename } }',
    ]) {
      expect((await clinic.ask(null, query)).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
  });
});

describe('the search for patients', () => {
  const query =
    'query ($search: String!, $first: Int, $after: String) { patients(search: $search, first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }';

  test('is for staff, by part of name or e-mail, taken literally, and audited without its text', async () => {
    expect(await clinic.data(anna, query, { search: 'bakk' })).toMatchObject({ patients: { nodes: [{ name: 'Mia Bakker' }] } });
    expect(await clinic.data(desk, query, { search: 'NOAH@' })).toMatchObject({ patients: { nodes: [{ name: 'Noah Visser' }] } });
    expect(await clinic.data(desk, query, { search: '%%' })).toMatchObject({ patients: { nodes: [] } });
    expect(await clinic.data(desk, query, { search: '__' })).toMatchObject({ patients: { nodes: [] } });
    const audit = await clinic.pool.query(
      `SELECT "actorId", "action", "subjectId", "requestId" FROM "AuditEvent" WHERE "action" = 'patient.search'`,
    );
    expect(audit.rows).toHaveLength(4);
    expect(audit.rows[0]).toMatchObject({ actorId: anna, subjectId: null, requestId: expect.any(String) });
    for (const other of [mia, wall, auditor])
      expect((await clinic.ask(other, query, { search: 'mi' })).errors).toMatchObject([{ extensions: { code: 'NOT_ALLOWED' } }]);
    expect((await clinic.ask(desk, query, { search: ' m ' })).errors).toMatchObject([{ extensions: { code: 'INVALID_INPUT' } }]);
  });

  test('goes on where it stopped', async () => {
    const page = await clinic.data<{ patients: { pageInfo: { hasNextPage: boolean; endCursor: string } } }>(desk, query, {
      search: 'example.com',
      first: 1,
    });
    expect(page).toMatchObject({ patients: { nodes: [{ name: 'Mia Bakker' }], pageInfo: { hasNextPage: true } } });
    expect(await clinic.data(desk, query, { search: 'example.com', first: 1, after: page.patients.pageInfo.endCursor })).toMatchObject({
      patients: { nodes: [{ name: 'Noah Visser' }], pageInfo: { hasNextPage: false } },
    });
  });
});

describe('a list of appointments', () => {
  test('is read page by page without a gap', async () => {
    const first = await clinic.data<Listed>(desk, LIST, { first: 2 });
    expect(first.appointments).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    const second = await clinic.data<Listed>(desk, LIST, { first: 2, after: first.appointments.pageInfo.endCursor });
    expect([...first.appointments.edges, ...second.appointments.edges].map(({ node }) => node.id)).toEqual(await ids(desk));
  });

  test('has a place in the change log also when it is empty', async () => {
    const { appointments } = await clinic.data<Listed>(auditor, LIST);
    expect(appointments).toMatchObject({ totalCount: 0, changeCursor: expect.any(String) });
  });

  test('is searched by name, for staff', async () => {
    expect(await ids(desk, { search: 'visser' })).toHaveLength(2);
    expect((await clinic.ask(mia, LIST, { filter: { search: 'visser' } })).errors).toMatchObject([{ extensions: { code: 'NOT_ALLOWED' } }]);
  });

  test('costs one statement besides sign-in for what the rows themselves hold', async () => {
    const query =
      '{ appointments(first: 50) { changeCursor nodes { id clinician { id name } patient { id name } eventType { id title } participants { name } hosts { name clinician { name } } } } }';
    expect(await clinic.statements(() => clinic.data(desk, query))).toHaveLength(2);
  });

  test('costs a constant number of statements, whatever is selected below it and however long it is', async () => {
    const few = await clinic.statements(() => clinic.data(desk, LIST));
    for (let index = 0; index < 20; index += 1) {
      const clinicianId = index % 2 === 0 ? anna : samir;
      const eventTypeId = await clinic.addEventType(clinicianId);
      const startsAt = `2026-12-${String(index + 2).padStart(2, '0')}T09:00:00Z`;
      await clinic.addAppointment({
        clinicianId,
        eventTypeId,
        startsAt,
        people: [{ userId: index % 3 === 0 ? mia : noah, name: 'Somebody' }],
      });
    }
    const many = await clinic.statements(() => clinic.data(desk, LIST));
    // Sign-in, page, count; what clinicians offer, whose event types those are, whom seats belong to.
    expect(many).toHaveLength(few.length);
    expect(many.length).toBeLessThanOrEqual(6);
  });
});
