/** When clinicians work and when they are away, through the door: hours, single days, time off. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../../server/graphql/global-id.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { mirrorSchedules } from '../../server/schedules/mirror-schedules.ts';
import { createGraphqlClinic, type GraphqlClinic } from '../corridors/graphql-clinic.ts';
import { ADMIN, ANNA, type BookingClinic, createBookingClinic, DESK, FEMKE, MIA, SAMIR } from '../support/booking-clinic.ts';

let upstream: BookingClinic;
let clinic: GraphqlClinic;

beforeAll(async () => {
  upstream = await createBookingClinic();
  const { database, slots, desk, eventTypes, schedules } = upstream;
  clinic = await createGraphqlClinic({ database, slots, desk, eventTypes, schedules });
  await mirrorSchedules({ ...upstream, log: silentLog });
});

afterAll(async () => {
  await clinic.close();
  await upstream.close();
});

const clinician = (id: UserId) => encodeId('Clinician', id);
const SCHEDULE = 'schedule { name timeZone weekly { days startTime endTime } overrides { date hours { startTime endTime } } asOf }';

interface Answer {
  __typename: string;
  schedule?: { timeZone: string; weekly: unknown[]; overrides: unknown[] };
  fields?: { path: string }[];
}

async function wish(as: UserId, field: string, type: string, input: Record<string, unknown>): Promise<Answer> {
  const query = `mutation ($input: ${type}Input!) { answer: ${field}(input: $input) { __typename
    ... on ${type}Success { ${SCHEDULE} } ... on UserError { message } ... on InvalidInput { fields { path } } } }`;
  return (await clinic.data<{ answer: Answer }>(as, query, { input })).answer;
}

const update = (as: UserId, input: Record<string, unknown>, whose = ANNA) =>
  wish(as, 'updateSchedule', 'UpdateSchedule', { clinicianId: clinician(whose), ...input });
const override = (as: UserId, date: string, hours: unknown[], whose = ANNA) =>
  wish(as, 'setScheduleOverride', 'SetScheduleOverride', { clinicianId: clinician(whose), date, hours });
const clear = (as: UserId, date: string) =>
  wish(as, 'clearScheduleOverride', 'ClearScheduleOverride', { clinicianId: clinician(ANNA), date });

/** First and last start of a day in Amsterdam, `HH:mm`; null when there is none. */
async function offered(day: string, whose = ANNA): Promise<{ first: string; last: string } | null> {
  const query = `query ($id: ID!) { slots(eventTypeId: $id, from: "${day}T00:00:00+01:00", to: "${day}T23:59:00+01:00", timeZone: "Europe/Amsterdam") {
    ... on SlotList { slots { localStart } } } }`;
  const id = encodeId('EventType', upstream.eventType(whose, 'video-consult'));
  const { slots } = await clinic.data<{ slots: { slots: { localStart: string }[] } }>(null, query, { id });
  const starts = slots.slots.map(({ localStart }) => localStart.slice(11));
  return starts.length === 0 ? null : { first: starts[0] ?? '', last: starts.at(-1) ?? '' };
}

const EVERY_DAY = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const WEEKDAYS = EVERY_DAY.slice(0, 5);

