/** What can be booked, through the door: the mirror and its drift, hidden event types, admins' changes, deletion. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CalcomClient } from '../../server/calcom/calcom-client.ts';
import { mirrorEventTypes } from '../../server/event-types/mirror-event-types.ts';
import { encodeId } from '../../server/graphql/global-id.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createGraphqlClinic, type GraphqlClinic } from '../corridors/graphql-clinic.ts';
import {
  ADMIN,
  ANNA,
  bookInput,
  bookedRows,
  type BookingClinic,
  callerOf,
  createBookingClinic,
  DESK,
  FEMKE,
  freshKey,
  MIA,
  refusedWith,
  SAMIR,
  viewerOf,
} from '../support/booking-clinic.ts';

let upstream: BookingClinic;
let clinic: GraphqlClinic;
const ANNAS_KEY = 'cal_sandbox_anna_0000000000000000';

beforeAll(async () => {
  upstream = await createBookingClinic();
  const { database, slots, desk, eventTypes, schedules } = upstream;
  clinic = await createGraphqlClinic({ database, slots, desk, eventTypes, schedules });
});

afterAll(async () => {
  await clinic.close();
  await upstream.close();
});

/** Straight to Cal.com, as somebody in its web application would. */
async function atCalcom(method: string, path: string, body?: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = await upstream.sandbox.request(method, path, {
    headers: { authorization: `Bearer ${ANNAS_KEY}`, 'cal-api-version': '2024-06-14' },
    body,
  });
  const { data } = answer.body as { data: Record<string, unknown> };
  return data;
}

const idOf = (clinician: UserId, slug: string) => encodeId('EventType', upstream.eventType(clinician, slug));
const CLINICIAN = encodeId('Clinician', ANNA);

const MIRROR = `mutation ($dryRun: Boolean) { mirrorEventTypes(input: { dryRun: $dryRun }) { __typename
  ... on MirrorEventTypesSuccess { report { dryRun clinicians failed { name } drift { kind slug fields clinician { name } } } }
  ... on UserError { message } } }`;
const CREATE = `mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { __typename
  ... on CreateEventTypeSuccess { eventType { id slug title description durationMinutes durationOptions consultationTypes hidden seats requiresConfirmation } }
  ... on UserError { message } ... on InvalidInput { fields { path message } } } }`;
const UPDATE = `mutation ($input: UpdateEventTypeInput!) { updateEventType(input: $input) { __typename
  ... on UpdateEventTypeSuccess { eventType { id slug title durationMinutes durationOptions consultationTypes hidden seats } }
  ... on UserError { message } ... on InvalidInput { fields { path message } } } }`;
const DELETE = `mutation ($id: ID!) { deleteEventType(input: { eventTypeId: $id }) { __typename ... on DeleteEventTypeSuccess { eventTypeId } ... on UserError { message } } }`;

interface Made {
  createEventType: { __typename: string; eventType: { id: string }; fields: { path: string; message: string }[] };
}

async function create(as: UserId, input: Record<string, unknown>): Promise<Made['createEventType']> {
  const whole = { clinicianId: CLINICIAN, title: 'Travel advice', slug: 'travel-advice', durationMinutes: 20, ...input };
  return (await clinic.data<Made>(as, CREATE, { input: whole })).createEventType;
}

