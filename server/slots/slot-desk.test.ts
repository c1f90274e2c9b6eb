import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  ANNA,
  bookInput,
  callerOf,
  createBookingClinic,
  DESK,
  granted,
  MIA,
  NOAH,
  NOW,
  refusedWith,
  SAMIR,
  viewerOf,
  type BookingClinic,
} from '../../tests/support/booking-clinic.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import { calcomFailure } from '../calcom/errors.ts';
import { appointmentId, eventTypeId } from '../kernel/ids.ts';
import { fail, ok } from '../kernel/result.ts';
import type { SlotQuery } from '../services.ts';
import { createSlotDesk } from './slot-desk.ts';

let clinic: BookingClinic;

beforeAll(async () => {
  clinic = await createBookingClinic({ limits: { readAttempts: 1, breakerThreshold: 1_000 } });
});
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  clinic.clock.set(NOW);
});
afterAll(() => clinic.close());

const at = (text: string) => new Date(`2026-${text}:00Z`);
const video = () => clinic.eventType(ANNA, 'video-consult');
const query = (wish: Partial<SlotQuery> = {}): SlotQuery => ({
  eventTypeId: video(),
  from: at('11-24T00:00'),
  to: at('11-25T00:00'),
  timeZone: null,
  durationMinutes: null,
  rescheduling: null,
  holdId: null,
  ...wish,
});
const find = async (wish: Partial<SlotQuery> = {}, viewer = viewerOf(MIA)) => granted(await clinic.slots.find(viewer, query(wish)));
const problemsOf = async (wish: Partial<SlotQuery>) => {
  const failure = refusedWith(await clinic.slots.find(null, query(wish)));
  return failure.kind === 'InvalidInput' ? failure.fields.map((field) => field.path) : failure.kind;
};

describe('free slots', () => {
  test('are given in the zone asked for, and without one in that of the clinic', async () => {
    const { slots, stale, asOf } = await find();
    expect(slots[0]).toEqual({
      startsAt: at('11-24T06:00'),
      endsAt: at('11-24T06:30'),
      localStart: '2026-11-24T07:00',
      timeZone: 'Europe/Amsterdam',
      seatsLeft: null,
    });
    expect({ stale, asOf }).toEqual({ stale: false, asOf: new Date(NOW) });
    const far = await find({ timeZone: 'Asia/Kathmandu' });
    expect(far.slots[0]?.localStart).toBe('2026-11-24T11:45');
  });

  test('lie within the range to the minute, and ahead of now', async () => {
    const { slots } = await find({ from: at('11-24T09:15'), to: at('11-24T10:30') });
    expect(slots.map((slot) => slot.startsAt)).toEqual([at('11-24T09:30'), at('11-24T10:00')]);
    const today = await find({ from: at('11-22T00:00'), to: at('11-23T09:00') });
    expect(today.slots.map((slot) => slot.startsAt)).toEqual([at('11-23T08:00'), at('11-23T08:30')]);
  });

  test('are looked at without signing in, those of hidden types by staff only', async () => {
    await clinic.pool.query(`UPDATE "CalcomEventType" SET "hidden" = true WHERE "id" = $1`, [clinic.eventType(ANNA, 'phone-consult')]);
    expect((await clinic.slots.find(null, query())).ok).toBe(true);
    const hidden = query({ eventTypeId: clinic.eventType(ANNA, 'phone-consult') });
    expect(refusedWith(await clinic.slots.find(null, hidden)).kind).toBe('NotFound');
    expect(refusedWith(await clinic.slots.find(viewerOf(MIA), hidden)).kind).toBe('NotFound');
    expect((await clinic.slots.find(viewerOf(DESK), hidden)).ok).toBe(true);
  });

  test('of a group tell how many seats are left', async () => {
    const { slots } = await find({ eventTypeId: clinic.eventType(SAMIR, 'diabetes-class') });
    expect(slots[0]?.seatsLeft).toBe(8);
  });

  test('of a type with several lengths follow the length', async () => {
    const { slots } = await find({ eventTypeId: clinic.eventType(ANNA, 'flexible'), durationMinutes: 60 });
    expect((slots[0]?.endsAt.getTime() ?? 0) - (slots[0]?.startsAt.getTime() ?? 0)).toBe(3_600_000);
  });

  test('none left: the next free day is told by the same call', async () => {
    const before = clinic.calls();
    const { slots, nextFreeDay } = await find({ from: at('12-20T22:00'), to: at('12-20T23:30') });
    expect(slots).toEqual([]);
    expect(nextFreeDay).toEqual(at('12-20T23:00'));
    expect(clinic.calls() - before).toBe(1);
  });
});

