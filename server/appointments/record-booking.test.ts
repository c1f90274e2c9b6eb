import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import { manualClock } from '../kernel/clock.ts';
import { bookingUid, type UserId } from '../kernel/ids.ts';
import { createBookingRecorder, type BookingRecorder } from './record-booking.ts';
import { createCareRecorder } from './record-care.ts';

let database: TestDatabase;
let recorder: BookingRecorder;
let rings = 0;
const clock = manualClock('2026-12-07T08:00:00Z');
const T = Date.parse('2026-12-07T09:00:00Z');
const MINUTE = 60_000;

beforeAll(async () => {
  database = await createTestDatabase();
  recorder = createBookingRecorder({ pool: database.pool, clock, clinicTimeZone: 'Europe/Amsterdam', ring: () => void (rings += 1) });
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.pool.query(
    `TRUNCATE "Appointment","AppointmentBooking","AppointmentAlias","AppointmentParticipant","AppointmentHost","AppointmentChange","User" CASCADE`,
  );
  await database.prisma.user.create({ data: { role: 'CLINICIAN', email: 'olga@example.com', name: 'Olga Host', calcomUserId: 1 } });
  rings = 0;
});

function seen(uid: string, over: Partial<BookingObservation> = {}): BookingObservation {
  return {
    source: 'WEBHOOK',
    uid: bookingUid(uid),
    observedAt: T,
    upstreamAt: T,
    bookingId: uid.codePointAt(0) ?? 0,
    status: 'CONFIRMED',
    startsAt: T,
    endsAt: T + 30 * MINUTE,
    eventTypeId: 1,
    title: 'Intro call',
    hosts: [{ calcomUserId: 1, name: 'Olga Host', email: 'olga@example.com', timeZone: 'Europe/Amsterdam' }],
    attendees: [{ seatUid: null, name: 'Ann Guest', email: 'ann@example.com', phone: null, timeZone: 'America/New_York', locale: 'en' }],
    ...over,
  };
}

const moved = (from: string, to: string, at: number): BookingObservation[] => [
  seen(to, { upstreamAt: at, observedAt: at, startsAt: T + 60 * MINUTE, endsAt: T + 90 * MINUTE, rescheduledFromUid: bookingUid(from) }),
  { source: 'WEBHOOK', uid: bookingUid(from), observedAt: at, upstreamAt: at, status: 'MOVED', rescheduledToUid: bookingUid(to) },
];

async function appointments() {
  return database.prisma.appointment.findMany({ orderBy: { createdAt: 'asc' }, include: { participants: true, aliases: true } });
}

async function log() {
  const result = await database.pool.query<{ kind: string; version: number }>(
    `SELECT "kind"::text AS kind, "version" FROM "AppointmentChange" ORDER BY xid, "id"`,
  );
  return result.rows.map((row) => `${row.kind} ${row.version}`);
}

