/** Twenty people change one appointment at the same moment: one of them does, Cal.com is asked once, the others are told. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ANNA, createBookingClinic, DESK, MIA, NOAH, refusedWith, SAMIR, type BookingClinic } from '../../tests/support/booking-clinic.ts';
import { wishes } from '../../tests/support/booking-wishes.ts';
import type { AppointmentId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Changed } from '../services.ts';
import type { Failure } from './failure.ts';

let clinic: BookingClinic;
let ask: ReturnType<typeof wishes>;

beforeAll(async () => {
  clinic = await createBookingClinic();
  ask = wishes(clinic);
});
afterEach(async () => {
  await clinic.applier.idle();
});
afterAll(() => clinic.close());

const at = (text: string) => new Date(`2026-${text}:00Z`);
const TWENTY = Array.from({ length: 20 }, (_, index) => index);

async function settled(id: AppointmentId, work: (index: number) => Promise<Result<Changed, Failure>>) {
  await clinic.applier.idle();
  const before = clinic.changesAsked();
  const results = await Promise.all(TWENTY.map(work));
  const done = results.flatMap((result) => (result.ok ? [result.value.appointment] : []));
  const told = new Set(results.filter((result) => !result.ok).map((result) => refusedWith(result).kind));
  const [row] = await clinic.appointments.byIds({ all: true }, [id]);
  return { done, told: [...told], asked: clinic.changesAsked() - before, row };
}

/** All twenty have looked at the same; on a busy machine some of them ask when the first is done already. */
const seen = (row: { version: number }) => ({ expectedVersion: row.version });
const requested = (startsAt: Date) => ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt });

describe('twenty at once', () => {
  test('reschedule', async () => {
    const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, 'video-consult'), startsAt: at('12-01T09:00') });
    const outcome = await settled(row.id, (index) =>
      ask.reschedule(index % 2 === 0 ? MIA : DESK, row.id, {
        ...seen(row),
        startsAt: new Date(at('12-02T07:00').getTime() + index * 1_800_000),
      }),
    );
    expect(outcome).toMatchObject({ asked: 1, told: ['VersionConflict'] });
    expect(outcome.done.map((one) => one.startsAt)).toEqual([outcome.row?.startsAt]);
  });

  test('cancel', async () => {
    const row = await ask.booked(MIA, { eventTypeId: clinic.eventType(ANNA, 'video-consult'), startsAt: at('12-03T09:00') });
    const outcome = await settled(row.id, (index) => ask.cancel([MIA, DESK, ANNA][index % 3] ?? MIA, row.id, seen(row)));
    expect(outcome).toMatchObject({ asked: 1, told: ['VersionConflict'], row: { status: 'CANCELLED' } });
    expect(outcome.done).toHaveLength(1);
  });

  test('confirm and decline', async () => {
    const row = await requested(at('12-04T09:00'));
    const outcome = await settled(row.id, (index) =>
      index % 2 === 0 ? ask.confirm(ANNA, row.id, seen(row)) : ask.decline(ANNA, row.id, seen(row)),
    );
    expect(outcome).toMatchObject({ asked: 1, told: ['VersionConflict'] });
    expect(outcome.done.map((one) => one.status)).toEqual([outcome.row?.status]);
  });

  test('everything', async () => {
    const row = await requested(at('12-07T09:00'));
    const outcome = await settled(row.id, (index) => {
      switch (index % 4) {
        case 0:
          return ask.confirm(ANNA, row.id, seen(row));
        case 1:
          return ask.decline(ANNA, row.id, seen(row));
        case 2:
          return ask.cancel(MIA, row.id, seen(row));
        default:
          return ask.reschedule(DESK, row.id, { ...seen(row), startsAt: new Date(at('12-08T09:00').getTime() + index * 2_700_000) });
      }
    });
    expect(outcome).toMatchObject({ asked: 1, told: ['VersionConflict'] });
    expect(outcome.done).toMatchObject([{ status: outcome.row?.status, startsAt: outcome.row?.startsAt }]);
  });

  test('seats of one group are moved one at a time as well', async () => {
    const eventTypeId = clinic.eventType(SAMIR, 'diabetes-class');
    await ask.booked(MIA, { eventTypeId, startsAt: at('12-09T09:00') });
    const row = await ask.booked(NOAH, { eventTypeId, startsAt: at('12-09T09:00') });
    const outcome = await settled(row.id, (index) =>
      ask.reschedule(index % 2 === 0 ? MIA : NOAH, row.id, { ...seen(row), startsAt: at('12-09T13:00') }),
    );
    expect(outcome).toMatchObject({ asked: 1, told: ['VersionConflict'] });
    expect(outcome.done).toHaveLength(1);
  });

  test('two requests for one time are not both confirmed, and a booking does not slip in between', async () => {
    const first = await requested(at('12-10T09:00'));
    const second = await ask.booked(NOAH, { eventTypeId: clinic.eventType(ANNA, 'first-visit'), startsAt: at('12-10T09:00') });
    const book = () =>
      ask.booked(DESK, { eventTypeId: clinic.eventType(ANNA, 'video-consult'), startsAt: at('12-10T09:00'), patientId: NOAH });
    await Promise.allSettled([
      ...TWENTY.map((index) => ask.confirm(ANNA, index % 2 === 0 ? first.id : second.id)),
      ...TWENTY.slice(0, 5).map(book),
    ]);
    await clinic.applier.idle();
    const taken = await clinic.pool.query(
      `SELECT 1 FROM "Appointment" WHERE "clinicianId" = $1 AND "status" = 'CONFIRMED' AND "startsAt" = $2`,
      [ANNA, at('12-10T09:00')],
    );
    expect(taken.rows).toHaveLength(1);
  });
});
