/** Whom a booking is for: people without e-mail, seats of a group, those who did not come, another clinician. */
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
  granted,
  MIA,
  NO_EMAIL,
  NOAH,
  NOW,
  refusedWith,
  SAMIR,
  type BookingClinic,
} from '../../tests/support/booking-clinic.ts';
import { wishes } from '../../tests/support/booking-wishes.ts';
import { type AppointmentId, userId } from '../kernel/ids.ts';

let clinic: BookingClinic;
let ask: ReturnType<typeof wishes>;

beforeAll(async () => {
  clinic = await createBookingClinic();
  ask = wishes(clinic);
});
afterEach(async () => {
  await clinic.sandbox.control.clearFaults();
  await clinic.applier.idle();
  clinic.clock.set(NOW);
});
afterAll(() => clinic.close());

const SISTER = userId('00000000-0000-7000-8000-0000000000b9');
const at = (text: string) => new Date(`2026-${text}:00Z`);
const video = () => clinic.eventType(ANNA, 'video-consult');
const group = () => clinic.eventType(SAMIR, 'diabetes-class');
const now = async (id: AppointmentId) => {
  const [row] = await clinic.appointments.byIds({ all: true }, [id]);
  if (row == null) throw new Error('The appointment is gone.');
  return row;
};
const upstream = () => clinic.sandbox.control.state().bookings;
const codes = (result: { warnings: { code: string }[] }) => result.warnings.map((warning) => warning.code);

describe('a person without an e-mail address', () => {
  test('is booked with one that nobody has, which is never shown, and the front desk is warned', async () => {
    const input = bookInput({ eventTypeId: video(), startsAt: at('11-24T09:00'), patientId: NO_EMAIL });
    const booked = granted(await clinic.desk.book(callerOf(DESK), input));
    expect(codes(booked)).toEqual(['CANNOT_NOTIFY']);
    const [row] = booked.appointments;
    expect(row).toMatchObject({ patient: { id: NO_EMAIL, email: null }, participants: [{ name: 'Without Mail', email: null }] });
    const sent = upstream().find((booking) => booking.uid === row?.bookingUid)?.attendees[0]?.email;
    expect(sent).toMatch(/^no-email-[0-9a-f]{32}@nobody\.invalid$/);
    await clinic.applier.idle();
    const kept = await clinic.pool.query<{ found: number }>(
      `SELECT (SELECT count(*) FROM "AppointmentParticipant" p WHERE p::text LIKE '%no-email-%')::int
            + (SELECT count(*) FROM "AppointmentChange" c WHERE c::text LIKE '%no-email-%')::int
            + (SELECT count(*) FROM "Appointment" a WHERE a::text LIKE '%no-email-%')::int
            + (SELECT count(*) FROM "User" u WHERE u::text LIKE '%no-email-%')::int AS found`,
    );
    expect(kept.rows).toEqual([{ found: 0 }]);
    // The same key is answered with the same warning.
    expect(codes(granted(await clinic.desk.book(callerOf(DESK), input)))).toEqual(['CANNOT_NOTIFY']);
  });

  test('is warned about at every change, and can be marked absent', async () => {
    const row = await ask.booked(DESK, { eventTypeId: video(), startsAt: at('11-24T10:00'), patientId: NO_EMAIL });
    const moved = granted(await ask.reschedule(DESK, row.id, { startsAt: at('11-24T11:00') }));
    expect(codes(moved)).toEqual(['CANNOT_NOTIFY']);
    clinic.clock.set(at('11-24T11:10'));
    expect(changedRow(await ask.markNoShow(DESK, row.id))).toMatchObject({ careState: 'NO_SHOW', participants: [{ absent: true }] });
    clinic.clock.set(NOW);
    expect(codes(granted(await ask.cancel(DESK, row.id)))).toEqual(['CANNOT_NOTIFY']);
  });

  test('is found again when the answer was lost', async () => {
    clinic.sandbox.control.setFaults({ api: { commitThenTimeout: 1 }, webhooks: { drop: 1 } });
    const attendee = { name: 'Walk In', email: null, phone: '+31633333333' };
    const booked = granted(
      await clinic.desk.book(callerOf(DESK), bookInput({ eventTypeId: video(), startsAt: at('11-24T13:00'), attendee })),
    );
    expect(codes(booked)).toEqual(['CANNOT_NOTIFY']);
    expect(upstream().filter((booking) => booking.start === '2026-11-24T13:00:00.000Z')).toHaveLength(1);
  });

  test('takes a seat of a group and is linked to the record', async () => {
    const row = await ask.booked(DESK, { eventTypeId: group(), startsAt: at('11-25T09:00'), patientId: NO_EMAIL });
    expect(row.participants).toMatchObject([{ userId: NO_EMAIL, email: null, state: 'ACTIVE' }]);
  });
});