describe('the mirror', () => {
  test('says what is missing, changed and deleted, first without changing anything, then settled', async () => {
    const added = await atCalcom('POST', '/v2/event-types', { title: 'Second opinion', slug: 'second-opinion', lengthInMinutes: 40 });
    await atCalcom('PATCH', `/v2/event-types/${upstream.eventType(ANNA, 'in-person')}`, { title: 'Visit with Anna', lengthInMinutes: 25 });
    await atCalcom('DELETE', `/v2/event-types/${upstream.eventType(ANNA, 'phone-consult')}`);
    const drift = [
      { kind: 'CHANGED', slug: 'in-person', fields: ['title', 'durationMinutes'], clinician: { name: 'Dr. Anna de Vries' } },
      { kind: 'DELETED', slug: 'phone-consult', fields: [], clinician: { name: 'Dr. Anna de Vries' } },
      { kind: 'MISSING', slug: 'second-opinion', fields: [], clinician: { name: 'Dr. Anna de Vries' } },
    ];

    const looked = await clinic.data(ADMIN, MIRROR, { dryRun: true });
    expect(looked).toEqual({
      mirrorEventTypes: { __typename: 'MirrorEventTypesSuccess', report: { dryRun: true, clinicians: 2, failed: [], drift } },
    });
    expect(await clinic.data(null, `{ eventType(by: { id: "${encodeId('EventType', Number(added.id))}" }) { slug } }`)).toEqual({
      eventType: null,
    });

    const repaired = await clinic.data(ADMIN, MIRROR, { dryRun: false });
    expect(repaired).toMatchObject({ mirrorEventTypes: { report: { dryRun: false, drift } } });
    expect(await clinic.data(null, `{ eventType(by: { id: "${encodeId('EventType', Number(added.id))}" }) { slug } }`)).toEqual({
      eventType: { slug: 'second-opinion' },
    });
    expect(await clinic.data(null, `{ eventType(by: { id: "${idOf(ANNA, 'phone-consult')}" }) { slug } }`)).toEqual({ eventType: null });
    expect(await clinic.data(ADMIN, MIRROR)).toMatchObject({ mirrorEventTypes: { report: { drift: [] } } });
  });

  test('what the last one found is shown to admins and to nobody else', async () => {
    expect(await clinic.data(ADMIN, '{ eventTypeMirror { dryRun clinicians drift { slug } } }')).toEqual({
      eventTypeMirror: { dryRun: false, clinicians: 2, drift: [] },
    });
    const asked = await clinic.ask(DESK, '{ eventTypeMirror { clinicians } }');
    expect(asked.errors).toMatchObject([{ extensions: { code: 'NOT_ALLOWED' } }]);
    expect(await clinic.data(ANNA, MIRROR)).toMatchObject({ mirrorEventTypes: { __typename: 'NotAllowed' } });
  });

  test('a list that was asked for before a change does not undo it', async () => {
    const { client, credentials, pool } = upstream;
    const listed = Promise.withResolvers<void>();
    const changed = Promise.withResolvers<void>();
    const slow: CalcomClient = {
      ...client,
      eventTypesOf: async (...args) => {
        const answer = await client.eventTypesOf(...args);
        listed.resolve();
        await changed.promise;
        return answer;
      },
    };
    const mirrored = mirrorEventTypes({ pool, client: slow, credentials, log: silentLog });
    await listed.promise;
    const made = await create(ADMIN, { slug: 'made-meanwhile' });
    changed.resolve();
    await mirrored;
    expect(await clinic.data(null, `{ eventType(by: { id: "${made.eventType.id}" }) { slug } }`)).toEqual({
      eventType: { slug: 'made-meanwhile' },
    });
  });
});