describe('working hours', () => {
  test('are shown to staff as Cal.com has them, without asking it, and to nobody else', async () => {
    const query = `{ node(id: "${clinician(ANNA)}") { ... on Clinician { ${SCHEDULE} } } }`;
    const before = upstream.calls();
    const expected = {
      name: 'Clinic hours',
      timeZone: 'Europe/Amsterdam',
      weekly: [{ days: EVERY_DAY, startTime: '07:00', endTime: '22:00' }],
      overrides: [],
      asOf: '2026-11-23T08:00:00.000Z',
    };
    for (const staff of [ANNA, SAMIR, DESK, ADMIN]) expect(await clinic.data(staff, query)).toEqual({ node: { schedule: expected } });
    expect(await clinic.data(MIA, query)).toEqual({ node: { schedule: null } });
    expect(await clinic.data(null, '{ clinicians { schedule { name } } }')).toEqual({
      clinicians: [{ schedule: null }, { schedule: null }, { schedule: null }],
    });
    expect(upstream.calls()).toBe(before);
  });

  test('a list of clinicians with hours and time off costs one statement for each, whatever its length', async () => {
    const lists = `{ clinicians { id schedule { name } blockedTimes(from: "2026-11-23T00:00:00Z", to: "2026-11-30T00:00:00Z") { id } } }`;
    const bare = await clinic.statements(() => clinic.data(DESK, '{ clinicians { id } }'));
    const full = await clinic.statements(() => clinic.data(DESK, lists));
    expect(full.length - bare.length).toBe(2);
  });

  test('a clinician changes the own ones, and the free times follow at once', async () => {
    expect(await offered('2026-11-24')).toEqual({ first: '07:00', last: '21:30' });
    const weekly = [
      { days: WEEKDAYS, startTime: '09:00', endTime: '12:00' },
      { days: WEEKDAYS, startTime: '12:00', endTime: '15:00' },
    ];
    expect(await update(ANNA, { weekly })).toMatchObject({
      __typename: 'UpdateScheduleSuccess',
      schedule: { timeZone: 'Europe/Amsterdam', weekly },
    });
    expect(await offered('2026-11-24')).toEqual({ first: '09:00', last: '14:30' });
    expect(await offered('2026-11-28')).toBeNull();
    const shown = await clinic.data(
      DESK,
      `{ node(id: "${clinician(ANNA)}") { ... on Clinician { schedule { weekly { days startTime endTime } } } } }`,
    );
    expect(shown).toEqual({ node: { schedule: { weekly } } });
  });

  test('an admin changes the zone: the same times of the wall, another instant', async () => {
    expect(await update(ADMIN, { timeZone: 'Europe/London' })).toMatchObject({ schedule: { timeZone: 'Europe/London' } });
    expect(await offered('2026-11-24')).toEqual({ first: '10:00', last: '15:30' });
    await update(ADMIN, { timeZone: 'Europe/Amsterdam' });
    const audited = await clinic.pool.query(`SELECT "actorId" FROM "AuditEvent" WHERE "action" = 'schedule.update' AND "subjectId" = $1`, [
      ANNA,
    ]);
    expect(audited.rows.map((row: { actorId: string }) => row.actorId)).toEqual([ANNA, ADMIN, ADMIN]);
  });

  test('what was changed at Cal.com itself is read anew when nothing is to be changed', async () => {
    const answer = await upstream.sandbox.request('PATCH', '/v2/schedules/1', {
      headers: { authorization: 'Bearer cal_sandbox_anna_0000000000000000', 'cal-api-version': '2024-06-11' },
      body: { availability: [{ days: ['Monday', 'Tuesday'], startTime: '08:00', endTime: '16:00' }] },
    });
    expect(answer.status).toBe(200);
    expect(await update(ANNA, {})).toMatchObject({
      schedule: { weekly: [{ days: ['MONDAY', 'TUESDAY'], startTime: '08:00', endTime: '16:00' }] },
    });
  });

  test('a lost answer is looked up', async () => {
    const weekly = [{ days: ['MONDAY'], startTime: '08:00', endTime: '16:00' }];
    upstream.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    expect(await update(ANNA, { weekly })).toMatchObject({ __typename: 'UpdateScheduleSuccess', schedule: { weekly } });
    await upstream.sandbox.control.clearFaults();
  });

  test('of one that was not written it is said that nobody knows', async () => {
    upstream.sandbox.control.setFaults({ api: { serverError: 10 } });
    const answer = await update(ANNA, { weekly: [] });
    await upstream.sandbox.control.clearFaults();
    expect(['CalcomUnavailable', 'OutcomeUnknown']).toContain(answer.__typename);
    expect((await update(ANNA, {})).schedule?.weekly).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['an end before its start', { weekly: [{ days: ['MONDAY'], startTime: '12:00', endTime: '09:00' }] }, 'weekly.0.endTime'],
    ['no time at all', { weekly: [{ days: ['MONDAY'], startTime: '09:00', endTime: '09:00' }] }, 'weekly.0.endTime'],
    ['an hour that does not exist', { weekly: [{ days: ['MONDAY'], startTime: '24:00', endTime: '23:00' }] }, 'weekly.0.startTime'],
    ['a time of one digit', { weekly: [{ days: ['MONDAY'], startTime: '9:00', endTime: '12:00' }] }, 'weekly.0.startTime'],
    ['no day', { weekly: [{ days: [], startTime: '09:00', endTime: '12:00' }] }, 'weekly.0.days'],
    [
      'hours that overlap on one of several days',
      {
        weekly: [
          { days: ['MONDAY', 'TUESDAY'], startTime: '09:00', endTime: '12:00' },
          { days: ['TUESDAY'], startTime: '11:59', endTime: '14:00' },
        ],
      },
      'weekly.1',
    ],
    [
      'too many lines',
      { weekly: Array.from({ length: 51 }, () => ({ days: ['MONDAY'], startTime: '09:00', endTime: '10:00' })) },
      'weekly',
    ],
  ])('%s is refused without a word to Cal.com that changes anything', async (_what, input, path) => {
    const answer = await update(ANNA, input);
    expect(answer).toMatchObject({ __typename: 'InvalidInput' });
    expect(answer.fields?.map((field) => field.path)).toEqual([path]);
  });

  test.each(['Mars/Olympus', '+01:00', ''])('the zone "%s" is refused', async (timeZone) => {
    const query = 'mutation ($input: UpdateScheduleInput!) { updateSchedule(input: $input) { __typename } }';
    const answer = await clinic.ask(ANNA, query, { input: { clinicianId: clinician(ANNA), timeZone } });
    expect(answer.errors.length).toBeGreaterThan(0);
  });

  test.each<[string, UserId, UserId, string]>([
    ['another clinician', SAMIR, ANNA, 'NotAllowed'],
    ['the front desk', DESK, ANNA, 'NotAllowed'],
    ['a patient', MIA, ANNA, 'NotAllowed'],
    ['a patient, of themself', MIA, MIA, 'NotAllowed'],
    ['an admin, of a patient', ADMIN, MIA, 'NotFound'],
    ['an admin, of a clinician without Cal.com', ADMIN, FEMKE, 'CalcomUnavailable'],
    ['the clinician', ANNA, ANNA, 'UpdateScheduleSuccess'],
  ])('changed by %s', async (_who, as, whose, answer) => {
    const before = upstream.calls();
    expect((await update(as, {}, whose)).__typename).toBe(answer);
    if (answer === 'NotAllowed') expect(upstream.calls()).toBe(before);
  });

  test('two days that are set at the same moment are both kept, or one is told to repeat', async () => {
    const [one, other] = await Promise.all([override(ANNA, '2026-12-28', []), override(ADMIN, '2026-12-29', [])]);
    const kept = [one, other].filter(({ __typename }) => __typename === 'SetScheduleOverrideSuccess');
    for (const { __typename } of [one, other]) expect(['SetScheduleOverrideSuccess', 'CalcomUnavailable']).toContain(__typename);
    expect((await update(ANNA, {})).schedule?.overrides).toHaveLength(kept.length);
  });
});

