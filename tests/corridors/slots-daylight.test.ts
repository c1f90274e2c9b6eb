/**
 * Free times on the days when clocks change, in the clinic's zone and in the patient's. The transitions are past ones
 * (tzdata keeps those), so the clinic's clock stands in January 2026.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANNA, bookInput, type BookingClinic, callerOf, createBookingClinic, granted, MIA, viewerOf } from '../support/booking-clinic.ts';
import type { Slot } from '../../server/slots/slot.ts';

interface Day {
  zone: string;
  /** The first instant of the day and of the next one. */
  from: string;
  to: string;
  hours: number;
  /** Wall clock times that the day does not have, and those it has twice; half open. */
  skipped?: [string, string];
  repeated?: [string, string];
}

const DAYS: Day[] = [
  { zone: 'Europe/Amsterdam', from: '2026-03-28T23:00Z', to: '2026-03-29T22:00Z', hours: 23, skipped: ['02:00', '03:00'] },
  { zone: 'Europe/Amsterdam', from: '2026-10-24T22:00Z', to: '2026-10-25T23:00Z', hours: 25, repeated: ['02:00', '03:00'] },
  { zone: 'America/New_York', from: '2026-03-08T05:00Z', to: '2026-03-09T04:00Z', hours: 23, skipped: ['02:00', '03:00'] },
  { zone: 'America/New_York', from: '2026-11-01T04:00Z', to: '2026-11-02T05:00Z', hours: 25, repeated: ['01:00', '02:00'] },
  // Half an hour, and the other way round than in the north.
  { zone: 'Australia/Lord_Howe', from: '2026-04-04T13:00Z', to: '2026-04-05T13:30Z', hours: 24.5, repeated: ['01:30', '02:00'] },
  { zone: 'Australia/Lord_Howe', from: '2026-10-03T13:30Z', to: '2026-10-04T13:00Z', hours: 23.5, skipped: ['02:00', '02:30'] },
  // Winter time for the month of Ramadan.
  { zone: 'Africa/Casablanca', from: '2026-02-14T23:00Z', to: '2026-02-16T00:00Z', hours: 25, repeated: ['02:00', '03:00'] },
  { zone: 'Africa/Casablanca', from: '2026-03-22T00:00Z', to: '2026-03-22T23:00Z', hours: 23, skipped: ['02:00', '03:00'] },
  // At midnight: one day ends with an hour twice, another one begins at one o'clock.
  { zone: 'America/Santiago', from: '2026-04-04T03:00Z', to: '2026-04-05T04:00Z', hours: 25, repeated: ['23:00', '24:00'] },
  { zone: 'America/Santiago', from: '2026-09-06T04:00Z', to: '2026-09-07T03:00Z', hours: 23, skipped: ['00:00', '01:00'] },
  // No transition: half an hour beside the others, and a summer time that was abolished (it would begin and end on these days).
  { zone: 'Asia/Kolkata', from: '2026-03-28T18:30Z', to: '2026-03-29T18:30Z', hours: 24 },
  { zone: 'America/Sao_Paulo', from: '2026-02-22T03:00Z', to: '2026-02-23T03:00Z', hours: 24 },
  { zone: 'America/Sao_Paulo', from: '2026-11-01T03:00Z', to: '2026-11-02T03:00Z', hours: 24 },
];
const ZONES = [...new Set(DAYS.map((day) => day.zone))];
const JANUARY = '2026-01-15T12:00:00Z';
const HALF_HOUR = 1_800_000;

/** By another way than the gateway's: `2026-03-29T09:00`. */
function wallClock(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return format.format(at).replace(' ', 'T');
}

const timesOf = (slots: readonly Slot[]) => slots.map((slot) => slot.localStart.slice(11));
const within = (time: string, range: [string, string] | undefined) => range !== undefined && range[0] <= time && time < range[1];

