/** What Cal.com changed and told nobody: found by the sweep that should find it, and repaired. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ANNA, createSweepClinic, MINUTE, SAMIR, type SweepClinic, uidOf } from '../support/sweep-clinic.ts';

let clinic: SweepClinic;
beforeEach(async () => {
  clinic = await createSweepClinic();
});
afterEach(() => clinic.close());

const at = (hour: number, day = 24) => `2026-11-${day}T${String(hour).padStart(2, '0')}:00:00Z`;
const book = async (start = at(9), hostUsername = 'anna-de-vries') =>
  uidOf(await clinic.sandbox.control.book({ hostUsername, eventTypeSlug: 'video-consult', start }));

/** Everything is known, and the bookings so far lie before the overlap of the next look. */
async function settled(): Promise<void> {
  clinic.clock.advance(20 * MINUTE);
  await book('2026-11-28T08:00:00Z');
  await book('2026-11-28T08:00:00Z', 'samir-haddad');
  await clinic.recent();
}

async function causesOf(uid: string): Promise<string[]> {
  const appointment = await clinic.appointment(uid);
  const changes = await clinic.database.prisma.appointmentChange.findMany({
    where: { appointmentId: appointment?.id ?? '' },
    orderBy: { version: 'asc' },
  });
  return changes.map((change) => `${change.kind} ${change.cause}`);
}

async function itemsOf(reportId: string | null) {
  const items = await clinic.database.prisma.driftItem.findMany({ where: { reportId: reportId ?? '' }, orderBy: { foundAt: 'asc' } });
  return items.map((item) => ({ class: item.class, uid: item.bookingUid, owner: item.ownerId, repaired: item.repairedAt !== null }));
}

describe('a booking whose webhook was lost', () => {
  test('is missing: a report says so and changes nothing, a repair records it', async () => {
    const uid = await book();
    const looked = await clinic.near({ mode: 'REPORT' });
    expect(looked).toMatchObject({ mode: 'REPORT', complete: true, seen: 1, changes: 0, counts: { MISSING: 1 } });
    expect(await clinic.appointment(uid)).toBeNull();
    expect(await itemsOf(looked.id)).toEqual([{ class: 'MISSING', uid, owner: ANNA, repaired: false }]);

    const repaired = await clinic.recent();
    expect(repaired).toMatchObject({ mode: 'REPAIR', counts: { MISSING: 1 }, changes: 1 });
    expect(await itemsOf(repaired.id)).toEqual([{ class: 'MISSING', uid, owner: ANNA, repaired: true }]);
    expect(await causesOf(uid)).toEqual(['CREATED SWEEP']);
    expect((await clinic.near()).counts).toEqual({ MISSING: 0, MOVED: 0, STALE: 0, GHOST: 0, UNKNOWN_HOST: 0 });
  });

  test('and a look by the clock that finds nothing leaves no report behind', async () => {
    await book();
    await clinic.recent();
    expect((await clinic.recent()).id).toBeNull();
    expect(await clinic.database.prisma.driftReport.count()).toBe(1);
  });
});

test('a booking moved in the database, uid and updatedAt as before, is found by the window and by nothing else', async () => {
  const uid = await book(at(9, 26));
  await settled();
  await clinic.sandbox.control.silentMove({ uid, start: at(13, 25) });

  expect((await clinic.recent()).changes).toBe(0);
  const looked = await clinic.near({ mode: 'REPORT' });
  expect(looked.counts).toMatchObject({ MOVED: 1, GHOST: 0 });
  expect((await clinic.appointment(uid))?.startsAt.toISOString()).toBe('2026-11-26T09:00:00.000Z');

  expect((await clinic.near()).counts).toMatchObject({ MOVED: 1, GHOST: 0 });
  expect((await clinic.appointment(uid))?.startsAt.toISOString()).toBe('2026-11-25T13:00:00.000Z');
  expect(await causesOf(uid)).toEqual(['CREATED SWEEP', 'RESCHEDULED SWEEP']);
});

