/** Bookings that are live here and gone at Cal.com: believed slowly, and never on the word of a broken listing. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GONE_AT_CALCOM } from '../../server/reconciliation/gone-booking.ts';
import { ANNA, createSweepClinic, MINUTE, type SweepClinic, uidOf } from '../support/sweep-clinic.ts';

let clinic: SweepClinic;
beforeEach(async () => {
  clinic = await createSweepClinic({ owners: [ANNA] });
});
afterEach(() => clinic.close());

const at = (hour: number, day = 24) => `2026-11-${day}T${String(hour).padStart(2, '0')}:00:00Z`;
const book = async (start: string) =>
  uidOf(await clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start }));

/** One booking of two is deleted in Cal.com's database, after both were known here. */
async function deleted(): Promise<{ gone: string; kept: string }> {
  const [gone, kept] = [await book(at(9)), await book(at(11))];
  await clinic.near();
  clinic.clock.advance(20 * MINUTE);
  await clinic.sandbox.control.silentDelete({ uid: gone });
  return { gone, kept };
}

const statusOf = async (uid: string) => (await clinic.appointment(uid))?.status;
const twice = async () => {
  const first = await clinic.near();
  clinic.clock.advance(15 * MINUTE);
  return [first, await clinic.near()] as const;
};

test('one that is missing once is suspected; missing again minutes later, it is cancelled, and the log says that a sweep did it', async () => {
  const { gone, kept } = await deleted();
  const [first, second] = await twice();
  expect(first).toMatchObject({ counts: { GHOST: 1 }, changes: 0, complete: true, failures: [] });
  expect(second).toMatchObject({ counts: { GHOST: 1 }, changes: 1 });
  const appointment = await clinic.database.prisma.appointment.findUniqueOrThrow({
    where: { calcomBookingUid: gone },
    include: { participants: true },
  });
  expect(appointment).toMatchObject({ status: 'CANCELLED', cancellationReason: GONE_AT_CALCOM });
  expect(appointment.participants).toHaveLength(1);
  const last = await clinic.database.prisma.appointmentChange.findFirst({
    where: { appointmentId: appointment.id },
    orderBy: { version: 'desc' },
  });
  expect(last).toMatchObject({ kind: 'STATUS_CHANGED', cause: 'SWEEP', changedFields: ['status', 'cancellationReason'] });
  expect(await statusOf(kept)).toBe('CONFIRMED');
  expect((await clinic.near()).counts.GHOST).toBe(0);
});

test('the second question may come from a look at what changed lately', async () => {
  const { gone } = await deleted();
  await clinic.near();
  clinic.clock.advance(5 * MINUTE);
  await clinic.recent();
  expect(await statusOf(gone)).toBe('CANCELLED');
});

test('two sweeps within the same minutes prove nothing', async () => {
  const { gone } = await deleted();
  await clinic.near();
  clinic.clock.advance(MINUTE);
  await clinic.near();
  expect(await statusOf(gone)).toBe('CONFIRMED');
});

test('a report cancels nothing, however often', async () => {
  const { gone } = await deleted();
  for (let round = 0; round < 3; round += 1) {
    expect((await clinic.near({ mode: 'REPORT' })).counts.GHOST).toBe(1);
    clinic.clock.advance(15 * MINUTE);
  }
  expect(await statusOf(gone)).toBe('CONFIRMED');
});

test('a booking that is back before the second question is a suspect no more', async () => {
  const { gone } = await deleted();
  clinic.intercept.with = null;
  await clinic.near();
  expect(await clinic.database.prisma.suspectedGhost.count()).toBe(1);
  // Restored from a backup: the row as it was.
  const known = (await clinic.database.prisma.appointmentBooking.findUniqueOrThrow({ where: { bookingUid: gone } })).bookingId;
  clinic.clock.advance(15 * MINUTE);
  clinic.intercept.with = async (url) => (url.startsWith(`/v2/bookings/${gone}`) ? restored(gone, known ?? 0) : null);
  await clinic.near();
  expect(await clinic.database.prisma.suspectedGhost.count()).toBe(0);
  expect(await statusOf(gone)).toBe('CONFIRMED');
});

/** The kept booking's answer under the other's names. */
async function restored(uid: string, id: number): Promise<Response> {
  const other = await clinic.upstream('GET', `/v2/bookings?take=1`);
  const [row] = other as unknown as Record<string, unknown>[];
  return Response.json({ status: 'success', data: { ...row, uid, id, start: at(9), end: '2026-11-24T09:20:00.000Z' } });
}

test('one that comes back after it was cancelled lives again', async () => {
  const { gone } = await deleted();
  await twice();
  expect(await statusOf(gone)).toBe('CANCELLED');
  const known = (await clinic.database.prisma.appointmentBooking.findUniqueOrThrow({ where: { bookingUid: gone } })).bookingId;
  clinic.clock.advance(15 * MINUTE);
  const answer = (await (await restored(gone, known ?? 0)).json()) as { data: Record<string, unknown> };
  clinic.intercept.with = (url) =>
    url.startsWith('/v2/bookings?')
      ? Response.json({ status: 'success', data: [answer.data], pagination: { totalItems: 1, hasNextPage: false } })
      : null;
  await clinic.recent();
  expect(await statusOf(gone)).toBe('CONFIRMED');
});