describe('single days', () => {
  test('other hours, a day off, and back to the usual week', async () => {
    const day = '2026-11-30';
    expect(await offered(day)).toEqual({ first: '08:00', last: '15:30' });
    const hours = [
      { startTime: '10:00', endTime: '11:00' },
      { startTime: '20:00', endTime: '21:00' },
    ];
    const set = await override(ANNA, day, hours);
    expect(set.schedule?.overrides).toContainEqual({ date: day, hours });
    expect(await offered(day)).toEqual({ first: '10:00', last: '20:30' });

    const off = await override(ADMIN, day, []);
    expect(off.schedule?.overrides).toContainEqual({ date: day, hours: [] });
    expect(await offered(day)).toBeNull();

    expect((await clear(ANNA, day)).schedule?.overrides).not.toContainEqual(expect.objectContaining({ date: day }));
    expect(await offered(day)).toEqual({ first: '08:00', last: '15:30' });
    expect(await clear(ANNA, day)).toMatchObject({ __typename: 'NotFound' });
  });

  test.each<[string, string, unknown[], string]>([
    ['no date', 'tomorrow', [], 'date'],
    ['a date that does not exist', '2027-02-30', [], 'date'],
    ['yesterday', '2026-11-22', [], 'date'],
    ['in ten years', '2036-11-22', [], 'date'],
    ['an end before its start', '2026-12-01', [{ startTime: '12:00', endTime: '10:00' }], 'hours.0.endTime'],
    [
      'hours that overlap',
      '2026-12-01',
      [
        { startTime: '09:00', endTime: '12:00' },
        { startTime: '10:00', endTime: '11:00' },
      ],
      'hours.1',
    ],
  ])('%s is refused', async (_what, date, hours, path) => {
    const answer = await override(ANNA, date, hours);
    expect(answer).toMatchObject({ __typename: 'InvalidInput', fields: [{ path }] });
  });

  test.each([SAMIR, DESK, MIA])('are not for %s to change', async (id) => {
    expect(await override(id, '2026-12-01', [])).toMatchObject({ __typename: 'NotAllowed' });
    expect(await clear(id, '2026-12-01')).toMatchObject({ __typename: 'NotAllowed' });
  });
});

