import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  ANNA,
  bookedRows,
  bookInput,
  callerOf,
  changedRow,
  createBookingClinic,
  DESK,
  FEMKE,
  freshKey,
  MIA,
  NOAH,
  NOW,
  refusedWith,
  SAMIR,
  type BookingClinic,
} from '../../tests/support/booking-clinic.ts';
import { appointmentId, eventTypeId, type AppointmentId, userId } from '../kernel/ids.ts';

let clinic: BookingClinic;

beforeAll(async () => {
  clinic = await createBookingClinic();
});
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  await clinic.applier.idle();
  clinic.clock.set(NOW);
});
afterAll(() => clinic.close());

const at = (text: string) => new Date(`2026-${text}:00Z`);
const video = () => clinic.eventType(ANNA, 'video-consult');
const bookingsUpstream = async () =>
  (await clinic.sandbox.request('GET', '/v2/bookings?take=250', asAnna)).body as { data: { start: string; status: string }[] };
const asAnna = { headers: { authorization: 'Bearer cal_sandbox_anna_0000000000000000', 'cal-api-version': '2024-08-13' } };
const upstreamAt = async (start: string) =>
  (await bookingsUpstream()).data.filter((booking) => booking.start === new Date(start).toISOString());

async function booked(startsAt: Date, wish: Partial<Parameters<typeof bookInput>[0]> = {}) {
  const [row] = bookedRows(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: video(), startsAt, ...wish })));
  if (row === undefined) throw new Error('Nothing was booked.');
  return row;
}

