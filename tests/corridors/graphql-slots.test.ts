import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BookingClinic, createBookingClinic, DESK } from '../support/booking-clinic.ts';
import { createGraphqlClinic, type GraphqlClinic } from './graphql-clinic.ts';

let upstream: BookingClinic;
let clinic: GraphqlClinic;

beforeAll(async () => {
  upstream = await createBookingClinic();
  clinic = await createGraphqlClinic({ database: upstream.database, slots: upstream.slots });
});

afterAll(async () => {
  await clinic.close();
  await upstream.close();
});

const list = (day: string) => `{ clinicians { name eventTypes {
  id slots(from: "${day}T00:00:00Z", to: "${day}T23:00:00Z") { __typename ... on SlotList { stale slots { startsAt localStart } } }
} } }`;

interface Listed {
  clinicians: { eventTypes: { id: string; slots: { __typename: string } }[] }[];
}

test('a list of event types with their slots asks Cal.com at most once for each, and costs a constant number of statements', async () => {
  const one = await clinic.data<{ eventTypes: { id: string }[] }>(DESK, '{ eventTypes { id } }');
  const query = `query ($id: ID!) { slots(eventTypeId: $id, from: "2026-11-24T00:00:00Z", to: "2026-11-24T23:00:00Z") { __typename } }`;
  const few = await clinic.statements(() => clinic.data(DESK, query, { id: one.eventTypes[0]?.id }));

  const before = upstream.calls();
  let listed: Listed = { clinicians: [] };
  const many = await clinic.statements(async () => {
    listed = await clinic.data<Listed>(DESK, list('2026-12-22'));
  });
  const eventTypes = listed.clinicians.flatMap((clinician) => clinician.eventTypes);
  expect(eventTypes.length).toBeGreaterThan(3);
  expect(upstream.calls() - before).toBeLessThanOrEqual(eventTypes.length);
  // Clinicians and what they offer come on top of what one question costs.
  expect(many.length).toBeLessThanOrEqual(few.length + 2);
});

test('the same question from many people at once is asked once', async () => {
  const [first] = (await clinic.data<{ eventTypes: { id: string }[] }>(null, '{ eventTypes { id } }')).eventTypes;
  const query = `query ($id: ID!) { slots(eventTypeId: $id, from: "2027-01-12T00:00:00Z", to: "2027-01-12T23:00:00Z") { __typename } }`;
  const before = upstream.calls();
  await Promise.all(Array.from({ length: 20 }, () => clinic.data(null, query, { id: first?.id })));
  expect(upstream.calls() - before).toBe(1);
});

test.each([
  ['inverted', 'from: "2026-12-08T00:00:00Z", to: "2026-12-07T00:00:00Z"'],
  ['too long', 'from: "2026-12-08T00:00:00Z", to: "2027-12-07T00:00:00Z"'],
  ['past', 'from: "2026-10-08T00:00:00Z", to: "2026-10-09T00:00:00Z"'],
])('a range that is %s is InvalidInput, without a question to Cal.com', async (_what, range) => {
  const before = upstream.calls();
  const [first] = (await clinic.data<{ eventTypes: { id: string }[] }>(null, '{ eventTypes { id } }')).eventTypes;
  const query = `query ($id: ID!) { slots(eventTypeId: $id, ${range}) { __typename ... on InvalidInput { fields { path } } } }`;
  expect(await clinic.data(null, query, { id: first?.id })).toEqual({ slots: { __typename: 'InvalidInput', fields: [{ path: 'to' }] } });
  expect(upstream.calls()).toBe(before);
});