describe('seats of a group', () => {
  const inGroup = async (startsAt: Date) => {
    const [mine] = bookedRows(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: group(), startsAt })));
    bookedRows(await clinic.desk.book(callerOf(NOAH), bookInput({ eventTypeId: group(), startsAt })));
    if (mine === undefined) throw new Error('No seat.');
    // What their webhooks make Cal.com be asked for may raise the version once more.
    await clinic.applier.idle();
    const row = await now(mine.id);
    const seat = (who: typeof MIA) => row.participants.find((one) => one.userId === who)?.id ?? '';
    return { row, seat };
  };
  const states = async (id: AppointmentId) =>
    Object.fromEntries((await now(id)).participants.map((one) => [one.userId === MIA ? 'mia' : 'noah', one.state]));

  test('two who open a group at the same moment both get a seat', async () => {
    const wish = { eventTypeId: group(), startsAt: at('12-16T09:00') };
    const both = await Promise.all([MIA, NOAH].map((who) => clinic.desk.book(callerOf(who), bookInput(wish))));
    const [first, second] = both.flatMap(bookedRows);
    expect(first?.id).toBe(second?.id);
    expect(await states(first?.id ?? second?.id ?? ('' as AppointmentId))).toEqual({ mia: 'ACTIVE', noah: 'ACTIVE' });
  });

  test('who loses the race to open a group asks once more and finds it; a lost race for one person is lost', async () => {
    const lost = { name: 'lostRace' as const, hits: 'writes' as const, count: 1 };
    clinic.sandbox.control.setFaults({ api: { refuse: lost } });
    bookedRows(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: group(), startsAt: at('12-17T09:00') })));
    clinic.sandbox.control.setFaults({ api: { refuse: lost } });
    const failure = refusedWith(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: video(), startsAt: at('12-17T09:00') })));
    expect(failure.kind).toBe('SlotTaken');
  });

  test("the seat of somebody with the same address is not taken for one's own when an answer is lost", async () => {
    const startsAt = at('12-18T09:00');
    await clinic.pool.query(
      `INSERT INTO "User" ("id","role","name","email","updatedAt") VALUES ($1, 'PATIENT', 'Mila Bakker', 'mia@example.com', now())`,
      [SISTER],
    );
    const row = await ask.booked(MIA, { eventTypeId: group(), startsAt });
    clinic.sandbox.control.setFaults({ api: { refuse: { name: 'roundRobinBusy', hits: 'writes', count: 1 } } });
    const sister = bookInput({ eventTypeId: group(), startsAt, patientId: SISTER });
    expect(refusedWith(await clinic.desk.book(callerOf(DESK), sister)).kind).toBe('OutcomeUnknown');
    expect((await now(row.id)).participants).toHaveLength(1);
  });

  test('a patient moves the own seat, the other stays', async () => {
    const { row } = await inGroup(at('12-07T09:00'));
    const moved = changedRow(await ask.reschedule(MIA, row.id, { startsAt: at('12-07T13:00') }));
    expect(moved.id).not.toBe(row.id);
    expect(moved).toMatchObject({ startsAt: at('12-07T13:00'), seated: true });
    expect(await states(row.id)).toEqual({ mia: 'MOVED', noah: 'ACTIVE' });
    expect(await states(moved.id)).toEqual({ mia: 'ACTIVE' });
  });

  test('staff move or cancel one participant, or cancel everybody', async () => {
    const { row, seat } = await inGroup(at('12-08T09:00'));
    const moved = changedRow(await ask.reschedule(DESK, row.id, { startsAt: at('12-08T13:00'), participantId: seat(NOAH) }));
    expect(await states(moved.id)).toEqual({ noah: 'ACTIVE' });
    changedRow(await ask.cancel(SAMIR, moved.id, { participantId: moved.participants[0]?.id ?? '' }));
    expect(await states(moved.id)).toEqual({ noah: 'CANCELLED' });
    expect(changedRow(await ask.cancel(DESK, row.id)).status).toBe('CANCELLED');
  });

  test('nobody moves a whole group where Cal.com does not, and a sentence says what to do', async () => {
    const { row } = await inGroup(at('12-09T09:00'));
    expect(refusedWith(await ask.reschedule(SAMIR, row.id, { startsAt: at('12-09T13:00') }))).toEqual({
      kind: 'NotAllowed',
      message: 'A group visit is moved person by person: say whose place is to be moved.',
    });
    expect((await now(row.id)).startsAt).toEqual(at('12-09T09:00'));
  });

  test("a patient does not touch another's seat, and learns nothing of it", async () => {
    const { row, seat } = await inGroup(at('12-10T09:00'));
    expect(refusedWith(await ask.cancel(MIA, row.id, { participantId: seat(NOAH) })).kind).toBe('NotFound');
    expect(refusedWith(await ask.reschedule(MIA, row.id, { startsAt: at('12-10T13:00'), participantId: seat(NOAH) })).kind).toBe(
      'NotFound',
    );
    expect(refusedWith(await ask.cancel(DESK, row.id, { participantId: MIA })).kind).toBe('NotFound');
    expect(await states(row.id)).toEqual({ mia: 'ACTIVE', noah: 'ACTIVE' });
  });

  test('a full group offers other times', async () => {
    const startsAt = at('12-11T09:00');
    for (let seat = 0; seat < 8; seat += 1)
      bookedRows(
        await clinic.desk.book(
          callerOf(DESK),
          bookInput({
            eventTypeId: group(),
            startsAt,
            attendee: { name: `Guest ${seat}`, email: `guest${seat}@example.com`, phone: null },
          }),
        ),
      );
    const failure = refusedWith(await clinic.desk.book(callerOf(MIA), bookInput({ eventTypeId: group(), startsAt })));
    expect(failure).toMatchObject({ kind: 'SlotTaken', message: 'All places at this time are taken.' });
    const { row } = await inGroup(at('12-11T13:00'));
    expect(refusedWith(await ask.reschedule(MIA, row.id, { startsAt })).kind).toBe('SlotTaken');
  });

  test('in a group it is said who did not come', async () => {
    const { row, seat } = await inGroup(at('12-14T09:00'));
    clinic.clock.set(at('12-14T09:10'));
    expect(refusedWith(await ask.markNoShow(SAMIR, row.id))).toMatchObject({ kind: 'InvalidInput', fields: [{ path: 'participantId' }] });
    const marked = changedRow(await ask.markNoShow(SAMIR, row.id, { participantId: seat(NOAH) }));
    const care = Object.fromEntries(marked.participants.map((one) => [one.userId, [one.careState, one.absent]]));
    expect(care).toEqual({ [MIA]: ['EXPECTED', false], [NOAH]: ['NO_SHOW', true] });
  });
});