describe('a hidden event type', () => {
  let hidden = '';
  const RANGE = 'from: "2026-11-24T00:00:00Z", to: "2026-11-25T00:00:00Z"';
  const byEveryPath = (): [string, string, unknown][] => [
    ['the list', '{ eventTypes { slug } }', { eventTypes: expect.not.arrayContaining([{ slug: 'staff-only' }]) }],
    [
      'the list that asks for hidden ones',
      '{ eventTypes(includeHidden: true) { slug } }',
      { eventTypes: expect.not.arrayContaining([{ slug: 'staff-only' }]) },
    ],
    [
      'its clinician',
      '{ clinicians { eventTypes { slug } } }',
      { clinicians: expect.not.arrayContaining([{ eventTypes: expect.arrayContaining([{ slug: 'staff-only' }]) }]) },
    ],
    ['the groups', '{ eventTypeGroups { slug } }', { eventTypeGroups: expect.not.arrayContaining([{ slug: 'staff-only' }]) }],
    ['its id', `{ eventType(by: { id: "${hidden}" }) { slug } }`, { eventType: null }],
    ['its slug', `{ eventType(by: { clinicianSlug: { clinicianId: "${CLINICIAN}", slug: "staff-only" } }) { slug } }`, { eventType: null }],
    ['its slots', `{ slots(eventTypeId: "${hidden}", ${RANGE}) { __typename } }`, { slots: { __typename: 'NotFound' } }],
    [
      'who is free first, by id',
      `{ firstFree(of: { eventTypeIds: ["${hidden}"] }, ${RANGE}) { __typename } }`,
      { firstFree: { __typename: 'NotFound' } },
    ],
    [
      'who is free first, by slug',
      `{ firstFree(of: { slug: "staff-only" }, ${RANGE}) { __typename } }`,
      { firstFree: { __typename: 'NotFound' } },
    ],
  ];

  beforeAll(async () => {
    hidden = (await create(ADMIN, { slug: 'staff-only', hidden: true })).eventType.id;
  });

  test('is not offered to anybody outside of the clinic, on any path', async () => {
    for (const [path, query, nothing] of byEveryPath()) {
      expect(await clinic.data(null, query), path).toEqual(nothing);
      expect(await clinic.data(MIA, query), path).toEqual(nothing);
    }
    expect(await clinic.data(MIA, `{ node(id: "${hidden}") { id } }`)).toEqual({ node: null });
  });

  test('cannot be held or booked by a patient, and a holder of its id learns nothing', async () => {
    const held = await clinic.data(
      MIA,
      `mutation ($id: ID!) { holdSlot(input: { eventTypeId: $id, startsAt: "2026-11-24T09:00:00Z" }) { __typename } }`,
      { id: hidden },
    );
    expect(held).toEqual({ holdSlot: { __typename: 'NotFound' } });
    const input = { clientMutationKey: freshKey(), eventTypeId: hidden, startsAt: '2026-11-24T09:00:00Z', timeZone: 'Europe/Amsterdam' };
    const booked = await clinic.data(MIA, 'mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename } }', {
      input,
    });
    expect(booked).toEqual({ bookAppointment: { __typename: 'NotFound' } });
  });

  test('is seen and booked by staff', async () => {
    const seen = await clinic.data(
      DESK,
      `{ eventType(by: { id: "${hidden}" }) { slug hidden } slots(eventTypeId: "${hidden}", ${RANGE}) { __typename } }`,
    );
    expect(seen).toEqual({ eventType: { slug: 'staff-only', hidden: true }, slots: { __typename: 'SlotList' } });
    const input = {
      clientMutationKey: freshKey(),
      eventTypeId: hidden,
      startsAt: '2026-11-24T11:00:00Z',
      timeZone: 'Europe/Amsterdam',
      patientId: encodeId('Patient', MIA),
    };
    const booked = await clinic.data(DESK, 'mutation ($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename } }', {
      input,
    });
    expect(booked).toEqual({ bookAppointment: { __typename: 'BookAppointmentSuccess' } });
  });
});

