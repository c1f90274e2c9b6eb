/**
 * Several people at the booking desk at once, with answers and webhooks that get lost: afterwards one sweep finds nothing
 * that was not so already said, nobody is booked twice, and what each person was told is what became of it. FULL=true:
 * more of them.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBookingRecorder } from '../../server/appointments/record-booking.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createReconciler } from '../../server/reconciliation/reconcile.ts';
import { createUpstreamReader } from '../../server/webhooks/read-upstream.ts';
import { ANNA, type BookingClinic, createBookingClinic, NOW } from '../support/booking-clinic.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createParallelWishes, round, rowsIn, type Told } from './parallel-wishes.ts';
import { comparableRows, logFaults } from './spine.ts';

const FULL = process.env.FULL === 'true';
const RUNS = FULL ? 150 : 12;
const YEAR = 365 * 86_400_000;

let clinic: BookingClinic;
let reference: TestDatabase;

beforeAll(async () => {
  [clinic, reference] = await Promise.all([
    createBookingClinic({ limits: { breakerThreshold: 10_000, writeTimeoutMs: 1_500 } }),
    createTestDatabase(),
  ]);
  await copyPeople();
});
afterAll(async () => {
  await Promise.all([clinic.close(), reference.drop()]);
});

test('whatever several people wish for at once, each is told what became of it, and nobody is booked twice', {
  timeout: FULL ? 1_800_000 : 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6, size: 'max' }), async (rounds) => {
      await beginAnew();
      const people = createParallelWishes(clinic);
      for (const each of rounds) await people.perform(each);
      await clinic.sandbox.control.clearFaults();
      await clinic.applier.idle();

      await sweep(clinic.database);
      await sweep(reference);
      expect(await comparableRows(clinic.database)).toEqual(await comparableRows(reference));
      expect(await logFaults(clinic.database)).toEqual([]);
      expect(await doubleBookings()).toEqual([]);
      const faults: string[] = [];
      for (const told of people.told) faults.push(...(await untrue(told, people)));
      expect(faults).toEqual([]);
    }),
    { numRuns: RUNS, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
  );
});

const ROWS = `"Appointment","AppointmentBooking","AppointmentAlias","AppointmentParticipant","AppointmentHost","AppointmentChange","CalcomWebhookEvent","JobCheckpoint","MutationKey","SlotHold"`;

async function beginAnew(): Promise<void> {
  await clinic.sandbox.control.reset();
  for (const { pool } of [clinic, reference]) await pool.query(`TRUNCATE ${ROWS} CASCADE`);
  clinic.slots.invalidateAll();
}

async function copyPeople(): Promise<void> {
  const people = await clinic.pool.query<{ row: unknown }>(`SELECT to_jsonb(u) AS row FROM "User" u`);
  await reference.pool.query(`INSERT INTO "User" SELECT (jsonb_populate_recordset(NULL::"User", $1::jsonb)).*`, [
    JSON.stringify(people.rows.map(({ row }) => row)),
  ]);
}

/** Every booking read from Cal.com, with the key of each clinician. */
async function sweep({ pool }: Pick<TestDatabase, 'pool'>): Promise<void> {
  const { client, clock } = clinic;
  const recorder = createBookingRecorder({ pool, clock, clinicTimeZone: 'Europe/Amsterdam', ring: () => {} });
  const reader = createUpstreamReader({ client, recorder, anyCredential: () => clinic.credentials.of(ANNA) });
  const reconciler = createReconciler({
    pool,
    client,
    recorder,
    reader,
    credentials: () => clinic.credentials.all(),
    clock,
    log: silentLog,
  });
  const middle = Date.parse(NOW);
  const report = await reconciler.sweep({ kind: 'window', span: 'custom', from: new Date(middle - YEAR), to: new Date(middle + YEAR) });
  expect(report.failures).toEqual([]);
}

async function doubleBookings(): Promise<unknown[]> {
  const result = await clinic.pool.query(
    `SELECT a."startsAt", b."startsAt" AS other FROM "Appointment" a JOIN "Appointment" b ON b."clinicianId" = a."clinicianId" AND b."id" > a."id"
      AND b."startsAt" < a."endsAt" AND b."endsAt" > a."startsAt"
     WHERE a."status" = 'CONFIRMED' AND b."status" = 'CONFIRMED'`,
  );
  return result.rows;
}

type People = ReturnType<typeof createParallelWishes>;

/** What this person was told and is not so; empty when all is. */
async function untrue(told: Told, people: People): Promise<string[]> {
  const { wish, outcome } = told;
  const faults: string[] = [];
  const wrong = (what: string) => faults.push(`${wish.do}: ${what}`);
  const failure = outcome.ok ? null : outcome.failure.kind;
  if (failure === 'OutcomeUnknown' || failure === 'CalcomUnavailable') wrong(`${failure} to the end`);
  if (told.appointmentId === null && wish.do !== 'seat') {
    const made = await bookingsMadeFor(told);
    if (made !== (outcome.ok ? 1 : 0)) wrong(`${made} bookings after ${failure ?? 'success'}`);
  }
  if (!outcome.ok) return faults;
  for (const answered of rowsIn(outcome.value)) {
    const row = await people.rowOf(answered.id);
    if (row === null) wrong('the appointment is gone');
    else {
      if (row.version < answered.version) wrong('its version has fallen');
      if (row.seated) continue;
      if (wish.do === 'cancel' && row.status !== 'CANCELLED') wrong(`it is ${row.status}`);
      if (wish.do === 'decline' && row.status !== 'DECLINED' && row.status !== 'CANCELLED') wrong(`it is ${row.status}`);
      if (wish.do === 'confirm' && row.status === 'DECLINED') wrong('it was declined afterwards');
      if (wish.do === 'reschedule' && isLastMove(told, people) && row.startsAt.getTime() !== answered.startsAt.getTime())
        wrong('it is at another time');
    }
  }
  return faults;
}

/** Of those moves of one appointment that were said to have worked, the one with the highest version. */
function isLastMove(told: Told, people: People): boolean {
  const version = (one: Told) => (one.outcome.ok ? Math.max(...rowsIn(one.outcome.value).map((row) => row.version)) : 0);
  const moves = people.told.filter((one) => one.wish.do === 'reschedule' && one.appointmentId === told.appointmentId && one.outcome.ok);
  return moves.every((one) => version(one) <= version(told));
}

/** Bookings at Cal.com that began with this wish; a move carries its metadata on, and is not another one. */
async function bookingsMadeFor(told: Told): Promise<number> {
  const result = await clinic.pool.query<{ made: number }>(
    `SELECT count(*)::int AS made FROM "AppointmentBooking" b
     WHERE b."fromUid" IS NULL AND b."facts"->'metadata'->>'fintanRequestId' = (SELECT "requestId"::text FROM "MutationKey" WHERE "viewerId" = $1 AND "key" = $2)`,
    [told.viewerId, told.key],
  );
  return result.rows[0]?.made ?? 0;
}
