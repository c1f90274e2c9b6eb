/** A time is claimed for one wish while Cal.com is asked, whoever makes the other one: another person, or the same desk twice. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  ANNA,
  bookInput,
  callerOf,
  createBookingClinic,
  DESK,
  granted,
  MIA,
  NOAH,
  refusedWith,
  type BookingClinic,
} from '../../tests/support/booking-clinic.ts';

let clinic: BookingClinic;

beforeAll(async () => {
  clinic = await createBookingClinic({ limits: { writeTimeoutMs: 300, breakerThreshold: 1_000 } });
});
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  await clinic.applier.idle();
});
afterAll(() => clinic.close());

const at = (text: string) => new Date(`2026-${text}:00Z`);
const live = (start: Date) =>
  clinic.sandbox.control
    .state()
    .bookings.filter((booking) => booking.start === start.toISOString() && ['accepted', 'pending'].includes(booking.status));
/** The write is done, and neither answer, webhook nor look-up tells. */
const unanswered = () =>
  clinic.sandbox.control.setFaults({
    api: { commitThenTimeout: 1, refuse: { name: 'roundRobinBusy', hits: 'reads', count: -1 } },
    webhooks: { drop: -1 },
  });

test('two colleagues share a desk: while a wish is on its way, the other gets the time no more than a stranger, although Cal.com would take both', async () => {
  const wish = { eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt: at('11-24T11:00') };
  const first = bookInput({ ...wish, patientId: MIA });
  unanswered();
  expect(refusedWith(await clinic.desk.book(callerOf(DESK), first)).kind).toBe('OutcomeUnknown');
  await clinic.sandbox.control.clearFaults();
  clinic.sandbox.control.setFaults({ webhooks: { drop: -1 } });
  expect(refusedWith(await clinic.desk.book(callerOf(DESK), bookInput({ ...wish, patientId: NOAH }))).kind).toBe('SlotTaken');
  expect(refusedWith(await clinic.slots.hold(callerOf(DESK), { ...wish, durationMinutes: null })).kind).toBe('SlotTaken');
  granted(await clinic.desk.book(callerOf(DESK), first));
  expect(live(wish.startsAt)).toHaveLength(1);
});

test('one hold carries one wish, and is not given up while it does', async () => {
  const wish = { eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt: at('11-25T09:00') };
  const { id: holdId } = granted(await clinic.slots.hold(callerOf(DESK), { ...wish, durationMinutes: null }));
  const first = bookInput({ ...wish, patientId: MIA, holdId });
  unanswered();
  expect(refusedWith(await clinic.desk.book(callerOf(DESK), first)).kind).toBe('OutcomeUnknown');
  await clinic.sandbox.control.clearFaults();
  granted(await clinic.slots.release(callerOf(DESK), { holdId }));
  const second = bookInput({ ...wish, patientId: NOAH, holdId });
  expect(refusedWith(await clinic.desk.book(callerOf(DESK), second)).kind).toBe('SlotTaken');
  expect(granted(await clinic.desk.book(callerOf(DESK), first)).appointments).toHaveLength(1);
  expect(live(wish.startsAt)).toHaveLength(1);
});

test('a hold of the usual length does not do for a longer visit: the whole of it is claimed', async () => {
  const eventTypeId = clinic.eventType(ANNA, 'flexible');
  const startsAt = at('11-25T12:00');
  clinic.sandbox.control.setFaults({ api: { missing: ['reservations'] } });
  const { id: holdId } = granted(await clinic.slots.hold(callerOf(MIA), { eventTypeId, startsAt, durationMinutes: 30 }));
  unanswered();
  const long = bookInput({ eventTypeId, startsAt, durationMinutes: 60, holdId });
  expect(refusedWith(await clinic.desk.book(callerOf(MIA), long)).kind).toBe('OutcomeUnknown');
  await clinic.sandbox.control.clearFaults();
  const asked = clinic.changesAsked();
  const half = bookInput({ eventTypeId, startsAt: at('11-25T12:30'), durationMinutes: 30 });
  expect(refusedWith(await clinic.desk.book(callerOf(NOAH), half)).kind).toBe('SlotTaken');
  // The gateway knew it by itself: Cal.com, asked at the same moment, would have taken both.
  expect(clinic.changesAsked()).toBe(asked);
});