test('one moved far beyond the window is no ghost: it is read at its own address', async () => {
  const uid = await book(at(9, 26));
  await clinic.near();
  clinic.clock.advance(20 * MINUTE);
  await clinic.sandbox.control.silentMove({ uid, start: '2027-03-01T09:00:00Z' });
  expect((await clinic.near()).counts).toMatchObject({ MOVED: 1, GHOST: 0 });
  expect((await clinic.appointment(uid))?.startsAt.toISOString()).toBe('2027-03-01T09:00:00.000Z');
});

test('a reschedule whose webhook was lost moves the appointment and keeps its id', async () => {
  const first = await book();
  await clinic.near();
  const before = await clinic.appointment(first);
  clinic.clock.advance(20 * MINUTE);
  const second = uidOf(await clinic.sandbox.control.reschedule({ uid: first, start: at(11, 27) }));

  const looked = await clinic.near({ mode: 'REPORT' });
  expect(looked.counts).toMatchObject({ MOVED: 2, MISSING: 0 });
  await clinic.recent();
  expect(await clinic.appointment(second)).toMatchObject({ id: before?.id, status: 'CONFIRMED', startsAt: new Date(at(11, 27)) });
  expect(await causesOf(second)).toEqual(['CREATED SWEEP', 'RESCHEDULED SWEEP']);
});

test('a chain of which only the last booking lies in the window is followed back to the appointment that we know', async () => {
  const first = await book('2026-12-20T09:00:00Z');
  await clinic.recent();
  const before = await clinic.appointment(first);
  clinic.clock.advance(20 * MINUTE);
  const second = uidOf(await clinic.sandbox.control.reschedule({ uid: first, start: '2026-12-21T09:00:00Z' }));
  const third = uidOf(await clinic.sandbox.control.reschedule({ uid: second, start: at(10, 25) }));
  await clinic.near();
  expect(await clinic.appointment(third)).toMatchObject({ id: before?.id, startsAt: new Date(at(10, 25)) });
  expect(await clinic.database.prisma.appointment.count()).toBe(1);
});

test('after the host asked for another time, what the patient books through the link is the same appointment', async () => {
  const first = await book();
  await clinic.near();
  const before = await clinic.appointment(first);
  clinic.clock.advance(20 * MINUTE);
  await clinic.sandbox.control.requestReschedule({ uid: first });
  await clinic.recent();
  expect(await clinic.appointment(first)).toMatchObject({ id: before?.id, status: 'CANCELLED' });

  clinic.clock.advance(20 * MINUTE);
  const second = uidOf(await clinic.sandbox.control.reschedule({ uid: first, start: at(15, 27) }));
  await clinic.recent();
  expect(await clinic.appointment(second)).toMatchObject({ id: before?.id, status: 'CONFIRMED', startsAt: new Date(at(15, 27)) });
});

test('what the patient books anew without the link is an appointment of its own', async () => {
  const first = await book();
  await clinic.near();
  clinic.clock.advance(20 * MINUTE);
  await clinic.sandbox.control.requestReschedule({ uid: first });
  const second = await book(at(16, 27));
  await clinic.recent();
  expect((await clinic.appointment(first))?.id).not.toBe((await clinic.appointment(second))?.id);
});

test('a reassignment, which no webhook tells, is found among the bookings of the new host', async () => {
  const uid = await book();
  await clinic.near();
  clinic.clock.advance(20 * MINUTE);
  await clinic.sandbox.control.silentReassign({ uid, hostUsername: 'samir-haddad' });
  expect((await clinic.near()).counts).toMatchObject({ MOVED: 1, GHOST: 0 });
  expect((await clinic.appointment(uid))?.clinicianId).toBe(SAMIR);
  expect(await causesOf(uid)).toEqual(['CREATED SWEEP', 'CLINICIAN_CHANGED SWEEP']);
});

