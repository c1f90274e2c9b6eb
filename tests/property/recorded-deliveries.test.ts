/**
 * The same promise on real traffic: the deliveries of a real server in any order, doubled and lost, and then that server's
 * own list of bookings, end in what the list alone gives.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type BookingRecorder, createBookingRecorder } from '../../server/appointments/record-booking.ts';
import type { BookingObservation } from '../../server/calcom/booking.ts';
import { observationFromApi } from '../../server/calcom/rest-booking.ts';
import { booking as upstreamBooking } from '../../server/calcom/rest-contract.ts';
import { readWebhook } from '../../server/calcom/webhook-meaning.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { comparableRows, logFaults, resetRows } from './spine.ts';

const FULL = process.env.FULL === 'true';
const RUNS = FULL ? 300 : 30;
const folder = new URL('../payloads/recordings/', import.meta.url);
const recorded = z.object({ rawBody: z.string(), headers: z.record(z.string(), z.string()) });
const list = z.object({ response: z.object({ body: z.object({ data: z.array(upstreamBooking) }) }) });

/** Received one after the other, and the list read after all of them. */
const deliveries = readdirSync(new URL('webhooks/', folder))
  .toSorted()
  .map((name) => recorded.parse(JSON.parse(readFileSync(new URL(`webhooks/${name}`, folder), 'utf8'))))
  .filter((delivery) => delivery.headers['x-cal-signature-256'] !== 'no-secret-provided');
const answers = list
  .parse(JSON.parse(readFileSync(new URL('260-bookings-list-all-default-order.json', folder), 'utf8')))
  .response.body.data.map((one) => observationFromApi(one, deliveries.length + 1));

let database: TestDatabase;
let recorder: BookingRecorder;
beforeAll(async () => {
  database = await createTestDatabase();
  recorder = createBookingRecorder({ pool: database.pool, clock: systemClock, clinicTimeZone: 'Europe/Amsterdam', ring: () => {} });
});
afterAll(() => database.drop());

async function listed(): Promise<unknown[]> {
  const uids = new Set<string>(answers.map((answer) => answer.uid));
  return (await comparableRows(database)).filter((row) => uids.has((row as { calcomBookingUid: string }).calcomBookingUid));
}

async function recordAll(observations: readonly BookingObservation[]): Promise<void> {
  for (const seen of observations) await recorder.record([seen], { cause: 'SWEEP' });
}

test('there are real deliveries and a real list', () => {
  expect(deliveries.length).toBeGreaterThan(50);
  expect(answers.length).toBe(43);
});

test('real deliveries in any order, doubled and lost, then the real list, end in the appointments of the list', {
  timeout: FULL ? 1_800_000 : 600_000,
}, async () => {
  await resetRows(database);
  await recordAll(answers);
  const expected = await listed();
  expect(expected.length).toBeGreaterThan(25);
  const order = fc.array(fc.nat(deliveries.length - 1), { minLength: 20, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(order, fc.shuffledSubarray(answers, { minLength: answers.length }), async (indexes, inAnyOrder) => {
      await resetRows(database);
      for (const [at, index] of indexes.entries()) {
        const { meaning } = readWebhook(JSON.parse(deliveries[index]?.rawBody ?? '{}'), at);
        if (meaning.kind === 'BOOKING' && meaning.observations.length > 0)
          await recorder.record(meaning.observations, { cause: 'WEBHOOK' });
      }
      await recordAll(inAnyOrder);
      expect(await listed()).toEqual(expected);
      expect(await logFaults(database)).toEqual([]);
    }),
    { numRuns: RUNS, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
  );
});
