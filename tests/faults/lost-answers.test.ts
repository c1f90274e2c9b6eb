/**
 * Every operation of the booking desk when Cal.com's answer is lost: done and silent, done and answered 500, refused with
 * a plain 500, done while nothing can be looked up. Webhooks are lost too, so that only looking tells. Whatever happens,
 * the wish is carried out once, and the same key ends in success.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Failure } from '../../server/appointments/failure.ts';
import type { AppointmentId, UserId } from '../../server/kernel/ids.ts';
import type { Result } from '../../server/kernel/result.ts';
import {
  ANNA,
  bookInput,
  callerOf,
  createBookingClinic,
  DESK,
  FEMKE,
  freshKey,
  MIA,
  NOAH,
  NOW,
  SAMIR,
  type BookingClinic,
} from '../support/booking-clinic.ts';
import { wishes } from '../support/booking-wishes.ts';

let clinic: BookingClinic;
let ask: ReturnType<typeof wishes>;

beforeAll(async () => {
  clinic = await createBookingClinic({ limits: { writeTimeoutMs: 300, breakerThreshold: 1_000 } });
  await clinic.connect(FEMKE, 'cal_sandbox_femke_000000000000000');
  ask = wishes(clinic);
});
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  await clinic.applier.idle();
  clinic.clock.set(NOW);
});
afterAll(() => clinic.close());

/** A wish that may be repeated with its key, and whether the world is as it was meant. */
interface Wish {
  run(): Promise<Result<unknown, Failure>>;
  isSo(): Promise<boolean>;
}

/** Each wish has a day of its own. */
let days = 0;
const freshDay = () => {
  days += 1;
  return Date.UTC(2026, 11, days, 9);
};
const HOUR = 3_600_000;
/** Visits of a series fall on other wishes' days too. */
const freshAfternoon = () => freshDay() + 7 * HOUR;

const upstream = () => clinic.sandbox.control.state().bookings;
const live = (start: number) =>
  upstream().filter(
    (booking) => booking.start === new Date(start).toISOString() && (booking.status === 'accepted' || booking.status === 'pending'),
  );
const now = async (id: AppointmentId) => (await clinic.appointments.byIds({ all: true }, [id]))[0];
const video = (who: UserId = ANNA) => clinic.eventType(who, 'video-consult');
const inGroup = async (start: number) => {
  const eventTypeId = clinic.eventType(SAMIR, 'diabetes-class');
  await ask.booked(MIA, { eventTypeId, startsAt: new Date(start) });
  return ask.booked(NOAH, { eventTypeId, startsAt: new Date(start) });
};
const hasSeat = (start: number, email: string) =>
  live(start).some((booking) => booking.attendees.some((attendee) => attendee.email === email));

const OPERATIONS: Record<string, () => Promise<Wish>> = {
  book: async () => {
    const start = freshDay();
    const input = bookInput({ eventTypeId: video(), startsAt: new Date(start) });
    return { run: () => clinic.desk.book(callerOf(MIA), input), isSo: async () => live(start).length === 1 };
  },
  'book a series': async () => {
    const start = freshAfternoon();
    const input = bookInput({ eventTypeId: clinic.eventType(FEMKE, 'physio-series'), startsAt: new Date(start), recurrenceCount: 2 });
    const both = [start, start + 7 * 24 * HOUR];
    return { run: () => clinic.desk.book(callerOf(MIA), input), isSo: async () => both.every((each) => live(each).length === 1) };
  },
  'book a seat': async () => {
    const start = freshDay();
    const input = bookInput({ eventTypeId: clinic.eventType(SAMIR, 'diabetes-class'), startsAt: new Date(start) });
    return {
      run: () => clinic.desk.book(callerOf(MIA), input),
      isSo: async () => live(start)[0]?.attendees.filter((attendee) => attendee.email === 'mia@example.com').length === 1,
    };
  },
  reschedule: async () => {
    const start = freshDay();
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: new Date(start) });
    const wish = { clientMutationKey: freshKey(), startsAt: new Date(start + HOUR) };
    return {
      run: () => ask.reschedule(MIA, row.id, wish),
      isSo: async () =>
        live(start).length === 0 && live(start + HOUR).length === 1 && (await now(row.id))?.startsAt.getTime() === start + HOUR,
    };
  },
  'move a seat': async () => {
    const start = freshDay();
    const row = await inGroup(start);
    const wish = { clientMutationKey: freshKey(), startsAt: new Date(start + 3 * HOUR) };
    return {
      run: () => ask.reschedule(NOAH, row.id, wish),
      isSo: async () =>
        !hasSeat(start, 'noah@example.com') && hasSeat(start + 3 * HOUR, 'noah@example.com') && hasSeat(start, 'mia@example.com'),
    };
  },
  cancel: async () => {
    const start = freshDay();
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: new Date(start) });
    const wish = { clientMutationKey: freshKey() };
    return {
      run: () => ask.cancel(MIA, row.id, wish),
      isSo: async () => live(start).length === 0 && (await now(row.id))?.status === 'CANCELLED',
    };
  },
  'cancel the rest of a series': async () => {
    const start = freshAfternoon();
    const row = await ask.booked(MIA, {
      eventTypeId: clinic.eventType(FEMKE, 'physio-series'),
      startsAt: new Date(start),
      recurrenceCount: 2,
    });
    const wish = { clientMutationKey: freshKey(), wholeSeries: true };
    return {
      run: () => ask.cancel(MIA, row.id, wish),
      isSo: async () => {
        const series = await clinic.pool.query<{ status: string }>(
          `SELECT "status"::text AS status FROM "Appointment" WHERE "seriesId" = $1`,
          [row.seriesId],
        );
        return series.rows.length === 2 && series.rows.every((visit) => visit.status === 'CANCELLED');
      },
    };
  },
  'give up a seat': async () => {
    const start = freshDay();
    const row = await inGroup(start);
    const wish = { clientMutationKey: freshKey() };
    return {
      run: () => ask.cancel(NOAH, row.id, wish),
      isSo: async () => !hasSeat(start, 'noah@example.com') && hasSeat(start, 'mia@example.com'),
    };
  },
  confirm: async () => {
    const start = freshDay();
    const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt: new Date(start) });
    const wish = { clientMutationKey: freshKey() };
    return { run: () => ask.confirm(ANNA, row.id, wish), isSo: async () => (await now(row.id))?.status === 'CONFIRMED' };
  },
  decline: async () => {
    const start = freshDay();
    const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt: new Date(start) });
    const wish = { clientMutationKey: freshKey() };
    return {
      run: () => ask.decline(ANNA, row.id, wish),
      isSo: async () => live(start).length === 0 && (await now(row.id))?.status === 'DECLINED',
    };
  },
  'mark a no-show': async () => {
    const start = freshDay();
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: new Date(start) });
    clinic.clock.set(new Date(start + HOUR / 4));
    const wish = { clientMutationKey: freshKey() };
    return {
      run: () => ask.markNoShow(ANNA, row.id, wish),
      isSo: async () => live(start)[0]?.attendees[0]?.absent === true && (await now(row.id))?.careState === 'NO_SHOW',
    };
  },
  reassign: async () => {
    const start = freshDay();
    clinic.sandbox.control.share({ eventTypeId: video(), hostIds: [1, 2] });
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: new Date(start) });
    const wish = { clientMutationKey: freshKey(), clinicianId: SAMIR };
    return {
      run: () => ask.reassign(DESK, row.id, wish),
      isSo: async () => live(start)[0]?.hostId === 2 && (await now(row.id))?.clinician?.id === SAMIR,
    };
  },
};