describe('who did not come', () => {
  test('is marked after the start, at Cal.com and here, and it is taken back', async () => {
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: at('12-01T09:00') });
    expect(refusedWith(await ask.markNoShow(ANNA, row.id))).toMatchObject({
      kind: 'InvalidInput',
      message: 'Somebody can be marked absent only after the appointment has begun.',
    });
    clinic.clock.set(at('12-01T09:15'));
    expect(refusedWith(await ask.markNoShow(MIA, row.id)).kind).toBe('NotAllowed');
    expect(changedRow(await ask.markNoShow(ANNA, row.id))).toMatchObject({ careState: 'NO_SHOW', participants: [{ absent: true }] });
    expect(upstream().find((booking) => booking.uid === row.bookingUid)?.attendees[0]?.absent).toBe(true);
    expect(changedRow(await ask.markNoShow(ANNA, row.id, { absent: false }))).toMatchObject({
      careState: 'EXPECTED',
      participants: [{ absent: false }],
    });
  });

  test('is not somebody who has arrived', async () => {
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: at('12-01T10:00') });
    await clinic.care.record({ appointmentId: row.id, participantId: null, careState: 'ARRIVED', expectedVersion: null, actorId: DESK });
    clinic.clock.set(at('12-01T10:15'));
    expect(refusedWith(await ask.markNoShow(ANNA, row.id))).toMatchObject({ kind: 'InvalidTransition', from: 'ARRIVED', to: 'NO_SHOW' });
  });
});

