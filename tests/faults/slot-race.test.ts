/** A hundred people want the same time at the same instant, at two instances of the gateway. A real Cal.com would give it to several. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Both, startTwoGateways, type TwoGateways } from '../support/two-gateways.ts';

const PEOPLE = 100;

let clinic: TwoGateways;
let people: { id: string; token: string }[];
let eventTypeId: string;
let times: string[];

beforeAll(async () => {
  clinic = await startTwoGateways();
  people = await clinic.addPatients(PEOPLE);
  const { eventTypes } = await clinic.ask<{ eventTypes: { id: string; slug: string }[] }>(0, null, '{ eventTypes { id slug } }');
  eventTypeId = eventTypes.find((one) => one.slug === 'video-consult')?.id ?? '';
  times = await freeTimes(0);
});
afterAll(() => clinic.close());

interface Slots {
  slots: { __typename: string; slots: { startsAt: string }[] };
}

const day = 86_400_000;
const FROM = new Date((Math.floor(Date.now() / day) + 3) * day);

async function freeTimes(which: Both, token: string | null = null, holdId: string | null = null): Promise<string[]> {
  const { slots } = await clinic.ask<Slots>(
    which,
    token,
    `query ($id: ID!, $from: DateTime!, $to: DateTime!, $holdId: ID) {
      slots(eventTypeId: $id, from: $from, to: $to, holdId: $holdId) { __typename ... on SlotList { slots { startsAt } } }
    }`,
    { id: eventTypeId, from: FROM, to: new Date(FROM.getTime() + day), holdId },
  );
  expect(slots.__typename).toBe('SlotList');
  return slots.slots.map((slot) => slot.startsAt);
}

interface Outcome {
  __typename: string;
  nearest?: { startsAt: string }[];
  hold?: { id: string };
}

/** Everybody at once, half of them at each instance. */
async function all(query: string, input: (index: number) => Record<string, unknown>): Promise<Outcome[]> {
  const answers = await Promise.all(
    people.map((person, index) =>
      clinic.ask<{ outcome: Outcome }>(index % 2 === 0 ? 0 : 1, person.token, query, { input: { eventTypeId, ...input(index) } }),
    ),
  );
  return answers.map(({ outcome }) => outcome);
}

const BOOK = `mutation ($input: BookAppointmentInput!) { outcome: bookAppointment(input: $input) {
  __typename ... on SlotTaken { nearest { startsAt } }
} }`;
const HOLD = `mutation ($input: HoldSlotInput!) { outcome: holdSlot(input: $input) {
  __typename ... on SlotTaken { nearest { startsAt } } ... on HoldSlotSuccess { hold { id } }
} }`;
const RELEASE = `mutation ($input: ReleaseSlotInput!) { outcome: releaseSlot(input: $input) { __typename } }`;

/** What the others are offered: three, free, the nearest to what they wanted. */
function expectNearest(outcomes: readonly Outcome[], wanted: string, free: readonly string[]): void {
  const distance = (time: string) => Math.abs(Date.parse(time) - Date.parse(wanted));
  for (const { nearest = [] } of outcomes) {
    const offered = nearest.map((slot) => slot.startsAt);
    expect(offered).toHaveLength(3);
    expect(offered).not.toContain(wanted);
    const furthest = Math.max(...offered.map(distance));
    expect(free.filter((time) => time !== wanted && distance(time) < furthest).every((time) => offered.includes(time))).toBe(true);
  }
}

const liveBookings = (start: string) =>
  clinic.sandbox.control
    .state()
    .bookings.filter((booking) => Date.parse(booking.start) === Date.parse(start) && ['ACCEPTED', 'accepted'].includes(booking.status));

describe(`${PEOPLE} people, one time, two instances`, () => {
  test('end in one booking, and the others are told the three nearest free times', async () => {
    const wanted = times[10] ?? '';
    const outcomes = await all(BOOK, (index) => ({ clientMutationKey: `race-${index}`, startsAt: wanted, timeZone: 'Europe/Amsterdam' }));

    const losers = outcomes.filter((outcome) => outcome.__typename === 'SlotTaken');
    expect(outcomes.filter((outcome) => outcome.__typename === 'BookAppointmentSuccess')).toHaveLength(1);
    expect(losers).toHaveLength(PEOPLE - 1);
    expect(liveBookings(wanted)).toHaveLength(1);
    const rows = await clinic.pool.query(`SELECT 1 FROM "Appointment" WHERE "startsAt" = $1 AND "status" = 'CONFIRMED'`, [wanted]);
    expect(rows.rows).toHaveLength(1);
    expectNearest(losers, wanted, times);
    expect(await freeTimes(0)).not.toContain(wanted);
  });

  test('end in one hold, which its owner alone still sees as free, also after a restart', async () => {
    const wanted = times[20] ?? '';
    const outcomes = await all(HOLD, () => ({ startsAt: wanted }));

    const winner = outcomes.findIndex((outcome) => outcome.__typename === 'HoldSlotSuccess');
    const losers = outcomes.filter((outcome) => outcome.__typename === 'SlotTaken');
    expect(losers).toHaveLength(PEOPLE - 1);
    const holds = await clinic.pool.query(`SELECT 1 FROM "SlotHold" WHERE "startsAt" = $1`, [wanted]);
    expect(holds.rows).toHaveLength(1);
    expectNearest(
      losers,
      wanted,
      times.filter((time) => time !== times[10]),
    );

    const owner = people[winner]?.token ?? '';
    const other = people[(winner + 1) % PEOPLE]?.token ?? '';
    const holdId = outcomes[winner]?.hold?.id ?? '';
    await clinic.restart(0);
    for (const which of [0, 1] as const) {
      expect(await freeTimes(which, owner, holdId)).toContain(wanted);
      expect(await freeTimes(which, other, holdId)).not.toContain(wanted);
      expect(await freeTimes(which)).not.toContain(wanted);
    }
    const foreign = await clinic.ask<{ outcome: Outcome }>(0, other, BOOK, {
      input: { eventTypeId, clientMutationKey: 'foreign', startsAt: wanted, timeZone: 'UTC', holdId },
    });
    expect(foreign.outcome.__typename).toBe('SlotTaken');
    await clinic.ask(0, owner, RELEASE, { input: { holdId } });
    expect(await freeTimes(0)).toContain(wanted);
  });
});