test('wrong questions are answered with a sentence and without a call', async () => {
  const before = clinic.calls();
  expect(await problemsOf({ from: at('11-25T00:00'), to: at('11-24T00:00') })).toEqual(['to']);
  expect(await problemsOf({ to: new Date('2027-02-25T00:00:00Z') })).toEqual(['to']);
  expect(await problemsOf({ from: at('11-20T00:00'), to: at('11-21T00:00') })).toEqual(['to']);
  expect(await problemsOf({ timeZone: 'Mars/Olympus' })).toEqual(['timeZone']);
  expect(await problemsOf({ timeZone: '+02:00' })).toEqual(['timeZone']);
  expect(await problemsOf({ durationMinutes: 31 })).toEqual(['durationMinutes']);
  expect(await problemsOf({ eventTypeId: eventTypeId(4_711) })).toBe('NotFound');
  expect(await problemsOf({ rescheduling: appointmentId('00000000-0000-7000-8000-00000000ffff') })).toBe('NotFound');
  expect(clinic.calls()).toBe(before);
});

describe('calls to Cal.com', () => {
  test('the same question at the same moment is asked once, N event types cause N calls', async () => {
    const before = clinic.calls();
    const days = { from: at('12-14T00:00'), to: at('12-15T00:00') };
    await Promise.all([
      find(days),
      find(days),
      find({ ...days, timeZone: 'UTC' }),
      find({ ...days, eventTypeId: clinic.eventType(ANNA, 'in-person') }),
    ]);
    expect(clinic.calls() - before).toBe(2);
  });

  test('an answer serves for seconds, and a booking of the same clinician ends it', async () => {
    const days = { from: at('12-16T00:00'), to: at('12-17T00:00') };
    await find(days);
    const before = clinic.calls();
    clinic.clock.advance(9_000);
    await find(days);
    expect(clinic.calls()).toBe(before);
    clinic.slots.invalidate(ANNA);
    await find(days);
    expect(clinic.calls()).toBe(before + 1);
    clinic.clock.advance(11_000);
    await find(days);
    expect(clinic.calls()).toBe(before + 2);
  });

  test('while Cal.com is away the last known answer is given and marked, and an unknown one is refused', async () => {
    const days = { from: at('12-18T00:00'), to: at('12-19T00:00') };
    const known = await find(days);
    clinic.clock.advance(60_000);
    clinic.sandbox.control.setFaults({ api: { down: true } });
    expect(await find(days)).toEqual({ ...known, stale: true });
    expect(refusedWith(await clinic.slots.find(null, query({ from: at('12-25T00:00'), to: at('12-26T00:00') }))).kind).toBe(
      'CalcomUnavailable',
    );
  });
});

describe('a range of weeks', () => {
  const weeks = { from: at('11-24T00:00'), to: new Date('2027-01-23T00:00:00Z') };

  /** A desk whose Cal.com has the free starts given, and counts how it is asked. */
  function deskWith(free: readonly Date[], fails: (request: { from: number }) => boolean = () => false) {
    const asked = { calls: 0, atOnce: 0, most: 0 };
    const client: CalcomClient = {
      ...clinic.client,
      async slots(_key, request) {
        asked.calls += 1;
        asked.atOnce += 1;
        asked.most = Math.max(asked.most, asked.atOnce);
        await Promise.resolve();
        asked.atOnce -= 1;
        if (fails(request)) return fail(calcomFailure('Unreachable', 'No answer.'));
        const starts = free.map((start) => start.getTime()).filter((start) => start >= request.from && start <= request.to);
        return ok(starts.map((startsAt) => ({ startsAt, seatsRemaining: null })));
      },
    };
    const { pool, credentials, appointments, clock } = clinic;
    const config = { clinic: { name: '', timeZone: 'Europe/Amsterdam', waitAmberMinutes: 10, waitRedMinutes: 20 }, slotPatienceMs: 60_000 };
    return { desk: createSlotDesk({ pool, client, credentials, appointments, clock, config }), asked };
  }

  test('is asked for in pieces, two at once, and comes back whole and in order', async () => {
    const free = [at('11-24T09:00'), at('12-21T23:30'), at('12-22T00:00'), new Date('2027-01-22T10:00:00Z')];
    const { desk, asked } = deskWith(free);
    expect(granted(await desk.find(null, query(weeks))).slots.map((slot) => slot.startsAt)).toEqual(free);
    expect(asked).toMatchObject({ calls: 3, most: 2 });
    const { slots } = await find(weeks);
    expect(slots[0]?.localStart).toBe('2026-11-24T07:00');
    expect(slots.at(-1)?.localStart).toBe('2027-01-22T21:30');
    expect(slots).toHaveLength(60 * 30);
  });

  test('of which a part cannot be read is no answer at all', async () => {
    const { desk } = deskWith([at('11-24T09:00')], ({ from }) => from > at('12-15T00:00').getTime());
    expect(refusedWith(await desk.find(null, query(weeks))).kind).toBe('CalcomUnavailable');
  });

  test('without a free day tells the next one by one more question, when it is not too far ahead', async () => {
    const near = deskWith([at('12-30T10:00')]);
    expect(granted(await near.desk.find(null, query())).nextFreeDay).toEqual(at('12-29T23:00'));
    expect(near.asked.calls).toBe(2);
    const far = deskWith([new Date('2027-03-01T10:00:00Z')]);
    expect(granted(await far.desk.find(null, query()))).toMatchObject({ slots: [], nextFreeDay: null });
  });
});