describe('time off', () => {
  const RANGE = 'from: "2026-12-01T00:00:00Z", to: "2026-12-31T00:00:00Z"';
  const read = async (as: UserId | null, whose = SAMIR) => {
    const { clinicians } = await clinic.data<{
      clinicians: { id: string; blockedTimes: { id: string; startsAt: string; endsAt: string }[] }[];
    }>(as, `{ clinicians { id blockedTimes(${RANGE}) { id startsAt endsAt } } }`);
    return clinicians.find(({ id }) => id === clinician(whose))?.blockedTimes ?? [];
  };
  const dismiss = `mutation ($id: ID!) { dismissBlockedTime(input: { blockedTimeId: $id }) { __typename } }`;
  const WEEK = { hostUsername: 'samir-haddad', start: '2026-12-07T00:00:00+01:00', end: '2026-12-11T23:59:59+01:00' };
  let uuid = '';

  test('entered at Cal.com is blocked time here, for staff to see, without the reason; the free times go', async () => {
    expect(await offered('2026-12-08', SAMIR)).toEqual({ first: '07:00', last: '21:30' });
    ({ uuid } = await upstream.sandbox.control.outOfOffice({ ...WEEK, notes: 'Very private' }));
    await upstream.applier.idle();
    const expected = [{ id: expect.any(String) as string, startsAt: '2026-12-06T23:00:00.000Z', endsAt: '2026-12-11T22:59:59.000Z' }];
    for (const staff of [SAMIR, ANNA, DESK, ADMIN]) expect(await read(staff)).toEqual(expected);
    expect(await read(MIA)).toEqual([]);
    expect(await read(null)).toEqual([]);
    expect(await read(DESK, ANNA)).toEqual([]);
    expect(await offered('2026-12-08', SAMIR)).toBeNull();
    const rows = await clinic.pool.query(`SELECT * FROM "BlockedTime"`);
    expect(JSON.stringify(rows.rows)).not.toContain('private');
  });

  test('changed later is the same entry with other times; an older delivery that arrives late changes nothing', async () => {
    upstream.clock.advance(60_000);
    await upstream.sandbox.control.outOfOffice({ ...WEEK, end: '2026-12-08T23:59:59+01:00', uuid });
    await upstream.applier.idle();
    expect(await read(DESK)).toMatchObject([{ endsAt: '2026-12-08T22:59:59.000Z' }]);
    expect(await offered('2026-12-09', SAMIR)).toEqual({ first: '07:00', last: '21:30' });

    const first = await clinic.pool.query<{ id: string }>(
      `SELECT "id" FROM "CalcomWebhookEvent" WHERE "triggerEvent" = 'OOO_CREATED' ORDER BY "createdAt", "recordedAt" LIMIT 1`,
    );
    await upstream.inbox.replay(first.rows[0]?.id as Parameters<typeof upstream.inbox.replay>[0]);
    await upstream.applier.leftovers();
    await upstream.applier.idle();
    expect(await read(DESK)).toMatchObject([{ endsAt: '2026-12-08T22:59:59.000Z' }]);
  });

  test('of a host whom nobody here is waits, and applies once the clinician is linked', async () => {
    await clinic.pool.query(`UPDATE "User" SET "calcomUserId" = NULL, "email" = 'elsewhere@example.com' WHERE "id" = $1`, [FEMKE]);
    await upstream.sandbox.control.outOfOffice({ ...WEEK, hostUsername: 'femke-jansen' });
    await upstream.applier.idle();
    const waiting = () =>
      clinic.pool.query(`SELECT "outcome", "processed" FROM "CalcomWebhookEvent" ORDER BY "createdAt" DESC, "recordedAt" DESC LIMIT 1`);
    expect((await waiting()).rows).toEqual([{ outcome: 'WAITING_HOST', processed: false }]);
    expect(await read(DESK, FEMKE)).toEqual([]);

    await clinic.pool.query(`UPDATE "User" SET "calcomUserId" = 3 WHERE "id" = $1`, [FEMKE]);
    await upstream.applier.leftovers();
    await upstream.applier.idle();
    expect((await waiting()).rows).toEqual([{ outcome: 'APPLIED', processed: true }]);
    expect(await read(DESK, FEMKE)).toHaveLength(1);
  });

  test('deleted at Cal.com, which tells nobody, is taken away by the clinician or an admin; a later change brings it back', async () => {
    const [blocked] = await read(SAMIR);
    for (const [as, answer] of [
      [MIA, 'NotFound'],
      [ANNA, 'NotAllowed'],
      [DESK, 'NotAllowed'],
      [SAMIR, 'DismissBlockedTimeSuccess'],
      [SAMIR, 'NotFound'],
    ] as const)
      expect(await clinic.data(as, dismiss, { id: blocked?.id }), as).toEqual({ dismissBlockedTime: { __typename: answer } });
    expect(await clinic.data(ADMIN, dismiss, { id: 'nonsense' })).toEqual({ dismissBlockedTime: { __typename: 'NotFound' } });
    expect(await read(DESK)).toEqual([]);

    upstream.clock.advance(60_000);
    await upstream.sandbox.control.outOfOffice({ ...WEEK, uuid });
    await upstream.applier.idle();
    expect(await read(DESK)).toHaveLength(1);
    // Where it is deleted the times are free again, whatever is shown here.
    upstream.sandbox.control.backInOffice({ uuid });
    upstream.slots.invalidateAll();
    expect(await offered('2026-12-08', SAMIR)).toEqual({ first: '07:00', last: '21:30' });
  });

  test.each([
    ['inverted', 'from: "2026-12-08T00:00:00Z", to: "2026-12-07T00:00:00Z"'],
    ['of two years', 'from: "2026-12-08T00:00:00Z", to: "2028-12-08T00:00:00Z"'],
  ])('a range that is %s is refused', async (_what, range) => {
    const answer = await clinic.ask(DESK, `{ clinicians { blockedTimes(${range}) { id } } }`);
    expect(answer.errors).toContainEqual(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'INVALID_INPUT' }) as unknown }),
    );
  });
});
