/**
 * Each error row of the contract (section 2) that a mutation or a slot query can meet, driven through the sandbox: it
 * becomes a named failure with a sentence that a receptionist understands, and none of Cal.com's own words.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RefusalName } from '../../sandbox/control/refusals.ts';
import type { AppointmentRow } from '../../server/appointments/appointment-store.ts';
import type { Failure } from '../../server/appointments/failure.ts';
import type { EventTypeId } from '../../server/kernel/ids.ts';
import { eventTypeId } from '../../server/kernel/ids.ts';
import type { Result } from '../../server/kernel/result.ts';
import {
  ANNA,
  bookInput,
  callerOf,
  createBookingClinic,
  DESK,
  FEMKE,
  MIA,
  NOAH,
  NOW,
  SAMIR,
  type BookingClinic,
} from '../support/booking-clinic.ts';
import { wishes } from '../support/booking-wishes.ts';

let clinic: BookingClinic;
let ask: ReturnType<typeof wishes>;
let tests = 0;

beforeAll(async () => {
  clinic = await createBookingClinic({ limits: { breakerThreshold: 1_000, longestRateWaitMs: 0 } });
  await clinic.connect(FEMKE, 'cal_sandbox_femke_000000000000000');
  ask = wishes(clinic);
});
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  await clinic.applier.idle();
  // A minute on, so that no rate limit is left over.
  tests += 1;
  clinic.clock.set(new Date(Date.parse(NOW) + tests * 60_000));
  await clinic.sandbox.control.clock({ now: clinic.clock.now().toISOString() });
});
afterAll(() => clinic.close());

type Answer = Result<unknown, Failure>;

/** Each case has a day of its own, so that none meets another's bookings. */
let days = 0;
function day(): Date {
  days += 1;
  return new Date(Date.UTC(2026, 11, 1 + days, 9));
}
const HOUR = 3_600_000;
const later = (start: Date, hours: number) => new Date(start.getTime() + hours * HOUR);

const video = () => clinic.eventType(ANNA, 'video-consult');
const book = (wish: { eventTypeId?: EventTypeId; startsAt?: Date } = {}): Promise<Answer> =>
  clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: video(), startsAt: day(), ...wish }));
const visit = (startsAt = day(), slug = 'video-consult') => ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, slug), startsAt });
const refuse = (name: RefusalName, hits: 'writes' | 'reads' | 'all' = 'writes', count = 1) =>
  clinic.sandbox.control.setFaults({ api: { refuse: { name, hits, count } } });
/** Something happens in Cal.com itself, and its webhook is lost. */
async function unseen(work: () => Promise<unknown>): Promise<void> {
  clinic.sandbox.control.setFaults({ webhooks: { drop: -1 } });
  await work();
}
/** Cal.com has lost the booking. */
async function forgotten(): Promise<AppointmentRow> {
  const row = await visit(day(), 'first-visit');
  // Its webhook, still being applied, would write the uid back.
  await clinic.applier.idle();
  await clinic.pool.query(`UPDATE "Appointment" SET "calcomBookingUid" = 'gone-' || "id" WHERE "id" = $1`, [row.id]);
  return row;
}
async function refusedBook(name: RefusalName): Promise<Answer> {
  refuse(name);
  return book();
}
const invalid = (path: string) => ({ kind: 'InvalidInput', fields: [{ path }] });

interface Row {
  /** As in the contract. */
  situation: string;
  meet(): Promise<Answer>;
  /** Undefined: no failure at all, because what was wished for is so. */
  means: object | undefined;
}

