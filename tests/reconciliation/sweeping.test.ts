/** How a sweep goes about it: page by page, again where it was, one at a time, within the budget, beside live webhooks. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { observationFromApi } from '../../server/calcom/rest-booking.ts';
import { booking as upstreamBooking } from '../../server/calcom/rest-contract.ts';
import { proofHealth, provenEqual, sweepNotes, untoldOwners } from '../../server/reconciliation/proven-equal.ts';
import { fullWindow, nearWindow } from '../../server/reconciliation/sweep.ts';
import { ANNA, createSweepClinic, MINUTE, SAMIR, type SweepClinic, type SweepClinicOptions, uidOf } from '../support/sweep-clinic.ts';

const FULL = process.env.FULL === 'true';

let clinic: SweepClinic;
async function open(options: SweepClinicOptions = {}): Promise<void> {
  await clinic?.close();
  clinic = await createSweepClinic({ owners: [ANNA], ...options });
}
beforeEach(async () => {
  clinic = await createSweepClinic({ owners: [ANNA] });
});
afterEach(() => clinic.close());

const fill = (count: number, everyMinutes = 60) => clinic.sandbox.control.bulk({ count, hostUsername: 'anna-de-vries', everyMinutes });
const known = () => clinic.database.prisma.appointment.count();
const pagesAsked = () => clinic.asked.filter((call) => call.startsWith('GET /v2/bookings?')).length;

test('many bookings at the very same time, more than a page holds, are all seen once', async () => {
  await clinic.sandbox.control.bulk({ count: 3, hostUsername: 'anna-de-vries', from: '2026-11-24T08:00:00Z' });
  for (let n = 0; n < 7; n += 1)
    await clinic.sandbox.control.bulk({ count: 1, hostUsername: 'anna-de-vries', from: '2026-11-24T12:00:00Z' });
  await clinic.sandbox.control.bulk({ count: 3, hostUsername: 'anna-de-vries', from: '2026-11-25T08:00:00Z' });
  const report = await clinic.another({ pageSize: 3 }).sweep(nearWindow(clinic.clock.now()));
  expect(report).toMatchObject({ seen: 13, complete: true, counts: { MISSING: 13 } });
  expect(await known()).toBe(13);
});

test('bookings updated a millisecond apart are seen once, and the listing counts as whole', async () => {
  await fill(20);
  expect(await clinic.another({ pageSize: 4 }).sweep({ kind: 'recent' })).toMatchObject({ seen: 20, complete: true });
});

test('what is booked and cancelled while pages are turned hides nothing', async () => {
  await fill(30);
  let turned = 0;
  clinic.intercept.with = async (url) => {
    if (!url.startsWith('/v2/bookings?')) return null;
    turned += 1;
    // In front of the pages still to come: offsets would shift.
    await clinic.sandbox.control.bulk({ count: 1, hostUsername: 'anna-de-vries', from: '2026-11-23T10:00:00Z' });
    return null;
  };
  await clinic.another({ pageSize: 5 }).sweep(nearWindow(clinic.clock.now()));
  clinic.intercept.with = null;
  expect(turned).toBeGreaterThan(5);
  expect((await clinic.near()).counts.MISSING).toBe(turned - 1);
});

test('a sweep that was broken off goes on from its page, and the report says so', async () => {
  await fill(20);
  const first = clinic.another({ pageSize: 4 });
  clinic.intercept.with = (url) => {
    if (url.startsWith('/v2/bookings?') && pagesAsked() === 4) void first.stop();
    return null;
  };
  const broken = await first.sweep(nearWindow(clinic.clock.now()));
  expect(broken).toMatchObject({ complete: false, failures: [{ kind: 'Interrupted' }] });
  expect(await clinic.database.prisma.driftReport.findUnique({ where: { id: broken.id ?? '' } })).toMatchObject({
    state: 'INTERRUPTED',
    complete: false,
  });
  expect(await known()).toBe(13);

  clinic.intercept.with = null;
  clinic.asked.length = 0;
  const report = await clinic.another({ pageSize: 4 }).sweep(nearWindow(clinic.clock.now()));
  expect(report).toMatchObject({ complete: true, seen: 7, counts: { MISSING: 7 } });
  expect(pagesAsked()).toBe(3);
  expect(await known()).toBe(20);
});

test('two sweeps of one clinician never run at once; those of two clinicians may', async () => {
  await open({ owners: [ANNA, SAMIR] });
  await fill(4);
  const others: ReturnType<SweepClinic['near']>[] = [];
  clinic.intercept.with = async (url) => {
    if (url.startsWith('/v2/bookings?') && others.length === 0) {
      others.push(clinic.another().sweep(nearWindow(clinic.clock.now())));
      await others[0];
    }
    return null;
  };
  const report = await clinic.near();
  expect(await others[0]).toMatchObject({ owners: 1, busy: 1, complete: false });
  expect(report).toMatchObject({ owners: 2, busy: 0, complete: true });
});

test('what a person asks for waits for the sweep that is running', async () => {
  await fill(2);
  const opened = Promise.withResolvers<null>();
  const reached = Promise.withResolvers<null>();
  clinic.intercept.with = async (url) => {
    if (!url.startsWith('/v2/bookings?')) return null;
    reached.resolve(null);
    return await opened.promise;
  };
  const running = clinic.near();
  await reached.promise;
  clinic.intercept.with = null;
  let waited = 0;
  const asking = clinic.another({
    pause: async () => {
      waited += 1;
      opened.resolve(null);
      await running;
    },
  });
  const asked = await asking.sweep(nearWindow(clinic.clock.now()), { mode: 'REPORT', waits: true });
  expect(waited).toBe(1);
  expect(asked).toMatchObject({ owners: 1, busy: 0, complete: true, differing: 0 });
  expect((await running).counts.MISSING).toBe(2);
});

test('a webhook that arrives while its page is on the way is not undone by the page', async () => {
  const uid = uidOf(
    await clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start: '2026-11-24T09:00:00Z' }),
  );
  await clinic.near();
  clinic.clock.advance(20 * MINUTE);
  clinic.intercept.with = async (url) => {
    if (!url.startsWith('/v2/bookings?')) return null;
    clinic.intercept.with = null;
    // The page as it is now …
    const page = await clinic.sandbox.request('GET', url, {
      headers: { 'cal-api-version': '2024-08-13', authorization: 'Bearer cal_sandbox_anna_0000000000000000' },
    });
    // … and before it arrives the patient cancels, and that is recorded.
    clinic.clock.advance(1_000);
    await clinic.upstream('POST', `/v2/bookings/${uid}/cancel`, { cancellationReason: 'ill' });
    const now = upstreamBooking.parse(await clinic.upstream('GET', `/v2/bookings/${uid}`));
    await clinic.recorder.record([observationFromApi(now, clinic.clock.now().getTime())], { cause: 'WEBHOOK' });
    return Response.json(page.body);
  };
  await clinic.near();
  expect((await clinic.appointment(uid))?.status).toBe('CANCELLED');
});

test(`a sweep of ${FULL ? '10 000' : '600'} bookings waits for the rate limit, leaves people their half, and keeps nothing but its position`, {
  timeout: FULL ? 900_000 : 90_000,
}, async () => {
  const count = FULL ? 10_000 : 600;
  const pageSize = FULL ? 100 : 6;
  await open({ sandbox: { rateLimit: true } });
  await fill(count, FULL ? 50 : 30);
  let refused = 0;
  let blocked = 0;
  clinic.intercept.after = ({ status }) => {
    if (status === 429) blocked += 1;
  };
  let slowest = 0;
  let kept = 0;
  const sweeper = clinic.another({
    pageSize,
    pause: async (ms) => {
      // While it waits, somebody asks for something that a person sees.
      const answer = await clinic.client.me({ ownerId: ANNA, bearer: 'cal_sandbox_anna_0000000000000000' });
      if (!answer.ok) refused += 1;
      slowest = Math.max(slowest, ms);
      const size = await clinic.database.pool.query<{ bytes: number }>(
        `SELECT COALESCE(max(length("value"::text)), 0) AS bytes FROM "JobCheckpoint" WHERE "name" LIKE 'sweep:%'`,
      );
      kept = Math.max(kept, size.rows[0]?.bytes ?? 0);
      clinic.clock.advance(ms);
    },
  });
  const progress: number[] = [];
  const report = await sweeper.sweep(fullWindow(clinic.clock.now()), {
    onProgress: ({ seen }) => progress.push(seen),
  });
  expect(report).toMatchObject({ complete: true, seen: count, counts: { MISSING: count }, failures: [] });
  expect(await known()).toBe(count);
  expect(slowest).toBeGreaterThan(0);
  expect(refused).toBe(0);
  // Cal.com itself never had to say no: whoever is blocked once is blocked for a minute.
  expect(blocked).toBe(0);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(1_000);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(count);

  // And once more: nothing differs, nothing is read twice.
  const before = clinic.asked.length;
  expect(await sweeper.sweep(fullWindow(clinic.clock.now()))).toMatchObject({ complete: true, differing: 0, changes: 0 });
  expect(clinic.asked.length - before).toBeLessThan(count / pageSize + 30);
});

test('since when all is proven equal: the start of the last window that left nothing different', async () => {
  const { pool } = clinic.database;
  await fill(2);
  expect(await provenEqual(pool, [ANNA])).toEqual([{ ownerId: ANNA, provenAt: null, suspectedGhosts: 0 }]);
  expect((await clinic.near({ mode: 'REPORT' })).counts.MISSING).toBe(2);
  await clinic.recent();
  expect((await provenEqual(pool, [ANNA]))[0]?.provenAt).toBeNull();
  const proven = clinic.clock.now();
  await clinic.near();
  clinic.clock.advance(30 * MINUTE);
  expect((await provenEqual(pool, [ANNA]))[0]?.provenAt).toEqual(proven);

  const since = (ms: number) => new Date(clinic.clock.now().getTime() - ms);
  const health = { clinicians: 1, neverProven: 0, secondsSinceProvenEqual: 1_800, overdue: 0 };
  expect(await proofHealth(pool, [ANNA], since(3 * 60 * MINUTE), clinic.clock.now())).toEqual(health);
  clinic.clock.advance(16 * MINUTE);
  expect(await proofHealth(pool, [ANNA], since(3 * 60 * MINUTE), clinic.clock.now())).toEqual({
    ...health,
    secondsSinceProvenEqual: 2_760,
    overdue: 1,
  });
  // A gateway that has just begun could not have proven anything yet.
  expect(await proofHealth(pool, [ANNA], since(MINUTE), clinic.clock.now())).toMatchObject({ overdue: 0 });

  await clinic.sandbox.control.silentDelete();
  await clinic.near();
  expect(await provenEqual(pool, [ANNA])).toEqual([{ ownerId: ANNA, provenAt: proven, suspectedGhosts: 1 }]);
});

test('changes that no webhook told are noted; those that one told are not', async () => {
  const { pool } = clinic.database;
  const book = async (hour: number) =>
    uidOf(
      await clinic.sandbox.control.book({
        hostUsername: 'anna-de-vries',
        eventTypeSlug: 'video-consult',
        start: `2026-11-24T${hour}:00:00Z`,
      }),
    );
  await book(10);
  // The very first look says nothing about webhooks: there were none to expect.
  await clinic.recent();
  expect(await sweepNotes(pool)).toEqual([]);

  clinic.clock.advance(20 * MINUTE);
  const told = await book(11);
  await book(12);
  await clinic.database.prisma.calcomWebhookEvent.create({
    data: {
      bodySha256: 'x',
      bodyLength: 1,
      triggerEvent: 'BOOKING_CREATED',
      bookingUid: told,
      hostCalcomId: 1,
      createdAt: clinic.clock.now(),
    },
  });
  clinic.clock.advance(5 * MINUTE);
  const at = clinic.clock.now();
  await clinic.recent();
  expect(await sweepNotes(pool)).toEqual([{ ownerId: ANNA, at, found: 2, untold: 1 }]);
  expect((await untoldOwners(pool)).map((note) => note.ownerId)).toEqual([ANNA]);

  // A webhook for this host has come since: the registration works.
  await clinic.database.prisma.calcomWebhookEvent.create({
    data: {
      bodySha256: 'y',
      bodyLength: 1,
      triggerEvent: 'BOOKING_CREATED',
      bookingUid: 'z',
      hostCalcomId: 1,
      createdAt: new Date(at.getTime() + 1),
    },
  });
  expect(await untoldOwners(pool)).toEqual([]);
});

test('a report whose process was killed does not say for ever that it is running', async () => {
  const left = await clinic.database.prisma.driftReport.create({
    data: { span: 'NEAR', mode: 'REPAIR', state: 'RUNNING', failures: [], expiresAt: new Date('2027-01-01') },
  });
  await clinic.near();
  expect(await clinic.database.prisma.driftReport.findUnique({ where: { id: left.id } })).toMatchObject({ state: 'INTERRUPTED' });
});