describe('booking', () => {
  test('a patient books for herself, and one CREATED stands in the log although the webhook came first', async () => {
    const row = await booked(at('11-24T09:00'), { reason: 'Headache', phone: '+31 6 1111 1111' });
    expect(row).toMatchObject({ status: 'CONFIRMED', reason: 'Headache', consultationType: 'VIDEO', careState: 'EXPECTED' });
    expect(row.patient?.id).toBe(MIA);
    expect(row.clinician?.id).toBe(ANNA);
    await clinic.applier.idle();
    const log = await clinic.pool.query(`SELECT "kind" FROM "AppointmentChange" WHERE "appointmentId" = $1 AND "kind" = 'CREATED'`, [
      row.id,
    ]);
    expect(log.rows).toHaveLength(1);
  });

  test('the front desk books for somebody who is not in the records', async () => {
    const attendee = { name: 'Zoë Guest', email: 'Zoe@Example.com', phone: null };
    const [row] = bookedRows(
      await clinic.desk.book(callerOf(DESK), bookInput({ eventTypeId: video(), startsAt: at('11-24T10:00'), attendee })),
    );
    expect(row?.patient).toBeNull();
    expect(row?.participants).toMatchObject([{ name: 'Zoë Guest', email: 'zoe@example.com' }]);
  });

  test('what needs approval is requested', async () => {
    const row = await booked(at('11-24T11:00'), { eventTypeId: clinic.eventType(ANNA, 'first-visit') });
    expect(row).toMatchObject({ status: 'REQUESTED', consultationType: 'IN_PERSON' });
  });

  test('the same key twice books once, also at the same moment', async () => {
    const input = bookInput({ eventTypeId: video(), startsAt: at('11-24T13:00') });
    const both = await Promise.all([clinic.desk.book(callerOf(MIA), input), clinic.desk.book(callerOf(MIA), input)]);
    expect(both.map((result) => (result.ok ? 'booked' : result.failure.kind)).sort()).toEqual(['OutcomeUnknown', 'booked']);
    const again = bookedRows(await clinic.desk.book(callerOf(MIA), input));
    expect(again[0]?.startsAt).toEqual(at('11-24T13:00'));
    expect(await upstreamAt('2026-11-24T13:00:00Z')).toHaveLength(1);
  });

  test('one key for two wishes is refused', async () => {
    const input = bookInput({ eventTypeId: video(), startsAt: at('11-24T14:00') });
    bookedRows(await clinic.desk.book(callerOf(MIA), input));
    const other = refusedWith(await clinic.desk.book(callerOf(MIA), { ...input, startsAt: at('11-24T15:00') }));
    expect(other).toMatchObject({ kind: 'InvalidInput', fields: [{ path: 'clientMutationKey' }] });
    // The key of somebody else is another key.
    expect(refusedWith(await clinic.desk.book(callerOf(NOAH), input)).kind).toBe('SlotTaken');
  });

  test('a taken time offers the three nearest free ones', async () => {
    await booked(at('11-25T09:00'));
    const failure = refusedWith(await clinic.desk.book(callerOf(NOAH), bookInput({ eventTypeId: video(), startsAt: at('11-25T09:00') })));
    expect(failure).toMatchObject({ kind: 'SlotTaken' });
    const nearest = failure.kind === 'SlotTaken' ? failure.nearest.map((slot) => slot.startsAt) : [];
    expect(nearest).toEqual([at('11-25T08:00'), at('11-25T08:30'), at('11-25T09:30')]);
  });

  test('two people who press at the same moment: one books, one is told', async () => {
    const wish = { eventTypeId: video(), startsAt: at('11-25T11:00') };
    const both = await Promise.all([clinic.desk.book(callerOf(MIA), bookInput(wish)), clinic.desk.book(callerOf(NOAH), bookInput(wish))]);
    expect(both.map((result) => (result.ok ? 'booked' : result.failure.kind)).sort()).toEqual(['SlotTaken', 'booked']);
    expect(await upstreamAt('2026-11-25T11:00:00Z')).toHaveLength(1);
  });

  test('an answer that never came is found by our request id, and nothing is booked twice', async () => {
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    const row = await booked(at('11-25T13:00'));
    expect(row.status).toBe('CONFIRMED');
    expect(await upstreamAt('2026-11-25T13:00:00Z')).toHaveLength(1);
  });

  test('an answer and a webhook that never came are found in the list', async () => {
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 }, webhooks: { drop: 1 } });
    const row = await booked(at('11-25T14:00'));
    expect(row.patient?.id).toBe(MIA);
    expect(await upstreamAt('2026-11-25T14:00:00Z')).toHaveLength(1);
  });

  test('a failure before anything was done is not known to be one; the same key tries again and books once', async () => {
    const input = bookInput({ eventTypeId: video(), startsAt: at('11-25T15:00') });
    clinic.sandbox.control.setFaults({ api: { serverError: 1 } });
    expect(refusedWith(await clinic.desk.book(callerOf(MIA), input))).toMatchObject({ kind: 'OutcomeUnknown', retryAfterMs: 5_000 });
    bookedRows(await clinic.desk.book(callerOf(MIA), input));
    expect(await upstreamAt('2026-11-25T15:00:00Z')).toHaveLength(1);
  });

  test('while Cal.com is away the outcome is unknown, and the same key books once it is back', async () => {
    const input = bookInput({ eventTypeId: video(), startsAt: at('11-25T16:00') });
    clinic.sandbox.control.setFaults({ api: { down: true } });
    expect(['OutcomeUnknown', 'CalcomUnavailable']).toContain(refusedWith(await clinic.desk.book(callerOf(MIA), input)).kind);
    await clinic.sandbox.control.clearFaults();
    bookedRows(await clinic.desk.book(callerOf(MIA), input));
    expect(await upstreamAt('2026-11-25T16:00:00Z')).toHaveLength(1);
  });

  test('wrong input is told field by field, and the key stays free for the right one', async () => {
    const startsAt = at('11-22T09:00');
    const input = bookInput({
      eventTypeId: video(),
      startsAt,
      timeZone: '+01:00',
      durationMinutes: 25,
      phone: '0612',
      guests: ['nobody'],
      consultationType: 'IN_PERSON',
    });
    const failure = refusedWith(await clinic.desk.book(callerOf(MIA), input));
    expect(failure.kind === 'InvalidInput' ? failure.fields.map((field) => field.path) : failure.kind).toEqual([
      'startsAt',
      'timeZone',
      'durationMinutes',
      'phone',
      'guests.0',
      'consultationType',
    ]);
    bookedRows(
      await clinic.desk.book(
        callerOf(MIA),
        bookInput({ clientMutationKey: input.clientMutationKey, eventTypeId: video(), startsAt: at('11-26T09:00') }),
      ),
    );
  });

  test('patients book for nobody else, clinicians with nobody else, and unknown ids are not found', async () => {
    const wish = { eventTypeId: video(), startsAt: at('11-26T11:00') };
    expect(refusedWith(await clinic.desk.book(callerOf(MIA), bookInput({ ...wish, patientId: NOAH }))).kind).toBe('NotAllowed');
    expect(refusedWith(await clinic.desk.book(callerOf(SAMIR), bookInput({ ...wish, patientId: MIA }))).kind).toBe('NotAllowed');
    expect(refusedWith(await clinic.desk.book(callerOf(DESK), bookInput({ ...wish, patientId: ANNA }))).kind).toBe('NotFound');
    expect(refusedWith(await clinic.desk.book(callerOf(DESK), bookInput({ ...wish, patientId: userId('x') }))).kind).toBe('NotFound');
    expect(refusedWith(await clinic.desk.book(callerOf(MIA), bookInput({ ...wish, eventTypeId: eventTypeId(9_999) }))).kind).toBe(
      'NotFound',
    );
    expect(refusedWith(await clinic.desk.book(callerOf(DESK), bookInput(wish)))).toMatchObject({
      kind: 'InvalidInput',
      fields: [{ path: 'patientId' }],
    });
  });

  test('the length of a variable type is kept', async () => {
    const row = await booked(at('11-26T12:00'), { eventTypeId: clinic.eventType(ANNA, 'flexible'), durationMinutes: 60 });
    expect(row.endsAt).toEqual(at('11-26T13:00'));
  });
});

