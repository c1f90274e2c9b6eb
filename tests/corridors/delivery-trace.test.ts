/** Webhook to screen: what screens report, what is kept of it, and who sees how long it takes. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteExpired } from '../../server/jobs/retention.ts';
import type { UserId } from '../../server/kernel/ids.ts';
import { appointmentGid, createGraphqlClinic, type GraphqlClinic } from './graphql-clinic.ts';

let clinic: GraphqlClinic;
let admin: UserId;
let anna: UserId;
let mia: UserId;
let noah: UserId;
let desk: UserId;
let auditor: UserId;
let visit: string;

beforeAll(async () => {
  clinic = await createGraphqlClinic();
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  anna = await clinic.addPerson('CLINICIAN', 'Dr. Anna de Vries');
  mia = await clinic.addPerson('PATIENT', 'Mia Bakker');
  noah = await clinic.addPerson('PATIENT', 'Noah Visser');
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  auditor = await clinic.addPerson('AUDITOR', 'Otto Auditor');
  visit = await clinic.addAppointment({ clinicianId: anna, people: [{ userId: mia, name: 'Mia Bakker' }] });
});
afterAll(() => clinic.close());
beforeEach(async () => {
  // A minute on, so that what one test reported does not count against the next.
  clinic.clock.set(new Date(Date.now() + 60_000));
  await clinic.pool.query('DELETE FROM "DeliverySample"');
});

const REPORT = `mutation ($input: ReportDeliveryInput!) { reportDelivery(input: $input) { __typename
  ... on ReportDeliverySuccess { kept nextReportInMs } ... on UserError { message code } } }`;

interface Known {
  cursor: string;
  /** Unix ms. */
  appliedAt: number;
}

/** A change of the visit that a webhook caused, 40 ms before it was applied; the clock stands 500 ms after. */
async function webhookChange(): Promise<Known> {
  const inserted = await clinic.pool.query<{ id: string; xid: string; appliedAt: Date }>(
    `INSERT INTO "AppointmentChange" ("appointmentId","version","kind","changedFields","after","cause","bookingUid","receivedAt","recordedAt","appliedAt")
     SELECT $1, 2, 'RESCHEDULED', '{startsAt}', $2, 'WEBHOOK', 'uid', t - interval '40 ms', t - interval '30 ms', t
     FROM (SELECT date_trunc('milliseconds', clock_timestamp()) AS t) now RETURNING "id"::text AS id, xid::text AS xid, "appliedAt"`,
    [
      visit,
      {
        startsAt: 0,
        endsAt: 0,
        status: 'CONFIRMED',
        careStates: [],
        clinicianId: anna,
        hostIds: [anna],
        patientIds: [mia],
        eventTypeId: null,
      },
    ],
  );
  const row = inserted.rows[0];
  if (row === undefined) throw new Error('Nothing was inserted.');
  clinic.clock.set(new Date(row.appliedAt.getTime() + 500));
  const timeline = await clinic.pool.query<{ id: string }>(`SELECT "id" FROM "ChangeTimeline" ORDER BY "createdAt" DESC LIMIT 1`);
  const cursor = clinic.services.live.cursor({ timeline: timeline.rows[0]?.id ?? '', xid: row.xid, id: row.id });
  return { cursor, appliedAt: row.appliedAt.getTime() };
}

/** What a screen would say of it: published after 5 ms, delivered after 20, painted after 60. */
function sample(change: Known, shift: { published?: number; delivered?: number; painted?: number; clockErrorMs?: number } = {}) {
  const at = (ms: number) => new Date(change.appliedAt + ms).toISOString();
  return {
    cursor: change.cursor,
    publishedAt: at(shift.published ?? 5),
    deliveredAt: at(shift.delivered ?? 20),
    paintedAt: at(shift.painted ?? 60),
    clockErrorMs: shift.clockErrorMs ?? 3,
  };
}

async function report(as: UserId, samples: ReturnType<typeof sample>[]): Promise<Record<string, unknown>> {
  const data = await clinic.data<{ reportDelivery: Record<string, unknown> }>(as, REPORT, { input: { samples } });
  return data.reportDelivery;
}