describe('nothing is concluded from', () => {
  test('a listing of which a page failed', async () => {
    const { gone } = await deleted();
    await book(at(13));
    const small = clinic.another({ pageSize: 1 });
    clinic.intercept.with = (url) =>
      url.startsWith('/v2/bookings?') && !url.includes('2026-11-22T') ? new Response('{}', { status: 404 }) : null;
    for (let round = 0; round < 3; round += 1) {
      const report = await small.sweep({ kind: 'window', span: 'near', from: new Date(at(0, 22)), to: new Date(at(0, 30)) });
      expect(report).toMatchObject({ complete: false, counts: { GHOST: 0 }, failures: [{ kind: 'NotFound' }] });
      clinic.clock.advance(15 * MINUTE);
    }
    expect(await statusOf(gone)).toBe('CONFIRMED');
  });

  test('a listing whose length changed while it was read', async () => {
    const { gone } = await deleted();
    const small = clinic.another({ pageSize: 1 });
    await book(at(13));
    await book(at(14));
    let hour = 0;
    clinic.intercept.with = async (url) => {
      // Somebody books, far ahead of the pages, between any two of them.
      if (url.startsWith('/v2/bookings?')) await book(at(8 + (hour += 1), 30));
      return null;
    };
    for (let round = 0; round < 2; round += 1) {
      const report = await small.sweep({ kind: 'window', span: 'near', from: new Date(at(0, 22)), to: new Date('2026-12-10T00:00:00Z') });
      expect(report).toMatchObject({ complete: false, counts: { GHOST: 0 } });
      clinic.clock.advance(15 * MINUTE);
    }
    expect(await statusOf(gone)).toBe('CONFIRMED');
  });

  test('a listing with a row that could not be read', async () => {
    const { gone } = await deleted();
    clinic.intercept.with = (url) =>
      url.startsWith('/v2/bookings?')
        ? Response.json({ status: 'success', data: [{ uid: 'odd' }], pagination: { totalItems: 1, hasNextPage: false } })
        : null;
    const [first, second] = await twice();
    expect([first.complete, second.complete]).toEqual([false, false]);
    expect(first.unreadable).toBe(1);
    expect(await statusOf(gone)).toBe('CONFIRMED');
  });

  test('an empty Cal.com: no booking that we know is found there', async () => {
    const { gone, kept } = await deleted();
    await clinic.sandbox.control.silentDelete({ uid: kept });
    const [, second] = await twice();
    expect(second.failures).toMatchObject([{ kind: 'OtherInstance' }]);
    expect([await statusOf(gone), await statusOf(kept)]).toEqual(['CONFIRMED', 'CONFIRMED']);
  });

  test('a Cal.com that names somebody else as the owner of the key', async () => {
    const { gone } = await deleted();
    clinic.intercept.with = (url) =>
      url.startsWith('/v2/me')
        ? Response.json({ status: 'success', data: { id: 501, username: 'anna-de-vries-2', email: 'second@example.com', timeZone: 'UTC' } })
        : null;
    const [, second] = await twice();
    expect(second.failures).toMatchObject([{ kind: 'OtherInstance' }]);
    expect(await statusOf(gone)).toBe('CONFIRMED');
  });

  test('a database that was made for another Cal.com', async () => {
    const { gone } = await deleted();
    const elsewhere = clinic.another({ sameInstance: async () => false });
    for (let round = 0; round < 2; round += 1) {
      const report = await elsewhere.sweep({ kind: 'window', span: 'near', from: new Date(at(0, 22)), to: new Date(at(0, 30)) });
      expect(report.failures).toMatchObject([{ kind: 'OtherInstance' }]);
      clinic.clock.advance(15 * MINUTE);
    }
    expect(await statusOf(gone)).toBe('CONFIRMED');
  });

  test('so many at once that a person must look, until a person says so', async () => {
    const uids: string[] = [];
    for (let hour = 7; hour < 15; hour += 1) uids.push(await book(at(hour)));
    await clinic.near();
    clinic.clock.advance(20 * MINUTE);
    for (const uid of uids.slice(1)) await clinic.sandbox.control.silentDelete({ uid });
    const [, second] = await twice();
    expect(second.failures).toMatchObject([{ kind: 'TooManyGone' }]);
    expect(second.counts.GHOST).toBe(7);
    expect(await statusOf(uids[1] ?? '')).toBe('CONFIRMED');

    await clinic.database.prisma.driftReport.create({
      data: { span: 'LISTED', mode: 'REPAIR', state: 'QUEUED', repairOfId: second.id, failures: [], expiresAt: new Date('2027-01-01') },
    });
    expect(await clinic.reconciler.runQueued()).toBe(1);
    expect(await statusOf(uids[0] ?? '')).toBe('CONFIRMED');
    expect(await Promise.all(uids.slice(1).map(statusOf))).toEqual(Array.from({ length: 7 }, () => 'CANCELLED'));
  });
});
