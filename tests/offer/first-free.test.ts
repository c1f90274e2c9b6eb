/** The same kind at several clinicians: grouped for booking, and whoever is free first. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupsOf } from '../../server/event-types/event-type-group.ts';
import { encodeId } from '../../server/graphql/global-id.ts';
import { createGraphqlClinic, type GraphqlClinic } from '../corridors/graphql-clinic.ts';
import {
  ANNA,
  bookInput,
  bookedRows,
  type BookingClinic,
  callerOf,
  createBookingClinic,
  FEMKE,
  MIA,
  NOAH,
  SAMIR,
} from '../support/booking-clinic.ts';

let upstream: BookingClinic;
let clinic: GraphqlClinic;

beforeAll(async () => {
  upstream = await createBookingClinic();
  const { database, slots, desk, eventTypes, schedules } = upstream;
  clinic = await createGraphqlClinic({ database, slots, desk, eventTypes, schedules });
});

afterAll(async () => {
  await clinic.close();
  await upstream.close();
});

interface Times {
  firstFree: {
    __typename: string;
    times: { slot: { startsAt: string; localStart: string }; eventType: { slug: string; clinician: { name: string } } }[];
    unavailable: { clinician: { name: string } }[];
    leftOut: number;
    stale: boolean;
    nextFreeDay: string | null;
    fields: { path: string }[];
  };
}

async function ask(of: string, range: string, more = ''): Promise<Times['firstFree']> {
  const query = `{ firstFree(of: ${of}, ${range}, timeZone: "Europe/Amsterdam" ${more}) { __typename
    ... on FirstFreeList { times { slot { startsAt localStart } eventType { slug clinician { name } } } unavailable { clinician { name } } leftOut stale nextFreeDay }
    ... on InvalidInput { fields { path } } } }`;
  return (await clinic.data<Times>(null, query)).firstFree;
}

const brief = (answer: Times['firstFree']) =>
  answer.times.map(({ slot, eventType }) => `${slot.localStart.slice(11)} ${eventType.clinician.name}`);
const MORNING = 'from: "2026-11-24T06:00:00Z", to: "2026-11-24T08:00:00Z"';

test('the same kind is one group for everybody, with each clinician in it', async () => {
  const { eventTypeGroups } = await clinic.data<{ eventTypeGroups: { slug: string }[] }>(
    null,
    '{ eventTypeGroups { slug title durations consultationTypes eventTypes { clinician { name } } } }',
  );
  expect(eventTypeGroups.find(({ slug }) => slug === 'video-consult')).toEqual({
    slug: 'video-consult',
    title: 'Video consultation',
    durations: [30],
    consultationTypes: ['VIDEO'],
    eventTypes: [{ clinician: { name: 'Dr. Anna de Vries' } }, { clinician: { name: 'Dr. Samir Haddad' } }],
  });
  expect(eventTypeGroups.find(({ slug }) => slug === 'flexible')).toMatchObject({ durations: [15, 30, 60], eventTypes: [{}] });
  expect(new Set(eventTypeGroups.map(({ slug }) => slug)).size).toBe(eventTypeGroups.length);
});

test('a visit of one’s own and a group visit of the same slug are two kinds; the commonest title names a kind', () => {
  const base = {
    clinicianId: ANNA,
    description: null,
    durationMinutes: 30,
    durationOptions: [],
    requiresConfirmation: false,
    hidden: false,
    recurring: false,
  };
  const kind = (id: number, title: string, seats: number | null) => ({
    ...base,
    id,
    slug: 'talk',
    title,
    seats,
    consultationTypes: ['VIDEO' as const],
  });
  const groups = groupsOf([kind(1, 'Talk', null), kind(2, 'A talk', null), kind(3, 'A talk', null), kind(4, 'Class', 8)]);
  expect(groups.map(({ title, eventTypes }) => [title, eventTypes.map(({ id }) => id)])).toEqual([
    ['A talk', [1, 2, 3]],
    ['Class', [4]],
  ]);
});

describe('whoever is free first', () => {
  test('is told by start, each time with whose it is, and a booking takes that one away', async () => {
    const both = await ask('{ slug: "video-consult" }', MORNING);
    expect(brief(both)).toEqual(
      ['07:00', '07:30', '08:00', '08:30'].flatMap((start) => [`${start} Dr. Anna de Vries`, `${start} Dr. Samir Haddad`]),
    );
    expect(both).toMatchObject({ unavailable: [], leftOut: 0, stale: false, nextFreeDay: null });

    const startsAt = new Date('2026-11-24T06:00:00Z');
    bookedRows(await upstream.desk.book(callerOf(MIA), bookInput({ eventTypeId: upstream.eventType(ANNA, 'video-consult'), startsAt })));
    await upstream.applier.idle();
    expect(brief(await ask('{ slug: "video-consult" }', MORNING, 'first: 2'))).toEqual([
      '07:00 Dr. Samir Haddad',
      '07:30 Dr. Anna de Vries',
    ]);

    bookedRows(await upstream.desk.book(callerOf(NOAH), bookInput({ eventTypeId: upstream.eventType(SAMIR, 'video-consult'), startsAt })));
    await upstream.applier.idle();
    expect(brief(await ask('{ slug: "video-consult" }', MORNING, 'first: 1'))).toEqual(['07:30 Dr. Anna de Vries']);
  });

  test('among event types that one names, also of different kinds', async () => {
    const ids = [upstream.eventType(ANNA, 'phone-consult'), upstream.eventType(SAMIR, 'in-person')].map((id) => encodeId('EventType', id));
    const answer = await ask(`{ eventTypeIds: ${JSON.stringify(ids)} }`, 'from: "2026-11-25T06:00:00Z", to: "2026-11-25T06:10:00Z"');
    expect(answer.times.map(({ eventType }) => eventType.slug)).toEqual(['phone-consult', 'in-person']);
  });

  test('in a length that only some offer', async () => {
    const ids = [upstream.eventType(ANNA, 'flexible'), upstream.eventType(SAMIR, 'video-consult')].map((id) => encodeId('EventType', id));
    const answer = await ask(
      `{ eventTypeIds: ${JSON.stringify(ids)} }`,
      'from: "2026-11-25T06:00:00Z", to: "2026-11-25T07:00:00Z"',
      'durationMinutes: 60',
    );
    expect(new Set(answer.times.map(({ eventType }) => eventType.slug))).toEqual(new Set(['flexible']));
    expect(await ask('{ slug: "video-consult" }', MORNING, 'durationMinutes: 45')).toMatchObject({
      __typename: 'InvalidInput',
      fields: [{ path: 'durationMinutes' }],
    });
  });

  test('asks once for each event type, however many people ask at once', async () => {
    const before = upstream.calls();
    const range = 'from: "2026-12-14T06:00:00Z", to: "2026-12-15T08:00:00Z"';
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('{ slug: "video-consult" }', range)));
    expect(upstream.calls() - before).toBe(2);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  test('more event types than may be asked are left out and counted; those that Cal.com does not know do not hide the others', async () => {
    await clinic.pool.query(
      `INSERT INTO "CalcomEventType" ("id","clinicianId","slug","title","durationMinutes","durationOptions","consultationTypes","locations","bookingFields")
       SELECT 90000 + n, $1, 'video-consult', 'Video consultation', 30, '{}', '{VIDEO}', '[]', '[]' FROM generate_series(1, 30) n`,
      [FEMKE],
    );
    const before = upstream.calls();
    const answer = await ask('{ slug: "video-consult" }', 'from: "2026-12-01T06:00:00Z", to: "2026-12-01T06:30:00Z"');
    expect(upstream.calls() - before).toBeLessThanOrEqual(25);
    await clinic.pool.query(`DELETE FROM "CalcomEventType" WHERE "id" > 90000`);
    expect(brief(answer)).toEqual(['07:00 Dr. Anna de Vries', '07:00 Dr. Samir Haddad']);
    expect(answer.leftOut).toBe(7);
    expect(answer.unavailable).toHaveLength(23);
  });

  test.each([
    ['an unknown slug', '{ slug: "nothing" }', MORNING, '', 'NotFound'],
    ['an id that is none', '{ eventTypeIds: ["nonsense"] }', MORNING, '', 'NotFound'],
    ['no id', '{ eventTypeIds: [] }', MORNING, '', 'InvalidInput'],
    [
      'too many ids',
      `{ eventTypeIds: ${JSON.stringify(Array.from({ length: 26 }, (_, n) => encodeId('EventType', n + 1)))} }`,
      MORNING,
      '',
      'InvalidInput',
    ],
    ['a range of five weeks', '{ slug: "video-consult" }', 'from: "2026-11-24T06:00:00Z", to: "2026-12-29T08:00:00Z"', '', 'InvalidInput'],
    ['an inverted range', '{ slug: "video-consult" }', 'from: "2026-11-25T06:00:00Z", to: "2026-11-24T08:00:00Z"', '', 'InvalidInput'],
    ['the past', '{ slug: "video-consult" }', 'from: "2026-10-24T06:00:00Z", to: "2026-10-25T08:00:00Z"', '', 'InvalidInput'],
    ['none of them', '{ slug: "video-consult" }', MORNING, 'first: 0', 'InvalidInput'],
    ['all of them', '{ slug: "video-consult" }', MORNING, 'first: 1000', 'InvalidInput'],
  ])('%s is refused without a question to Cal.com', async (_what, of, range, more, answer) => {
    const before = upstream.calls();
    expect((await ask(of, range, more)).__typename).toBe(answer);
    expect(upstream.calls()).toBe(before);
  });

  test('that nobody can be asked is an error, never an empty list', async () => {
    upstream.sandbox.control.setFaults({ api: { down: true } });
    const answer = await ask('{ slug: "video-consult" }', 'from: "2027-02-01T06:00:00Z", to: "2027-02-01T08:00:00Z"');
    await upstream.sandbox.control.clearFaults();
    expect(answer.__typename).toBe('CalcomUnavailable');
  });
});