test('a reassignment to somebody whose credential we lack is found because it is missing among the old host’s', async () => {
  const alone = await createSweepClinic({ owners: [ANNA] });
  try {
    const uid = uidOf(await alone.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult', start: at(9) }));
    await alone.near();
    alone.clock.advance(20 * MINUTE);
    await alone.sandbox.control.silentReassign({ uid, hostUsername: 'samir-haddad' });
    expect((await alone.near()).counts).toMatchObject({ MOVED: 1, GHOST: 0 });
    expect((await alone.appointment(uid))?.clinicianId).toBe(SAMIR);
  } finally {
    await alone.close();
  }
});

test('a seat taken without a webhook does not move updatedAt: the window finds it stale', async () => {
  const types = await clinic.sandbox.request('GET', '/v2/event-types?username=samir-haddad', {
    headers: { 'cal-api-version': '2024-06-14' },
  });
  const group = (types.body as { data: { id: number; slug: string }[] }).data.find((type) => type.slug === 'diabetes-class');
  const seat = (name: string) =>
    clinic.upstream('POST', '/v2/bookings', {
      eventTypeId: group?.id,
      start: at(10, 25),
      attendee: { name, email: `${name.toLowerCase()}@example.com`, timeZone: 'Europe/Amsterdam' },
    });
  const { uid } = await seat('Ann');
  await settled();
  await seat('Ben');
  expect((await clinic.recent()).changes).toBe(0);
  expect((await clinic.near()).counts).toMatchObject({ STALE: 1 });
  const appointment = await clinic.appointment(uid);
  expect(await clinic.database.prisma.appointmentParticipant.count({ where: { appointmentId: appointment?.id ?? '' } })).toBe(2);
});

test('a booking of a host who is nobody of ours is said to be so, and not recorded', async () => {
  await clinic.database.prisma.user.update({ where: { id: SAMIR }, data: { role: 'PATIENT' } });
  await book(at(9), 'samir-haddad');
  const report = await clinic.near();
  expect(report).toMatchObject({ counts: { UNKNOWN_HOST: 1, MISSING: 0 }, changes: 0, foreign: 1 });
  expect(await clinic.database.prisma.appointment.count()).toBe(0);
});

test('our clinician as a guest of somebody else is nobody’s drift', async () => {
  await clinic.database.prisma.user.update({ where: { id: SAMIR }, data: { role: 'PATIENT' } });
  await clinic.sandbox.control.book({
    hostUsername: 'samir-haddad',
    start: at(9),
    attendee: { name: 'Dr. Anna de Vries', email: 'anna.devries@lindengracht.example' },
  });
  expect((await clinic.near({ ownerIds: [ANNA] })).counts).toMatchObject({ UNKNOWN_HOST: 0, MISSING: 0 });
});

test('facts that only an answer has are filled in and are no drift', async () => {
  const uid = await book();
  await clinic.near();
  // As a webhook alone would have left it.
  await clinic.database.pool.query(
    `UPDATE "AppointmentBooking" SET "facts" = "facts" || '{"apiAt":null,"apiObservedAt":null,"location":null,"createdAt":null}' WHERE "bookingUid" = $1`,
    [uid],
  );
  const report = await clinic.near();
  expect(report.differing).toBe(1);
  expect(report.counts).toMatchObject({ STALE: 0, MOVED: 0, MISSING: 0 });
});

test('a row of ours that somebody changed by hand becomes again what Cal.com says', async () => {
  const uid = await book();
  await clinic.near();
  await clinic.database.pool.query(
    `UPDATE "Appointment" SET "startsAt" = "startsAt" + interval '1 day', "endsAt" = "endsAt" + interval '1 day'`,
  );
  await clinic.near();
  expect((await clinic.appointment(uid))?.startsAt.toISOString()).toBe('2026-11-24T09:00:00.000Z');
});