describe.each(ZONES)('a clinic in %s that is open day and night', (clinicZone) => {
  let clinic: BookingClinic;
  beforeAll(async () => {
    clinic = await createBookingClinic({ hours: { timeZone: clinicZone, startTime: '00:00', endTime: '24:00' } });
    clinic.clock.set(JANUARY);
  });
  afterAll(() => clinic.close());

  async function slotsOf({ from, to }: Pick<Day, 'from' | 'to'>, timeZone: string): Promise<Slot[]> {
    const found = await clinic.slots.find(viewerOf(MIA), {
      eventTypeId: clinic.eventType(ANNA, 'video-consult'),
      from: new Date(from),
      to: new Date(to),
      timeZone,
      durationMinutes: null,
      rescheduling: null,
      holdId: null,
    });
    return granted(found).slots;
  }

  test.each(DAYS)('offers a patient in $zone every half hour of the $hours hours from $from, each with its wall clock', async (day) => {
    const slots = await slotsOf(day, day.zone);
    const first = Date.parse(day.from);
    expect(slots.map((slot) => slot.startsAt.getTime())).toEqual(
      Array.from({ length: day.hours * 2 }, (_, index) => first + index * HALF_HOUR),
    );
    for (const slot of slots) expect(slot.localStart).toBe(wallClock(slot.startsAt, day.zone));
    expect(new Set(slots.map((slot) => slot.localStart.slice(0, 10))).size).toBe(1);

    const times = timesOf(slots);
    expect(times.filter((time) => within(time, day.skipped))).toEqual([]);
    const twice = times.filter((time, index) => times.indexOf(time) !== index);
    expect(twice).toEqual([...new Set(times.filter((time) => within(time, day.repeated)))]);
    expect(twice.length > 0).toBe(day.repeated !== undefined);
  });

  test.each(DAYS.filter((day) => day.zone === clinicZone))('shows a patient in Kolkata the same instants from $from', async (day) => {
    const [there, here] = [await slotsOf(day, 'Asia/Kolkata'), await slotsOf(day, clinicZone)];
    expect(there.map((slot) => slot.startsAt)).toEqual(here.map((slot) => slot.startsAt));
    expect(new Set(there.map((slot) => slot.localStart)).size).toBe(there.length);
    for (const slot of there) expect(slot.localStart).toBe(wallClock(slot.startsAt, 'Asia/Kolkata'));
  });

  test.each(DAYS.filter((day) => day.zone === clinicZone && day.repeated !== undefined))(
    'of the time that $from has twice books the second one and leaves the first',
    async (day) => {
      const twice = (await slotsOf(day, day.zone)).filter((slot) => within(slot.localStart.slice(11), day.repeated));
      const time = twice[0]?.localStart;
      const [early, late] = twice.filter((slot) => slot.localStart === time);
      if (early === undefined || late === undefined) throw new Error('The hour is not there twice.');
      const wish = { eventTypeId: clinic.eventType(ANNA, 'video-consult'), startsAt: late.startsAt, timeZone: day.zone };
      granted(await clinic.desk.book(callerOf(MIA), bookInput(wish)));
      const left = (await slotsOf(day, day.zone)).filter((slot) => slot.localStart === time);
      expect(left.map((slot) => slot.startsAt)).toEqual([early.startsAt]);
    },
  );
});

test('the next free day begins at one where midnight is skipped', async () => {
  const clinic = await createBookingClinic({ hours: { timeZone: 'America/Santiago', startTime: '00:00', endTime: '24:00' } });
  clinic.clock.set(JANUARY);
  const found = await clinic.slots.find(null, {
    eventTypeId: clinic.eventType(ANNA, 'video-consult'),
    from: new Date('2026-09-06T03:31Z'),
    to: new Date('2026-09-06T03:59Z'),
    timeZone: 'America/Santiago',
    durationMinutes: null,
    rescheduling: null,
    holdId: null,
  });
  expect(granted(found)).toMatchObject({ slots: [], nextFreeDay: new Date('2026-09-06T04:00Z') });
  await clinic.close();
});