const said = (result: Result<unknown, Failure>) => (result.ok ? 'done' : result.failure.kind);

/** With the same key, as a screen that says "checking" does; at most `times`. */
async function untilDone(wish: Wish, times = 3): Promise<string> {
  let answer = '';
  for (let attempt = 0; attempt < times && answer !== 'done'; attempt += 1) answer = said(await wish.run());
  return answer;
}

describe.each(Object.entries(OPERATIONS))('%s', (_name, make) => {
  /** What led there has arrived in full, its webhooks too: only the wish itself meets a fault. */
  async function prepare(): Promise<Wish> {
    const wish = await make();
    await clinic.applier.idle();
    return wish;
  }

  test('done and silent: looked up, asked once', async () => {
    const wish = await prepare();
    const before = clinic.changesAsked();
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 }, webhooks: { drop: -1 } });
    expect(said(await wish.run())).toBe('done');
    expect(await wish.isSo()).toBe(true);
    expect(clinic.changesAsked() - before).toBe(1);
    expect(said(await wish.run())).toBe('done');
    expect(clinic.changesAsked() - before).toBe(1);
  });

  test('done and answered 500: looked up, asked once', async () => {
    const wish = await prepare();
    const before = clinic.changesAsked();
    clinic.sandbox.control.setFaults({ api: { commitThenError: 1 }, webhooks: { drop: -1 } });
    expect(said(await wish.run())).toBe('done');
    expect(await wish.isSo()).toBe(true);
    expect(clinic.changesAsked() - before).toBe(1);
  });

  test('a plain 500: not known to be done, and done by the same key', async () => {
    const wish = await prepare();
    clinic.sandbox.control.setFaults({ api: { refuse: { name: 'roundRobinBusy', hits: 'writes', count: 1 } }, webhooks: { drop: -1 } });
    expect(said(await wish.run())).toBe('OutcomeUnknown');
    expect(await wish.isSo()).toBe(false);
    expect(await untilDone(wish)).toBe('done');
    expect(await wish.isSo()).toBe(true);
  });

  test('done while nothing can be read: the same key finds it later and repeats nothing', async () => {
    const wish = await prepare();
    const before = clinic.changesAsked();
    clinic.sandbox.control.setFaults({
      api: { commitThenTimeout: 1, refuse: { name: 'roundRobinBusy', hits: 'reads', count: -1 } },
      webhooks: { drop: -1 },
    });
    expect(['OutcomeUnknown', 'CalcomUnavailable']).toContain(said(await wish.run()));
    clinic.sandbox.control.setFaults({ api: { refuse: null } });
    expect(await untilDone(wish)).toBe('done');
    expect(await wish.isSo()).toBe(true);
    expect(clinic.changesAsked() - before).toBe(1);
  });
});
