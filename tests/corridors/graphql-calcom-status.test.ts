/** `calcomStatus` and `registerCalcomWebhook` through the door: who sees how much, and what is done. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { UserId } from '../../server/kernel/ids.ts';
import { createDoctorClinic, type DoctorClinic } from './doctor-clinic.ts';
import { createGraphqlClinic, type GraphqlClinic, personGid } from './graphql-clinic.ts';

let calcom: DoctorClinic;
let clinic: GraphqlClinic;
let admin: UserId;
let desk: UserId;
let patient: UserId;
let anna: UserId;

beforeAll(async () => {
  calcom = await createDoctorClinic();
  clinic = await createGraphqlClinic({ database: calcom.database, instance: calcom.core.instance });
  admin = await clinic.addPerson('ADMIN', 'Ada Admin');
  desk = await clinic.addPerson('FRONT_DESK', 'Front Desk');
  patient = await clinic.addPerson('PATIENT', 'Pat Patient');
  const { rows } = await calcom.database.pool.query<{ id: UserId }>(`SELECT "id" FROM "User" WHERE "calcomUsername" = 'anna-de-vries'`);
  if (rows[0] === undefined) throw new Error('Anna is not there.');
  anna = rows[0].id;
});
afterAll(async () => {
  await clinic.close();
  await calcom.close();
});

const STATUS = `query ($refresh: Boolean) { calcomStatus(refresh: $refresh) {
  reachable healthy features { reservations webhooks schedules } version clockSkewMs anotherInstance lastMeetingEventAt
  problems { subject problem mend clinician { name } } resources { name state } connections { key webhookProblems clinician { name } }
  oddities { kind subject count firstAt lastAt } } }`;
const REGISTER = `mutation ($input: RegisterCalcomWebhookInput!) { registerCalcomWebhook(input: $input) { __typename
  ... on RegisterCalcomWebhookSuccess { registrations { outcome removed clinician { name } } } ... on UserError { message } } }`;

interface Status {
  calcomStatus: Record<string, unknown> | null;
}

test('an admin sees everything, also after a look of now', async () => {
  const { calcomStatus } = await clinic.data<Status>(admin, STATUS, { refresh: true });
  expect(calcomStatus).toMatchObject({ reachable: true, healthy: true, anotherInstance: false, problems: [], oddities: [] });
  expect(calcomStatus?.['resources']).toContainEqual({ name: 'bookings', state: 'AVAILABLE' });
  expect(calcomStatus?.['connections']).toContainEqual({ key: 'ACCEPTED', webhookProblems: [], clinician: { name: 'Dr. Anna de Vries' } });
});

test('staff see whether it works and what it offers; no more', async () => {
  const { calcomStatus } = await clinic.data<Status>(desk, STATUS);
  expect(calcomStatus).toEqual({
    reachable: true,
    healthy: true,
    features: { reservations: true, webhooks: true, schedules: true },
    version: null,
    clockSkewMs: null,
    anotherInstance: null,
    lastMeetingEventAt: null,
    problems: null,
    resources: null,
    connections: null,
    oddities: null,
  });
});

test('patients see nothing of it', async () => {
  expect(await clinic.data<Status>(patient, STATUS)).toEqual({ calcomStatus: null });
});

test('what an installation lacks is a feature less, and no problem', async () => {
  calcom.sandbox.control.setFaults({ api: { missing: ['reservations'] } });
  calcom.clock.advance(6_000);
  const { calcomStatus } = await clinic.data<Status>(admin, STATUS, { refresh: true });
  await calcom.sandbox.control.clearFaults();
  expect(calcomStatus).toMatchObject({ healthy: true, features: { reservations: false, webhooks: true } });
});

test('an admin registers the webhook of one clinician, or of all; it is audited', async () => {
  await calcom.api('DELETE', '/v2/webhooks');
  const one = await clinic.data(admin, REGISTER, { input: { clinicianId: personGid('Clinician', anna) } });
  expect(one).toEqual({
    registerCalcomWebhook: {
      __typename: 'RegisterCalcomWebhookSuccess',
      registrations: [{ outcome: 'CREATED', removed: 0, clinician: { name: 'Dr. Anna de Vries' } }],
    },
  });
  const all = await clinic.data<{ registerCalcomWebhook: { registrations: { outcome: string }[] } }>(admin, REGISTER, { input: {} });
  expect(all.registerCalcomWebhook.registrations.map(({ outcome }) => outcome)).toEqual(['UNCHANGED', 'UNCHANGED', 'UNCHANGED']);
  const { rows } = await calcom.database.pool.query(
    `SELECT "actorId", "subjectId" FROM "AuditEvent" WHERE "action" = 'calcom.webhooks-register' ORDER BY "id"`,
  );
  expect(rows).toEqual([
    { actorId: admin, subjectId: anna },
    { actorId: admin, subjectId: null },
  ]);
  const webhooks = await calcom.database.pool.query(`SELECT "ownerId" FROM "CalcomWebhook" WHERE "ownerId" = $1 AND "active"`, [anna]);
  expect(webhooks.rowCount).toBe(1);
});

test('where Cal.com has no webhooks nothing can be registered, and that is said', async () => {
  calcom.sandbox.control.setFaults({ api: { missing: ['webhooks'] } });
  const refused = await clinic.data(admin, REGISTER, { input: {} });
  await calcom.sandbox.control.clearFaults();
  expect(refused).toEqual({
    registerCalcomWebhook: { __typename: 'NotAllowed', message: expect.stringContaining('does not offer webhooks') as string },
  });
});

test('nobody else registers, and an unknown clinician is not found', async () => {
  expect(await clinic.data(desk, REGISTER, { input: {} })).toMatchObject({ registerCalcomWebhook: { __typename: 'NotAllowed' } });
  const unknown = personGid('Clinician', '00000000-0000-7000-8000-00000000ffff');
  expect(await clinic.data(admin, REGISTER, { input: { clinicianId: unknown } })).toMatchObject({
    registerCalcomWebhook: { __typename: 'NotFound' },
  });
});
