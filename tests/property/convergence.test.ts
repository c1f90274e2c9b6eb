/**
 * The promise of the spine: whatever the order, duplication and loss of webhooks, one full-window sweep later the
 * appointments are what they would be had only the sweep been there. FULL=true: more histories.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { comparableRows, createSpine, logFaults, resetRows, SECRET } from './spine.ts';
import { type CapturedDelivery, operation, startUpstream } from './upstream-history.ts';

const FULL = process.env.FULL === 'true';
const HISTORIES = FULL ? 400 : 40;

let database: TestDatabase;
let reference: TestDatabase;
beforeAll(async () => {
  [database, reference] = await Promise.all([createTestDatabase(), createTestDatabase()]);
});
afterAll(async () => {
  await Promise.all([database.drop(), reference.drop()]);
});

/** Fate of one delivery: how many copies arrive, and after how many further operations. */
const fate = fc.record({ copies: fc.constantFrom(0, 1, 1, 1, 2), delay: fc.constantFrom(0, 0, 0, 1, 3, 99), jumps: fc.boolean() });

test('any order, duplication or loss of webhooks, then one sweep, ends in the same appointments', {
  timeout: FULL ? 1_800_000 : 150_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 20, size: 'max' }),
      fc.array(fate, { minLength: 1, maxLength: 20 }),
      async (operations, fates) => {
        await Promise.all([resetRows(database), resetRows(reference)]);
        const upstream = await startUpstream(SECRET);
        const spine = createSpine(database, upstream.url);
        const plain = createSpine(reference, upstream.url);
        try {
          const waiting: { due: number; delivery: CapturedDelivery }[] = [];
          let count = 0;
          for (const [index, step] of operations.entries()) {
            for (const delivery of await upstream.perform(step)) {
              const chosen = fates[count++ % fates.length] ?? { copies: 1, delay: 0, jumps: false };
              for (let copy = 0; copy < chosen.copies; copy += 1) {
                const place = { due: index + chosen.delay + copy, delivery };
                if (chosen.jumps) waiting.unshift(place);
                else waiting.push(place);
              }
            }
            const due = waiting.filter((one) => one.due <= index);
            for (const one of due) waiting.splice(waiting.indexOf(one), 1);
            await Promise.all(due.map((one) => spine.deliver(one.delivery)));
            await spine.idle();
          }
          await Promise.all(waiting.map((one) => spine.deliver(one.delivery)));
          await spine.idle();

          await spine.sweepEverything();
          await plain.sweepEverything();
          expect(await comparableRows(database)).toEqual(await comparableRows(reference));
          expect(await logFaults(database)).toEqual([]);
          // And it is a fixed point: sweeping again finds nothing to do.
          expect((await spine.sweepEverything()).changes).toBe(0);
        } finally {
          await Promise.all([spine.stop(), plain.stop()]);
          await upstream.close();
        }
      },
    ),
    { numRuns: HISTORIES, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
  );
});