describe('admins', () => {
  test('create an event type that can be booked at once, and the mirror agrees with it', async () => {
    const made = await create(ADMIN, {
      slug: 'by-telephone',
      title: '  By telephone ',
      description: 'We call you.',
      durationMinutes: 15,
      durationOptions: [30, 15],
      places: [{ consultationType: 'AUDIO', detail: '+31205550142' }, { consultationType: 'VIDEO' }],
      requiresConfirmation: true,
    });
    expect(made).toMatchObject({
      __typename: 'CreateEventTypeSuccess',
      eventType: {
        slug: 'by-telephone',
        title: 'By telephone',
        description: 'We call you.',
        durationMinutes: 15,
        durationOptions: [15, 30],
        consultationTypes: ['AUDIO', 'VIDEO'],
        hidden: false,
        seats: null,
        requiresConfirmation: true,
      },
    });
    expect(await clinic.data(ADMIN, MIRROR)).toMatchObject({ mirrorEventTypes: { report: { drift: [] } } });
    const slots = `{ slots(eventTypeId: "${made.eventType.id}", from: "2026-11-26T00:00:00Z", to: "2026-11-27T00:00:00Z") { ... on SlotList { slots { startsAt } } } }`;
    const { slots: free } = await clinic.data<{ slots: { slots: unknown[] } }>(null, slots);
    expect(free.slots.length).toBeGreaterThan(0);
    const audited = await clinic.pool.query(
      `SELECT "actorId", "subjectType", "subjectId" FROM "AuditEvent" WHERE "action" = 'event-type.create' ORDER BY "id" DESC LIMIT 1`,
    );
    expect(audited.rows[0]).toMatchObject({ actorId: ADMIN, subjectType: 'EventType' });
  });

  test('change one, and only what they name', async () => {
    const made = await create(ADMIN, {
      slug: 'to-change',
      seats: 4,
      places: [{ consultationType: 'IN_PERSON', detail: 'Lindengracht 12' }],
    });
    const { id } = made.eventType;
    const input = { eventTypeId: id, title: 'Changed', hidden: true, seats: null };
    expect(await clinic.data(ADMIN, UPDATE, { input })).toMatchObject({
      updateEventType: {
        __typename: 'UpdateEventTypeSuccess',
        eventType: {
          id,
          slug: 'to-change',
          title: 'Changed',
          hidden: true,
          seats: null,
          durationMinutes: 20,
          consultationTypes: ['IN_PERSON'],
        },
      },
    });
    expect(await clinic.data(ADMIN, MIRROR)).toMatchObject({ mirrorEventTypes: { report: { drift: [] } } });
  });

  test('an answer to a creation that got lost is looked up', async () => {
    upstream.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    expect(await create(ADMIN, { slug: 'lost-answer' })).toMatchObject({
      __typename: 'CreateEventTypeSuccess',
      eventType: { slug: 'lost-answer' },
    });
    await upstream.sandbox.control.clearFaults();
  });

  test('an answer to a change that got lost is looked up, and a change that was not made is not told as made', async () => {
    const { id } = (await create(ADMIN, { slug: 'lost-change' })).eventType;
    upstream.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    const places = [{ consultationType: 'AUDIO' }, { consultationType: 'VIDEO' }];
    const input = { eventTypeId: id, title: 'New name', description: '', durationOptions: [20, 40], places, seats: 3 };
    expect(await clinic.data(ADMIN, UPDATE, { input })).toMatchObject({
      updateEventType: { __typename: 'UpdateEventTypeSuccess', eventType: { title: 'New name', durationOptions: [20, 40], seats: 3 } },
    });
    await upstream.sandbox.control.clearFaults();

    upstream.sandbox.control.setFaults({ api: { serverError: 1 } });
    const lost = await clinic.data(ADMIN, UPDATE, { input: { eventTypeId: id, title: 'Never' } });
    await upstream.sandbox.control.clearFaults();
    expect(lost).toMatchObject({ updateEventType: { __typename: 'OutcomeUnknown' } });
    expect(await clinic.data(ADMIN, MIRROR, { dryRun: true })).toMatchObject({ mirrorEventTypes: { report: { drift: [] } } });
  });

  test('one whose Cal.com does not answer is not created, and says so', async () => {
    upstream.sandbox.control.setFaults({ api: { serverError: 1 } });
    const answer = await create(ADMIN, { slug: 'never-made' });
    expect(answer).toMatchObject({ __typename: 'OutcomeUnknown' });
    await upstream.sandbox.control.clearFaults();
    expect(await clinic.data(ADMIN, MIRROR, { dryRun: true })).toMatchObject({ mirrorEventTypes: { report: { drift: [] } } });
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a slug that is taken', { slug: 'video-consult' }, 'slug'],
    ['a slug with capitals', { slug: 'Travel Advice' }, 'slug'],
    ['an empty slug', { slug: '' }, 'slug'],
    ['an empty name', { title: '  ' }, 'title'],
    ['a name that is too long', { title: 'x'.repeat(201) }, 'title'],
    ['no length', { durationMinutes: 0 }, 'durationMinutes'],
    ['more than a day', { durationMinutes: 1441 }, 'durationMinutes'],
    ['lengths without the usual one', { durationOptions: [15, 30] }, 'durationOptions'],
    ['eleven lengths', { durationOptions: Array.from({ length: 11 }, (_, index) => index + 10) }, 'durationOptions'],
    ['a visit without an address', { places: [{ consultationType: 'IN_PERSON' }] }, 'places.0.detail'],
    ['a number that is none', { places: [{ consultationType: 'AUDIO', detail: '020 555' }] }, 'places.0.detail'],
    ['an address of a video visit', { places: [{ consultationType: 'VIDEO', detail: 'here' }] }, 'places.0.detail'],
    ['a group of one', { seats: 1 }, 'seats'],
  ])('%s is refused, and nothing is created', async (_what, input, path) => {
    const before = await clinic.pool.query(`SELECT count(*)::int AS n FROM "CalcomEventType"`);
    const answer = await create(ADMIN, input);
    expect(answer).toMatchObject({ __typename: 'InvalidInput' });
    expect(answer.fields.map((field) => field.path)).toContain(path);
    expect(await clinic.pool.query(`SELECT count(*)::int AS n FROM "CalcomEventType"`)).toMatchObject({ rows: before.rows });
  });

  test.each([
    ['unknown', encodeId('Clinician', '00000000-0000-7000-8000-00000000ffff'), 'NotFound'],
    ['a patient', encodeId('User', MIA), 'NotFound'],
    ['not an id', 'nonsense', 'NotFound'],
    ['not connected to Cal.com', encodeId('Clinician', FEMKE), 'CalcomUnavailable'],
  ])('a clinician who is %s gets none', async (_what, clinicianId, refusal) => {
    expect(await create(ADMIN, { clinicianId })).toMatchObject({ __typename: refusal });
  });

  test.each(['nonsense', encodeId('EventType', 999_999)])('%s cannot be changed or deleted', async (id) => {
    expect(await clinic.data(ADMIN, UPDATE, { input: { eventTypeId: id, title: 'New' } })).toMatchObject({
      updateEventType: { __typename: 'NotFound' },
    });
    expect(await clinic.data(ADMIN, DELETE, { id })).toMatchObject({ deleteEventType: { __typename: 'NotFound' } });
  });

  test.each([ANNA, SAMIR, DESK, MIA])('nobody else may: %s', async (id) => {
    const before = upstream.calls();
    expect(await create(id, { slug: 'not-mine' })).toMatchObject({ __typename: 'NotAllowed' });
    const input = { eventTypeId: idOf(ANNA, 'video-consult'), title: 'Mine' };
    expect(await clinic.data(id, UPDATE, { input })).toMatchObject({ updateEventType: { __typename: 'NotAllowed' } });
    expect(await clinic.data(id, DELETE, { id: input.eventTypeId })).toMatchObject({ deleteEventType: { __typename: 'NotAllowed' } });
    expect(upstream.calls()).toBe(before);
  });

  test('a visitor is asked to sign in', async () => {
    expect((await clinic.ask(null, DELETE, { id: idOf(ANNA, 'video-consult') })).errors).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
  });
});