const ROWS: Row[] = [
  {
    situation: 'slot taken, single host',
    meet: async () => {
      const startsAt = day();
      await unseen(() =>
        clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start: startsAt.toISOString() }),
      );
      return book({ startsAt });
    },
    means: { kind: 'SlotTaken', message: 'This time is no longer free.' },
  },
  { situation: 'slot taken, team event', meet: () => refusedBook('teamBusy'), means: { kind: 'SlotTaken' } },
  {
    situation: 'round robin, all hosts busy',
    meet: async () => {
      const startsAt = day();
      await unseen(() =>
        clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start: startsAt.toISOString() }),
      );
      refuse('roundRobinBusy');
      return book({ startsAt });
    },
    means: { kind: 'SlotTaken' },
  },
  {
    situation: 'round robin, all hosts busy, on a move',
    meet: async () => {
      const row = await visit();
      const startsAt = later(row.startsAt, 2);
      await unseen(() =>
        clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start: startsAt.toISOString() }),
      );
      refuse('roundRobinBusy');
      return ask.reschedule(MIA, row.id, { startsAt });
    },
    means: { kind: 'SlotTaken' },
  },
  {
    situation: 'a 500 that means nothing in particular',
    meet: () => refusedBook('roundRobinBusy'),
    means: { kind: 'OutcomeUnknown' },
  },
  { situation: 'two identical bookings racing', meet: () => refusedBook('lostRace'), means: { kind: 'SlotTaken' } },
  {
    situation: 'seats full',
    meet: async () => {
      const wish = { eventTypeId: clinic.eventType(SAMIR, 'diabetes-class'), startsAt: day() };
      for (let seat = 0; seat < 8; seat += 1)
        await ask.booked(DESK, { ...wish, attendee: { name: `Guest ${seat}`, email: `guest${seat}@example.com`, phone: null } });
      return book(wish);
    },
    means: { kind: 'SlotTaken', message: 'All places at this time are taken.' },
  },
  { situation: 'the same person twice in a group', meet: () => refusedBook('alreadySignedUp'), means: invalid('attendee') },
  {
    situation: 'start in the past, by the clock of Cal.com',
    meet: async () => {
      const startsAt = day();
      await clinic.sandbox.control.clock({ now: later(startsAt, 1).toISOString() });
      return book({ startsAt });
    },
    means: invalid('startsAt'),
  },
  { situation: 'start in the past, by ours', meet: () => book({ startsAt: new Date('2026-11-20T09:00:00Z') }), means: invalid('startsAt') },
  { situation: 'too soon or outside the booking window', meet: () => refusedBook('outsideWindow'), means: invalid('startsAt') },
  {
    situation: 'unknown event type',
    meet: async () => {
      await clinic.pool.query(
        `INSERT INTO "CalcomEventType" SELECT (e2).* FROM (SELECT jsonb_populate_record(e, '{"id": 9999, "slug": "gone"}') AS e2 FROM "CalcomEventType" e WHERE e."id" = $1) x ON CONFLICT DO NOTHING`,
        [video()],
      );
      return book({ eventTypeId: eventTypeId(9999) });
    },
    means: { kind: 'NotFound', message: 'The event type was not found.' },
  },
  { situation: 'managed parent event type', meet: () => refusedBook('managedParent'), means: { kind: 'NotAllowed' } },
  {
    situation: 'missing required booking field, that the event type has only since a moment ago',
    meet: async () => {
      const knee = clinic.eventType(FEMKE, 'knee-check');
      await clinic.pool.query(`UPDATE "CalcomEventType" SET "bookingFields" = '[]' WHERE "id" = $1`, [knee]);
      return book({ eventTypeId: knee });
    },
    means: invalid('fields.side'),
  },
  { situation: 'missing telephone number', meet: () => refusedBook('missingPhone'), means: invalid('phone') },
  { situation: 'unknown key in the body', meet: () => refusedBook('unknownKey'), means: invalid('input') },
  {
    situation: 'unknown booking, confirmed',
    meet: async () => ask.confirm(ANNA, (await forgotten()).id),
    means: { kind: 'NotFound', message: 'The appointment was not found.' },
  },
  {
    situation: 'unknown booking, rescheduled',
    meet: async () => {
      const row = await forgotten();
      return ask.reschedule(MIA, row.id, { startsAt: later(row.startsAt, 3) });
    },
    means: { kind: 'NotFound' },
  },
  { situation: 'unknown booking, cancelled', meet: async () => ask.cancel(MIA, (await forgotten()).id), means: { kind: 'NotFound' } },
  {
    situation: 'reschedule of a cancelled booking',
    meet: async () => {
      const row = await visit();
      await unseen(() => clinic.sandbox.control.cancel({ uid: row.bookingUid, by: 'host', reason: 'elsewhere' }));
      return ask.reschedule(MIA, row.id, { startsAt: later(row.startsAt, 2) });
    },
    means: { kind: 'VersionConflict', current: { status: 'CANCELLED' } },
  },
  {
    situation: 'reschedule of a booking that was moved already',
    meet: async () => {
      const row = await visit();
      await unseen(() =>
        clinic.sandbox.control.reschedule({ uid: row.bookingUid, start: later(row.startsAt, 1).toISOString(), by: 'patient' }),
      );
      return ask.reschedule(MIA, row.id, { startsAt: later(row.startsAt, 2) });
    },
    means: { kind: 'VersionConflict', current: { status: 'CONFIRMED' } },
  },
  {
    situation: 'cancel twice',
    meet: async () => {
      const row = await visit();
      await unseen(() => clinic.sandbox.control.cancel({ uid: row.bookingUid, by: 'host', reason: 'elsewhere' }));
      return ask.cancel(MIA, row.id);
    },
    means: undefined,
  },
  {
    situation: 'cancel as host without a reason',
    meet: async () => {
      const row = await visit();
      refuse('reasonRequired');
      return ask.cancel(MIA, row.id);
    },
    means: invalid('reason'),
  },
  {
    situation: 'cancel by staff without a reason',
    meet: async () => ask.cancel(DESK, (await visit()).id, { reason: ' ' }),
    means: invalid('reason'),
  },
  {
    situation: 'cancelling disabled on the event type',
    meet: async () => {
      const row = await visit();
      refuse('cancellingDisabled');
      return ask.cancel(MIA, row.id);
    },
    means: { kind: 'NotAllowed' },
  },
  {
    situation: 'cancel of a group by somebody who does not host it',
    meet: async () => {
      const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(SAMIR, 'diabetes-class'), startsAt: day() });
      refuse('notHost');
      return ask.cancel(DESK, row.id);
    },
    means: { kind: 'NotAllowed' },
  },
  {
    situation: 'reschedule of a whole group',
    meet: async () => {
      const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(SAMIR, 'diabetes-class'), startsAt: day() });
      return ask.reschedule(DESK, row.id, { startsAt: later(row.startsAt, 3) });
    },
    means: { kind: 'NotAllowed' },
  },
  {
    situation: 'confirm of an accepted booking',
    meet: async () => {
      const row = await visit(day(), 'first-visit');
      await unseen(() => clinic.sandbox.control.confirm({ uid: row.bookingUid }));
      return ask.confirm(ANNA, row.id);
    },
    means: { kind: 'VersionConflict', current: { status: 'CONFIRMED' } },
  },
  {
    situation: 'confirm of a booking that is accepted between our look and our call',
    meet: async () => {
      const row = await visit(day(), 'first-visit');
      refuse('alreadyAccepted');
      return ask.confirm(ANNA, row.id);
    },
    means: invalid('input'),
  },
  {
    situation: 'no licence',
    meet: () => {
      clinic.sandbox.control.setFaults({ api: { unlicensed: true } });
      return book();
    },
    means: { kind: 'CalcomUnavailable', retryAfterMs: null },
  },
  {
    situation: 'mark absent before the start, by the clock of Cal.com',
    meet: async () => {
      const row = await visit();
      clinic.clock.set(later(row.startsAt, 0.1));
      await clinic.sandbox.control.clock({ now: later(row.startsAt, -1).toISOString() });
      return ask.markNoShow(ANNA, row.id);
    },
    means: invalid('appointmentId'),
  },
  {
    situation: 'mark absent by someone else than the owner',
    meet: async () => {
      const row = await visit();
      clinic.clock.set(later(row.startsAt, 0.1));
      refuse('noShowFailed');
      return ask.markNoShow(ANNA, row.id);
    },
    means: { kind: 'NotAllowed' },
  },
  {
    situation: 'reassign to somebody who does not host the event type',
    meet: async () => ask.reassign(DESK, (await visit()).id, { clinicianId: SAMIR }),
    means: { kind: 'NotAllowed' },
  },
  { situation: 'bad key', meet: () => refusedBook('badKey'), means: { kind: 'CalcomUnavailable', retryAfterMs: null } },
  { situation: 'access token expired', meet: () => refusedBook('tokenExpired'), means: { kind: 'CalcomUnavailable' } },
  { situation: 'no permission, with the token in the text', meet: () => refusedBook('noPermission'), means: { kind: 'CalcomUnavailable' } },
  {
    situation: 'reservation of a taken slot',
    meet: async () => {
      const startsAt = day();
      await unseen(() =>
        clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start: startsAt.toISOString() }),
      );
      return clinic.slots.hold(callerOf(MIA), { eventTypeId: video(), startsAt, durationMinutes: null });
    },
    means: { kind: 'SlotTaken' },
  },
  {
    situation: 'rate limited',
    meet: () => {
      clinic.sandbox.control.setFaults({ api: { tooManyRequests: 1 } });
      return book();
    },
    means: { kind: 'CalcomUnavailable' },
  },
];