describe('handing over', () => {
  test('to a clinician who hosts the same kind, at the same time; both see it rightly', async () => {
    clinic.sandbox.control.share({ eventTypeId: video(), hostIds: [1, 2] });
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: at('12-02T09:00') });
    const given = changedRow(await ask.reassign(DESK, row.id, { clinicianId: SAMIR, reason: 'Anna is ill' }));
    expect(given).toMatchObject({ id: row.id, clinician: { id: SAMIR }, startsAt: at('12-02T09:00'), status: 'CONFIRMED' });
    expect((await clinic.appointments.byIds({ hostId: ANNA }, [row.id]))[0]).toBeNull();
    const log = await clinic.pool.query(`SELECT 1 FROM "AppointmentChange" WHERE "appointmentId" = $1 AND "kind" = 'CLINICIAN_CHANGED'`, [
      row.id,
    ]);
    expect(log.rows).toHaveLength(1);
    expect(refusedWith(await ask.reassign(DESK, row.id, { clinicianId: SAMIR }))).toMatchObject({ kind: 'InvalidInput' });
  });

  test('is refused in a sentence where Cal.com does not do it', async () => {
    const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, 'in-person'), startsAt: at('12-02T11:00') });
    const failure = refusedWith(await ask.reassign(DESK, row.id, { clinicianId: SAMIR }));
    expect(failure.kind).toBe('NotAllowed');
    expect(failure.message).toMatch(/shared \(round-robin\) kind/);
    expect((await now(row.id)).clinician?.id).toBe(ANNA);
  });

  test('not to a clinician who is busy then, unknown, or not connected; and not by the patient', async () => {
    clinic.sandbox.control.share({ eventTypeId: video(), hostIds: [1, 2] });
    const row = await ask.booked(MIA, { eventTypeId: video(), startsAt: at('12-02T13:00') });
    await ask.booked(NOAH, { eventTypeId: clinic.eventType(SAMIR, 'video-consult'), startsAt: at('12-02T13:00') });
    expect(refusedWith(await ask.reassign(DESK, row.id, { clinicianId: SAMIR }))).toMatchObject({
      kind: 'InvalidInput',
      fields: [{ path: 'clinicianId' }],
    });
    expect(refusedWith(await ask.reassign(DESK, row.id, { clinicianId: MIA })).kind).toBe('NotFound');
    expect(refusedWith(await ask.reassign(DESK, row.id, { clinicianId: FEMKE })).kind).toBe('NotAllowed');
    expect(refusedWith(await ask.reassign(MIA, row.id, { clinicianId: SAMIR })).kind).toBe('NotAllowed');
  });
});

describe('warnings', () => {
  test('a moved appointment gets the usual length, and that is said', async () => {
    const row = await ask.booked(MIA, {
      eventTypeId: clinic.eventType(ANNA, 'flexible'),
      startsAt: at('12-03T09:00'),
      durationMinutes: 60,
    });
    const moved = granted(await ask.reschedule(MIA, row.id, { startsAt: at('12-03T11:00') }));
    expect(moved.appointment.endsAt).toEqual(at('12-03T11:30'));
    expect(moved.warnings).toEqual([
      {
        code: 'LENGTH_RESET',
        message: 'This appointment was booked for 60 minutes; when it is moved, Cal.com gives it the usual length of 30 minutes.',
      },
    ]);
    expect(codes(granted(await ask.reschedule(MIA, row.id, { startsAt: at('12-03T12:00') })))).toEqual([]);
  });

  test('later visits of a series may overlap, and staff are told', async () => {
    await clinic.connect(FEMKE, 'cal_sandbox_femke_000000000000000');
    const series = clinic.eventType(FEMKE, 'physio-series');
    await ask.booked(NOAH, { eventTypeId: clinic.eventType(FEMKE, 'video-consult'), startsAt: at('12-22T09:00') });
    const booked = granted(
      await clinic.desk.book(
        callerOf(DESK),
        bookInput({ eventTypeId: series, startsAt: at('12-15T09:00'), patientId: MIA, recurrenceCount: 2 }),
      ),
    );
    expect(booked.appointments).toHaveLength(2);
    expect(codes(booked)).toEqual(['OVERLAPS']);
  });
});