test('the time of the appointment that is being moved counts as free', async () => {
  granted(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: video(), startsAt: at('11-26T10:00') })));
  const booked = await clinic.pool.query<{ id: string }>(`SELECT "id" FROM "Appointment" WHERE "startsAt" = $1`, [at('11-26T10:00')]);
  const rescheduling = appointmentId(booked.rows[0]?.id ?? '');
  const range = { from: at('11-26T10:00'), to: at('11-26T10:30') };
  expect((await find(range)).slots).toEqual([]);
  expect((await find({ ...range, rescheduling })).slots).toHaveLength(1);
  for (const stranger of [viewerOf(NOAH), null])
    expect(refusedWith(await clinic.slots.find(stranger, query({ ...range, rescheduling }))).kind).toBe('NotFound');
});

describe('a hold', () => {
  const range = { from: at('11-27T10:00'), to: at('11-27T10:30') };
  const hold = (who: typeof MIA, startsAt: Date) =>
    clinic.slots.hold(callerOf(who), { eventTypeId: video(), startsAt, durationMinutes: null });

  test('keeps the time for its owner and from everybody else, until it is released', async () => {
    const held = granted(await hold(MIA, at('11-27T10:00')));
    expect(held).toMatchObject({ startsAt: at('11-27T10:00'), endsAt: at('11-27T10:30'), expiresAt: new Date(Date.parse(NOW) + 300_000) });
    expect((await find({ ...range, holdId: held.id })).slots).toHaveLength(1);
    expect((await find({ ...range, holdId: held.id }, viewerOf(NOAH))).slots).toEqual([]);
    expect(refusedWith(await hold(NOAH, at('11-27T10:00')))).toMatchObject({ kind: 'SlotTaken' });
    const wish = { eventTypeId: video(), startsAt: at('11-27T10:00') };
    expect(refusedWith(await clinic.desk.book(callerOf(NOAH), bookInput(wish))).kind).toBe('SlotTaken');
    expect(refusedWith(await clinic.slots.release(callerOf(NOAH), { holdId: held.id })).kind).toBe('NotFound');
    granted(await clinic.slots.release(callerOf(MIA), { holdId: held.id }));
    expect((await find(range, viewerOf(NOAH))).slots).toHaveLength(1);
  });

  test('is used up by the booking of its owner, also upstream', async () => {
    const held = granted(await hold(MIA, at('11-27T11:00')));
    granted(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: video(), startsAt: at('11-27T11:00'), holdId: held.id })));
    const left = await clinic.pool.query(`SELECT 1 FROM "SlotHold" WHERE "id" = $1`, [held.id]);
    expect(left.rows).toEqual([]);
  });

  test('of a patient is one at a time, and ends by itself', async () => {
    granted(await hold(MIA, at('11-27T12:00')));
    granted(await hold(MIA, at('11-27T13:00')));
    expect((await hold(NOAH, at('11-27T12:00'))).ok).toBe(true);
    expect((await hold(DESK, at('11-27T13:00'))).ok).toBe(false);
    clinic.clock.advance(301_000);
    expect((await hold(DESK, at('11-27T13:00'))).ok).toBe(true);
  });

  test('is not given for a time past, a wrong length or a time that is booked', async () => {
    expect(refusedWith(await hold(MIA, at('11-20T10:00'))).kind).toBe('InvalidInput');
    const odd = await clinic.slots.hold(callerOf(MIA), { eventTypeId: video(), startsAt: at('11-27T14:00'), durationMinutes: 7 });
    expect(refusedWith(odd).kind).toBe('InvalidInput');
    granted(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: video(), startsAt: at('11-27T15:00') })));
    expect(refusedWith(await hold(NOAH, at('11-27T15:00')))).toMatchObject({ kind: 'SlotTaken' });
  });
});