/** Words of Cal.com and of programs. */
const NOT_FOR_PEOPLE = /Exception|Guard|TRPC|Bad [Rr]equest|uid|[Tt]oken|_error|property|HTTP|undefined|null|eyJ/;

function sentences(failure: Failure): string[] {
  return [failure.message, ...(failure.kind === 'InvalidInput' ? failure.fields.map((field) => field.message) : [])];
}

describe('mutations', () => {
  test.each(ROWS)('$situation', async ({ meet, means }) => {
    const answer = await meet();
    if (means === undefined) return expect(answer.ok).toBe(true);
    expect(answer).toMatchObject({ ok: false, failure: means });
    if (answer.ok) return;
    for (const sentence of sentences(answer.failure)) {
      expect(sentence).toMatch(/^[A-Z].{8,250}\.$/);
      expect(sentence).not.toMatch(NOT_FOR_PEOPLE);
    }
  });
});

describe('slots', () => {
  const find = (id = video()) => {
    const from = day();
    return clinic.slots.find(callerOf(MIA).viewer, {
      eventTypeId: id,
      from,
      to: later(from, 24),
      timeZone: null,
      durationMinutes: null,
      rescheduling: null,
      holdId: null,
    });
  };

  test('unknown event type', async () => {
    expect(await find(eventTypeId(12_345))).toMatchObject({ ok: false, failure: { kind: 'NotFound' } });
  });

  test('around an appointment that is not yours to move', async () => {
    const row = await ask.booked(NOAH, { eventTypeId: video(), startsAt: day() });
    const { id, startsAt } = row;
    const answer = await clinic.slots.find(callerOf(MIA).viewer, {
      eventTypeId: video(),
      from: startsAt,
      to: later(startsAt, 24),
      timeZone: null,
      durationMinutes: null,
      rescheduling: id,
      holdId: null,
    });
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'NotFound' } });
  });

  test.each<[string, () => unknown, object]>([
    ['bad key', () => refuse('badKey', 'reads', -1), { kind: 'CalcomUnavailable' }],
    ['access token expired', () => refuse('tokenExpired', 'reads', -1), { kind: 'CalcomUnavailable' }],
    ['no permission', () => refuse('noPermission', 'reads', -1), { kind: 'CalcomUnavailable' }],
    ['unknown key', () => refuse('unknownKey', 'reads', -1), { kind: 'CalcomUnavailable' }],
    ['500', () => refuse('roundRobinBusy', 'reads', -1), { kind: 'CalcomUnavailable' }],
    ['rate limited', () => clinic.sandbox.control.setFaults({ api: { tooManyRequests: -1 } }), { kind: 'CalcomUnavailable' }],
    ['down', () => clinic.sandbox.control.setFaults({ api: { down: true } }), { kind: 'CalcomUnavailable' }],
  ])('%s: could not be loaded, and never an empty list', async (_name, happen, means) => {
    happen();
    const answer = await find();
    expect(answer).toMatchObject({ ok: false, failure: means });
    if (!answer.ok) for (const sentence of sentences(answer.failure)) expect(sentence).not.toMatch(NOT_FOR_PEOPLE);
  });
});