describe('rescheduling', () => {
  test('the appointment keeps its id and gets the new time', async () => {
    const row = await booked(at('12-01T09:00'));
    const moved = changedRow(
      await clinic.desk.reschedule(callerOf(MIA), {
        clientMutationKey: freshKey(),
        appointmentId: row.id,
        startsAt: at('12-01T10:00'),
        reason: 'Train',
        expectedVersion: row.version,
        holdId: null,
        participantId: null,
      }),
    );
    expect(moved).toMatchObject({ id: row.id, startsAt: at('12-01T10:00'), status: 'CONFIRMED' });
    expect(moved.bookingUid).not.toBe(row.bookingUid);
    expect(moved.version).toBeGreaterThan(row.version);
  });

  test('what needs approval: by the clinician it is confirmed, by the patient requested', async () => {
    const row = await booked(at('12-01T12:00'), { eventTypeId: clinic.eventType(ANNA, 'first-visit') });
    const byHost = changedRow(
      await clinic.desk.reschedule(callerOf(ANNA), {
        clientMutationKey: freshKey(),
        appointmentId: row.id,
        startsAt: at('12-01T13:00'),
        reason: null,
        expectedVersion: null,
        holdId: null,
        participantId: null,
      }),
    );
    expect(byHost).toMatchObject({ id: row.id, status: 'CONFIRMED' });
    const byPatient = changedRow(
      await clinic.desk.reschedule(callerOf(MIA), {
        clientMutationKey: freshKey(),
        appointmentId: row.id,
        startsAt: at('12-01T14:00'),
        reason: null,
        expectedVersion: null,
        holdId: null,
        participantId: null,
      }),
    );
    expect(byPatient).toMatchObject({ id: row.id, status: 'REQUESTED' });
  });

  test('a lost answer is found at the old booking, which names its heir', async () => {
    const row = await booked(at('12-02T09:00'));
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    const moved = changedRow(
      await clinic.desk.reschedule(callerOf(MIA), {
        clientMutationKey: freshKey(),
        appointmentId: row.id,
        startsAt: at('12-02T10:00'),
        reason: null,
        expectedVersion: null,
        holdId: null,
        participantId: null,
      }),
    );
    expect(moved).toMatchObject({ id: row.id, startsAt: at('12-02T10:00') });
    expect((await upstreamAt('2026-12-02T10:00:00Z')).filter((booking) => booking.status === 'accepted')).toHaveLength(1);
  });

  test('two at the same moment: one moves it, the other is told', async () => {
    const row = await booked(at('12-02T12:00'));
    const move = (hour: string) =>
      clinic.desk.reschedule(callerOf(MIA), {
        clientMutationKey: freshKey(),
        appointmentId: row.id,
        startsAt: at(`12-02T${hour}`),
        reason: null,
        expectedVersion: row.version,
        holdId: null,
        participantId: null,
      });
    const both = await Promise.all([move('13:00'), move('14:00')]);
    expect(both.map((result) => (result.ok ? 'moved' : result.failure.kind)).sort()).toEqual(['VersionConflict', 'moved']);
  });

  test('a version that is no longer the current one, a taken time, a time past, the cutoff', async () => {
    const row = await booked(at('12-03T09:00'));
    await booked(at('12-03T10:00'));
    const move = (wish: { startsAt: Date; expectedVersion?: number }) =>
      clinic.desk.reschedule(callerOf(MIA), {
        clientMutationKey: freshKey(),
        appointmentId: row.id,
        reason: null,
        holdId: null,
        participantId: null,
        expectedVersion: null,
        ...wish,
      });
    expect(refusedWith(await move({ startsAt: at('12-03T11:00'), expectedVersion: row.version + 7 }))).toMatchObject({
      kind: 'VersionConflict',
      current: { id: row.id },
    });
    expect(refusedWith(await move({ startsAt: at('12-03T10:00') })).kind).toBe('SlotTaken');
    expect(refusedWith(await move({ startsAt: at('11-20T10:00') }))).toMatchObject({
      kind: 'InvalidInput',
      fields: [{ path: 'startsAt' }],
    });
    clinic.clock.set(at('12-03T08:30'));
    expect(refusedWith(await move({ startsAt: at('12-03T12:00') }))).toMatchObject({ kind: 'NotAllowed' });
  });

  test('somebody else does not even learn that it exists', async () => {
    const row = await booked(at('12-03T14:00'));
    for (const [who, id] of [
      [NOAH, row.id],
      [SAMIR, row.id],
      [MIA, '00000000-0000-7000-8000-00000000ffff'],
      [MIA, 'nonsense'],
    ] as const) {
      const wish = {
        clientMutationKey: freshKey(),
        appointmentId: appointmentId(id),
        startsAt: at('12-03T15:00'),
        reason: null,
        expectedVersion: null,
        holdId: null,
        participantId: null,
      };
      expect(refusedWith(await clinic.desk.reschedule(callerOf(who), wish))).toEqual({
        kind: 'NotFound',
        message: 'The appointment was not found.',
      });
    }
  });
});