describe('a deleted event type', () => {
  test('keeps its appointments, which keep naming it, although Cal.com names none any more; nobody can book it', async () => {
    const eventTypeId = upstream.eventType(ANNA, 'flexible');
    const startsAt = new Date('2026-11-27T09:00:00Z');
    const [row] = bookedRows(await upstream.desk.book(callerOf(MIA), bookInput({ eventTypeId, startsAt, durationMinutes: 30 })));
    await upstream.applier.idle();

    expect(await clinic.data(ADMIN, DELETE, { id: encodeId('EventType', eventTypeId) })).toEqual({
      deleteEventType: { __typename: 'DeleteEventTypeSuccess', eventTypeId: encodeId('EventType', eventTypeId) },
    });
    const owner = await upstream.credentials.of(ANNA);
    const seen = await upstream.client.getBooking(owner, row?.bookingUid ?? '');
    expect(seen).toMatchObject({ ok: true, value: [{ eventTypeId: null }] });
    // Any change tells us what Cal.com has now.
    await upstream.sandbox.control.cancel({ uid: row?.bookingUid ?? '', by: 'host' });
    await upstream.applier.idle();

    const appointment = `{ appointment(id: "${encodeId('Appointment', row?.id ?? '')}") { status eventType { slug title } } }`;
    expect(await clinic.data(MIA, appointment)).toEqual({
      appointment: { status: 'CANCELLED', eventType: { slug: 'flexible', title: 'Consultation of your length' } },
    });
    const again = await upstream.desk.book(callerOf(MIA), bookInput({ eventTypeId, startsAt, durationMinutes: 30 }));
    expect(refusedWith(again)).toMatchObject({ kind: 'NotFound' });
    const range = {
      from: startsAt,
      to: new Date('2026-11-28T00:00:00Z'),
      timeZone: null,
      durationMinutes: null,
      rescheduling: null,
      holdId: null,
    };
    expect(refusedWith(await upstream.slots.find(viewerOf(MIA), { eventTypeId, ...range }))).toMatchObject({ kind: 'NotFound' });
    expect(await clinic.data(ADMIN, DELETE, { id: encodeId('EventType', eventTypeId) })).toMatchObject({
      deleteEventType: { __typename: 'NotFound' },
    });
  });
});