describe('recording a booking', () => {
  test('a first sight creates one appointment, one change, and rings', async () => {
    const result = await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    expect(result).toMatchObject({ changes: 1, refetch: [], waitingForHost: false });
    const [appointment] = await appointments();
    expect(appointment).toMatchObject({
      status: 'CONFIRMED',
      careState: 'EXPECTED',
      version: 1,
      calcomBookingUid: 'A',
      consultationType: 'VIDEO',
    });
    expect(appointment?.participants).toHaveLength(1);
    expect(await log()).toEqual(['CREATED 1']);
    expect(rings).toBe(1);
  });

  test('the same again changes nothing', async () => {
    await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    const again = await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    expect(again.changes).toBe(0);
    expect(await log()).toEqual(['CREATED 1']);
  });

  test('a reschedule keeps the appointment and remembers the old uid', async () => {
    await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    await recorder.record(moved('A', 'B', T + 1000), { cause: 'WEBHOOK' });
    const all = await appointments();
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ calcomBookingUid: 'B', version: 2 });
    expect(await log()).toEqual(['CREATED 1', 'RESCHEDULED 2']);
    expect(
      await database.prisma.appointmentBooking.findMany({
        select: { bookingUid: true, appointmentId: true },
        orderBy: { bookingUid: 'asc' },
      }),
    ).toEqual([
      { bookingUid: 'A', appointmentId: all[0]?.id },
      { bookingUid: 'B', appointmentId: all[0]?.id },
    ]);
  });

  test('a reschedule that overtakes its creation leaves one appointment', async () => {
    await recorder.record(moved('A', 'B', T + 1000), { cause: 'WEBHOOK' });
    const late = await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    expect(late.changes).toBe(0);
    expect(late.refetch).toEqual(['A']);
    expect(await appointments()).toHaveLength(1);
    expect(await log()).toEqual(['CREATED 1']);
  });

  test('two rows that turn out to be one chain are joined: the older wins, the other becomes an alias', async () => {
    await recorder.record([seen('C', { rescheduledFromUid: bookingUid('B'), upstreamAt: T + 2000 })], { cause: 'WEBHOOK' });
    clock.advance(5);
    await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    const [first, second] = await appointments();
    await recorder.record(moved('A', 'B', T + 1000), { cause: 'WEBHOOK' });
    const all = await appointments();
    expect(all.map((row) => row.id)).toEqual([first?.id]);
    expect(all[0]?.calcomBookingUid).toBe('C');
    expect(all[0]?.aliases.map((alias) => alias.id)).toEqual([second?.id]);
    expect((await log()).filter((entry) => entry.startsWith('MERGED'))).toHaveLength(1);
  });

  test('of a fork, the booking that the old one names is the heir, and the other stands by itself, marked', async () => {
    await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    await recorder.record(moved('A', 'B', T + 1000), { cause: 'WEBHOOK' });
    const fork = await recorder.record(moved('A', 'C', T + 1001), { cause: 'WEBHOOK' });
    expect(fork.refetch).toContain('A');
    expect((await appointments()).map((row) => [row.calcomBookingUid, row.hasConflict])).toEqual([
      ['B', true],
      ['C', true],
    ]);
    const answer = {
      ...seen('A', { source: 'API', status: 'MOVED', upstreamAt: T + 1002, observedAt: T + 5000 }),
      rescheduledToUid: bookingUid('C'),
    };
    await recorder.record([answer], { cause: 'SWEEP' });
    const rows = await database.prisma.appointmentBooking.findMany({ orderBy: { bookingUid: 'asc' } });
    expect(rows.map((row) => row.bookingUid)).toEqual(['A', 'B', 'C']);
    expect(rows[0]?.appointmentId).toBe(rows[2]?.appointmentId);
    expect(rows[1]?.appointmentId).not.toBe(rows[0]?.appointmentId);
    expect(await appointments()).toHaveLength(2);
  });

  test('a late creation does not revive a cancelled booking; it asks for the truth', async () => {
    await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    await recorder.record([seen('A', { status: 'CANCELLED', upstreamAt: T + 1000, cancellationReason: 'ill' })], { cause: 'WEBHOOK' });
    const late = await recorder.record([seen('A', { upstreamAt: T + 2000 })], { cause: 'WEBHOOK' });
    expect(late).toMatchObject({ changes: 0, refetch: ['A'] });
    expect((await appointments())[0]).toMatchObject({ status: 'CANCELLED', cancellationReason: 'ill' });
  });

  test('a cancellation is told before it is written: an answer that still shows the live booking does not take it back', async () => {
    await recorder.record([seen('A', { source: 'API', upstreamAt: T - 5000, observedAt: T - 4000 })], { cause: 'SWEEP' });
    await recorder.record([seen('A', { status: 'CANCELLED', upstreamAt: T, observedAt: T })], { cause: 'WEBHOOK' });
    const early = await recorder.record([seen('A', { source: 'API', upstreamAt: T - 5000, observedAt: T + 20 })], { cause: 'SWEEP' });
    expect(early).toMatchObject({ changes: 0, refetch: ['A'] });
    // A minute later it is the truth: the cancellation failed after it was told.
    await recorder.record([seen('A', { source: 'API', upstreamAt: T - 5000, observedAt: T + 90_000 })], { cause: 'SWEEP' });
    expect((await appointments())[0]?.status).toBe('CONFIRMED');
  });

  test('an older API answer is ignored, a newer one wins', async () => {
    await recorder.record([seen('A', { source: 'API', upstreamAt: T + 2000, title: 'new' })], { cause: 'SWEEP' });
    await recorder.record([seen('A', { source: 'API', upstreamAt: T + 1000, title: 'old', observedAt: T + 9000 })], { cause: 'SWEEP' });
    expect((await appointments())[0]?.title).toBe('new');
  });

  test('a booking of a host that nobody knows stores nothing and says so', async () => {
    const host = { calcomUserId: 99, name: 'Else', email: 'else@example.com', timeZone: 'UTC' };
    const result = await recorder.record([seen('A', { hosts: [host] })], { cause: 'WEBHOOK' });
    expect(result.waitingForHost).toBe(true);
    expect(await database.prisma.appointmentBooking.count()).toBe(0);
  });

  test('overlapping appointments of one clinician are both marked, and unmarked when one goes', async () => {
    await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    await recorder.record([seen('B', { startsAt: T + 15 * MINUTE, endsAt: T + 45 * MINUTE })], { cause: 'WEBHOOK' });
    expect((await appointments()).map((row) => row.hasConflict)).toEqual([true, true]);
    await recorder.record([seen('B', { status: 'CANCELLED', upstreamAt: T + 1000 })], { cause: 'WEBHOOK' });
    expect((await appointments()).map((row) => row.hasConflict)).toEqual([false, false]);
    expect(await log()).toEqual(['CREATED 1', 'UPDATED 2', 'CREATED 1', 'UPDATED 3', 'STATUS_CHANGED 2']);
  });

  test('a seat that moves alone takes its participant along', async () => {
    const seat = (uid: string, name: string) => ({
      seatUid: uid,
      name,
      email: null,
      phone: null,
      timeZone: 'UTC',
      locale: null,
      absent: false,
    });
    const group = { source: 'API', seated: true } as const;
    await recorder.record([seen('A', { ...group, attendees: [seat('s1', 'One'), seat('s2', 'Two')] })], { cause: 'SWEEP' });
    await recorder.record([seen('B', { ...group, startsAt: T + 60 * MINUTE, endsAt: T + 90 * MINUTE, attendees: [seat('s2', 'Two')] })], {
      cause: 'SWEEP',
    });
    const byUid = new Map(
      (await appointments()).map((row) => [row.calcomBookingUid, row.participants.map((p) => `${p.name} ${p.state}`).sort()]),
    );
    expect(byUid.get('A')).toEqual(['One ACTIVE', 'Two MOVED']);
    expect(byUid.get('B')).toEqual(['Two ACTIVE']);
    const again = await recorder.record(
      [seen('B', { ...group, observedAt: T + 1, startsAt: T + 60 * MINUTE, endsAt: T + 90 * MINUTE, attendees: [seat('s2', 'Two')] })],
      { cause: 'SWEEP' },
    );
    expect(again.changes).toBe(0);
  });

  test('one recording may tell of both groups of a seat that moved, in either order', async () => {
    const seat = (uid: string, name: string) => ({
      seatUid: uid,
      name,
      email: null,
      phone: null,
      timeZone: 'UTC',
      locale: null,
      absent: false,
    });
    const group = { source: 'API', seated: true } as const;
    await recorder.record([seen('A', { ...group, attendees: [seat('s1', 'One'), seat('s2', 'Two')] })], { cause: 'SWEEP' });
    const left = seen('A', { ...group, observedAt: T + 1, attendees: [seat('s1', 'One')] });
    const joined = seen('B', { ...group, startsAt: T + 60 * MINUTE, endsAt: T + 90 * MINUTE, attendees: [seat('s2', 'Two')] });
    await recorder.record([joined, left], { cause: 'SWEEP' });
    const byUid = new Map(
      (await appointments()).map((row) => [row.calcomBookingUid, row.participants.map((p) => `${p.name} ${p.state}`).toSorted()]),
    );
    expect(byUid.get('A')).toEqual(['One ACTIVE', 'Two MOVED']);
    expect(byUid.get('B')).toEqual(['Two ACTIVE']);
  });

  test('twenty writers of one booking leave one appointment, versions without a gap, in log order', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => recorder.record([seen('A', { upstreamAt: T + i, title: `title ${i}` })], { cause: 'WEBHOOK' })),
    );
    expect(await appointments()).toHaveLength(1);
    const versions = (await log()).map((entry) => Number(entry.split(' ')[1]));
    expect(versions).toEqual(versions.map((_, i) => i + 1));
  });

  test('a visit goes forward, one step back, and is frozen when cancelled', async () => {
    const { appointmentIds } = await recorder.record([seen('A')], { cause: 'WEBHOOK' });
    const care = createCareRecorder({ pool: database.pool, clock, ring: () => {} });
    const id = appointmentIds[0];
    if (id == null) throw new Error('no appointment');
    const set = (careState: 'ARRIVED' | 'DONE' | 'EXPECTED' | 'WITH_CLINICIAN') =>
      care.record({
        appointmentId: id,
        participantId: null,
        careState,
        expectedVersion: null,
        actorId: '00000000-0000-7000-8000-000000000000' as UserId,
      });
    expect(await set('WITH_CLINICIAN')).toMatchObject({ ok: true });
    expect(await set('ARRIVED')).toMatchObject({ ok: false, failure: { kind: 'InvalidTransition', from: 'WITH_CLINICIAN' } });
    await recorder.record([seen('A', { status: 'CANCELLED', upstreamAt: T + 1000 })], { cause: 'WEBHOOK' });
    expect(await set('DONE')).toMatchObject({ ok: false, failure: { kind: 'InvalidTransition' } });
  });
});