describe('cancelling', () => {
  const cancel = (who: typeof MIA, id: AppointmentId, wish: { reason?: string; wholeSeries?: boolean } = {}) =>
    clinic.desk.cancel(callerOf(who), {
      clientMutationKey: freshKey(),
      appointmentId: id,
      reason: wish.reason ?? null,
      expectedVersion: null,
      wholeSeries: wish.wholeSeries ?? false,
      participantId: null,
    });

  test('by the patient and by the clinic, with the reason', async () => {
    const row = await booked(at('12-04T09:00'));
    expect(changedRow(await cancel(MIA, row.id, { reason: 'Feeling better' }))).toMatchObject({
      id: row.id,
      status: 'CANCELLED',
      cancellationReason: 'Feeling better',
    });
    expect(refusedWith(await cancel(MIA, row.id))).toMatchObject({ kind: 'InvalidInput' });
    const other = await booked(at('12-04T10:00'));
    expect(refusedWith(await cancel(DESK, other.id))).toMatchObject({ kind: 'InvalidInput', fields: [{ path: 'reason' }] });
    expect(changedRow(await cancel(MIA, other.id))).toMatchObject({ status: 'CANCELLED', cancellationReason: 'Cancelled by the patient.' });
  });

  test('a lost answer is looked up', async () => {
    const row = await booked(at('12-04T11:00'));
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    expect(changedRow(await cancel(MIA, row.id)).status).toBe('CANCELLED');
  });

  test('one that is cancelled in Cal.com already is cancelled', async () => {
    const row = await booked(at('12-04T12:00'));
    clinic.sandbox.control.setFaults({ webhooks: { drop: 1 } });
    await clinic.sandbox.control.cancel({ uid: row.bookingUid, by: 'host', reason: 'elsewhere' });
    expect(changedRow(await cancel(MIA, row.id))).toMatchObject({ status: 'CANCELLED', cancellationReason: 'elsewhere' });
  });

  test('one that was moved in Cal.com unseen is not cancelled but shown', async () => {
    const row = await booked(at('12-04T13:00'));
    clinic.sandbox.control.setFaults({ webhooks: { drop: 1 } });
    await clinic.sandbox.control.reschedule({ uid: row.bookingUid, start: '2026-12-04T14:00:00Z', by: 'patient' });
    expect(refusedWith(await cancel(MIA, row.id))).toMatchObject({
      kind: 'VersionConflict',
      current: { id: row.id, startsAt: at('12-04T14:00'), status: 'CONFIRMED' },
    });
  });

  test('a patient gives up the own seat of a group, the others keep theirs', async () => {
    const group = clinic.eventType(SAMIR, 'diabetes-class');
    const [mine] = bookedRows(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: group, startsAt: at('12-07T09:00') })));
    const [also] = bookedRows(await clinic.desk.book(callerOf(NOAH), bookInput({ eventTypeId: group, startsAt: at('12-07T09:00') })));
    if (mine === undefined) throw new Error('No seat.');
    expect(also?.id).toBe(mine.id);
    // What their webhooks make Cal.com be asked for may raise the version once more.
    await clinic.applier.idle();
    changedRow(await cancel(MIA, mine.id));
    const [left] = await clinic.appointments.byIds({ all: true }, [mine.id]);
    expect(left?.status).toBe('CONFIRMED');
    expect(left?.participants.map((one) => [one.userId, one.state]).sort()).toEqual([
      [MIA, 'CANCELLED'],
      [NOAH, 'ACTIVE'],
    ]);
  });

  test('the rest of a series is cancelled with one wish', async () => {
    await clinic.connect(FEMKE, 'cal_sandbox_femke_000000000000000');
    const series = clinic.eventType(FEMKE, 'physio-series');
    const rows = bookedRows(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: series, startsAt: at('12-08T09:00') })));
    expect(rows).toHaveLength(4);
    expect(new Set(rows.map((row) => row.seriesId)).size).toBe(1);
    const second = rows[1];
    if (second === undefined) throw new Error('No second visit.');
    changedRow(await cancel(MIA, second.id, { wholeSeries: true, reason: 'Moving away' }));
    const now = await clinic.appointments.byIds(
      { all: true },
      rows.map((row) => row.id),
    );
    expect(now.map((row) => row?.status)).toEqual(['CONFIRMED', 'CANCELLED', 'CANCELLED', 'CANCELLED']);
    const single = await booked(at('12-09T09:00'));
    expect(refusedWith(await cancel(MIA, single.id, { wholeSeries: true }))).toMatchObject({
      kind: 'InvalidInput',
      fields: [{ path: 'wholeSeries' }],
    });
  });
});