async function kept(): Promise<Record<string, number | null>[]> {
  const { rows } = await clinic.pool.query<Record<string, number | null>>(
    `SELECT (extract(epoch FROM "recordedAt" - "receivedAt") * 1000)::int AS record, (extract(epoch FROM "publishedAt" - "appliedAt") * 1000)::int AS publish,
            (extract(epoch FROM "deliveredAt" - "publishedAt") * 1000)::int AS deliver, (extract(epoch FROM "paintedAt" - "deliveredAt") * 1000)::int AS paint
     FROM "DeliverySample"`,
  );
  return rows;
}

test('a report is kept with the instants that the gateway itself knows, and without who sent it', async () => {
  const change = await webhookChange();
  expect(await report(anna, [sample(change)])).toEqual({ __typename: 'ReportDeliverySuccess', kept: 1, nextReportInMs: 10_000 });
  expect(await kept()).toEqual([{ record: 10, publish: 5, deliver: 15, paint: 40 }]);
  const { rows } = await clinic.pool.query('SELECT * FROM "DeliverySample"');
  expect(JSON.stringify(rows)).not.toContain(anna);
});

test('nobody reports of changes that are not theirs to see', async () => {
  const change = await webhookChange();
  expect(await report(noah, [sample(change)])).toMatchObject({ kept: 0 });
  expect(await report(mia, [sample(change)])).toMatchObject({ kept: 1 });
});