describe('confirming and declining', () => {
  const requested = (start: Date) => booked(start, { eventTypeId: clinic.eventType(ANNA, 'first-visit') });
  const confirm = (who: typeof MIA, id: AppointmentId) =>
    clinic.desk.confirm(callerOf(who), { clientMutationKey: freshKey(), appointmentId: id, expectedVersion: null });
  const decline = (who: typeof MIA, id: AppointmentId, reason: string | null) =>
    clinic.desk.decline(callerOf(who), { clientMutationKey: freshKey(), appointmentId: id, reason, expectedVersion: null });

  test('the host confirms; the front desk and the patient may not', async () => {
    const row = await requested(at('12-10T09:00'));
    expect(refusedWith(await confirm(DESK, row.id)).kind).toBe('NotAllowed');
    expect(refusedWith(await confirm(MIA, row.id)).kind).toBe('NotAllowed');
    expect(changedRow(await confirm(ANNA, row.id))).toMatchObject({ id: row.id, status: 'CONFIRMED' });
    expect(refusedWith(await confirm(ANNA, row.id))).toMatchObject({
      kind: 'InvalidInput',
      message: 'This appointment is already confirmed.',
    });
  });

  test('the host declines, and the reason arrives by webhook', async () => {
    const row = await requested(at('12-10T10:00'));
    expect(changedRow(await decline(ANNA, row.id, 'Please see a specialist'))).toMatchObject({ status: 'DECLINED' });
    await clinic.applier.idle();
    const [now] = await clinic.appointments.byIds({ all: true }, [row.id]);
    expect(now?.rejectionReason).toBe('Please see a specialist');
  });

  test('what was cancelled unseen is not revived', async () => {
    const row = await requested(at('12-10T11:00'));
    clinic.sandbox.control.setFaults({ webhooks: { drop: 1 } });
    await clinic.sandbox.control.cancel({ uid: row.bookingUid, by: 'patient' });
    expect(refusedWith(await confirm(ANNA, row.id))).toMatchObject({ kind: 'VersionConflict', current: { status: 'CANCELLED' } });
    expect((await upstreamAt('2026-12-10T11:00:00Z')).map((booking) => booking.status)).toEqual(['cancelled']);
  });

  test('of two requests for one time only one is confirmed', async () => {
    const first = await requested(at('12-10T12:00'));
    const [second] = bookedRows(
      await clinic.desk.book(
        callerOf(NOAH),
        bookInput({ eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt: at('12-10T12:00') }),
      ),
    );
    changedRow(await confirm(ANNA, first.id));
    const failure = refusedWith(await confirm(ANNA, second?.id ?? first.id));
    expect(failure).toMatchObject({ kind: 'InvalidInput', fields: [{ path: 'appointmentId' }] });
  });

  test('a lost answer to a confirmation is looked up', async () => {
    const row = await requested(at('12-10T14:00'));
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 } });
    expect(changedRow(await confirm(ANNA, row.id)).status).toBe('CONFIRMED');
  });
});