test('nonsense is left out, the rest of the report is kept', async () => {
  const change = await webhookChange();
  const answer = await report(desk, [
    sample(change),
    { ...sample(change), cursor: change.cursor.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')) },
    sample(change, { delivered: 60, painted: 20 }),
    sample(change, { painted: 600_000 }),
    sample(change, { delivered: -5_000 }),
    sample(change, { published: -600_000, delivered: -600_000 }),
    sample(change, { clockErrorMs: 60_000 }),
    sample(change, { clockErrorMs: -1 }),
  ]);
  expect(answer).toMatchObject({ kept: 1 });
});

test('a change of long ago says nothing of live delivery', async () => {
  const change = await webhookChange();
  clinic.clock.advance(11 * 60_000);
  expect(await report(desk, [sample(change)])).toMatchObject({ kept: 0 });
});

test('a screen whose estimate of the clock is a little behind cannot have been given a change before it was published', async () => {
  const change = await webhookChange();
  expect(await report(desk, [sample(change, { published: 100, delivered: 40, painted: 120, clockErrorMs: 80 })])).toMatchObject({
    kept: 1,
  });
  expect(await kept()).toMatchObject([{ deliver: 0, paint: 20 }]);
});

test('a report is bounded, and so is what one person may report', async () => {
  const change = await webhookChange();
  // What the tests before have used of the person's budget is there again.
  clinic.clock.advance(15_000);
  const many = (count: number) => Array.from({ length: count }, () => sample(change));
  expect(await report(anna, many(51))).toMatchObject({ __typename: 'InvalidInput' });
  expect(await report(anna, [])).toMatchObject({ __typename: 'InvalidInput' });
  expect(await report(anna, many(50))).toMatchObject({ kept: 50, nextReportInMs: 10_000 });
  expect(await report(anna, many(50))).toMatchObject({ nextReportInMs: 10_000 });
  expect(await report(anna, many(50))).toMatchObject({ kept: 0, nextReportInMs: 60_000 });
});

test('who watches no appointments reports nothing; without a sign-in nobody does', async () => {
  const change = await webhookChange();
  expect(await report(auditor, [sample(change)])).toMatchObject({ __typename: 'NotAllowed' });
  const { errors } = await clinic.ask(null, REPORT, { input: { samples: [sample(change)] } });
  expect(errors[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
});

const LATENCY = `query ($from: DateTime!, $to: DateTime!) { deliveryLatency(from: $from, to: $to) { hour samples webhooks stages { stage p50Ms p95Ms } } }`;
const WATERFALLS = `query ($from: DateTime!, $to: DateTime!, $orderBy: DeliveryOrder, $first: Int) {
  deliveryWaterfalls(from: $from, to: $to, orderBy: $orderBy, first: $first) { appointmentId kind cause receivedAt appliedAt paintedAt } }`;
const STATUS = `{ liveStatus { streams lagMs redis lastWebhookAt asOf } }`;

const around = (at: number) => ({ from: new Date(at - 7_200_000).toISOString(), to: new Date(at + 7_200_000).toISOString() });

test('admins see how long each part took, by hour', async () => {
  const change = await webhookChange();
  await report(desk, [sample(change, { painted: 60 }), sample(change, { painted: 100 }), sample(change, { painted: 140 })]);
  const { deliveryLatency } = await clinic.data<{ deliveryLatency: unknown[] }>(admin, LATENCY, around(change.appliedAt));
  expect(deliveryLatency).toEqual([
    {
      hour: new Date(Math.floor(change.appliedAt / 3_600_000) * 3_600_000).toISOString(),
      samples: 3,
      webhooks: 3,
      stages: [
        { stage: 'RECORD', p50Ms: 10, p95Ms: 10 },
        { stage: 'APPLY', p50Ms: 30, p95Ms: 30 },
        { stage: 'PUBLISH', p50Ms: 5, p95Ms: 5 },
        { stage: 'DELIVER', p50Ms: 15, p95Ms: 15 },
        { stage: 'PAINT', p50Ms: 80, p95Ms: 116 },
        { stage: 'TOTAL', p50Ms: 140, p95Ms: 176 },
      ],
    },
  ]);
});

test('admins see single changes, the slowest first when they ask so', async () => {
  const change = await webhookChange();
  await report(desk, [sample(change, { painted: 60 }), sample(change, { painted: 400 })]);
  const variables = { ...around(change.appliedAt), orderBy: 'SLOWEST', first: 1 };
  const { deliveryWaterfalls } = await clinic.data<{ deliveryWaterfalls: unknown[] }>(admin, WATERFALLS, variables);
  expect(deliveryWaterfalls).toEqual([
    {
      appointmentId: appointmentGid(visit),
      kind: 'RESCHEDULED',
      cause: 'WEBHOOK',
      receivedAt: new Date(change.appliedAt - 40).toISOString(),
      appliedAt: new Date(change.appliedAt).toISOString(),
      paintedAt: new Date(change.appliedAt + 400).toISOString(),
    },
  ]);
});

test('nobody but admins sees any of it', async () => {
  for (const person of [desk, anna, mia, auditor]) {
    for (const query of [LATENCY, WATERFALLS, STATUS]) {
      const { errors } = await clinic.ask(person, query, query === STATUS ? {} : around(Date.now()));
      expect(errors[0]?.extensions).toMatchObject({ code: 'NOT_ALLOWED' });
    }
  }
  expect(await clinic.data(admin, STATUS)).toMatchObject({ liveStatus: { streams: 0, lagMs: 0, redis: 'NONE', lastWebhookAt: null } });
});

test('an endless or backward span is refused with a sentence', async () => {
  const spans = [
    { from: '2026-01-01T00:00:00Z', to: '2026-12-01T00:00:00Z' },
    { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
  ];
  for (const span of spans) {
    const { errors } = await clinic.ask(admin, LATENCY, span);
    expect(errors[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  }
  const { errors } = await clinic.ask(admin, WATERFALLS, { ...around(Date.now()), first: 21 });
  expect(errors[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
});

test('anybody may compare clocks', async () => {
  expect(await clinic.data(null, '{ serverTime }')).toEqual({ serverTime: clinic.clock.now().toISOString() });
});

test('samples go after eight days', async () => {
  const change = await webhookChange();
  await report(desk, [sample(change)]);
  clinic.clock.advance(8 * 86_400_000 - 1_000);
  await deleteExpired(clinic.pool, clinic.clock);
  expect(await kept()).toHaveLength(1);
  clinic.clock.advance(2_000);
  await deleteExpired(clinic.pool, clinic.clock);
  expect(await kept()).toHaveLength(0);
});
