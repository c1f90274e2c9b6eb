/**
 * The one door for what Cal.com says: mutation, webhook and sweep all end here. Lock, merge (pure), store, log the
 * Change: one transaction.
 *
 * Locks come before the first write, so that the order of the log is the order of the locks (STACK 14): an advisory lock
 * on every uid named and on every clinician concerned. The clinician's lock makes the overlap mark of neighbours safe and
 * keeps `record-care` in line; it is taken in sorted order, and when the rows read under the locks concern somebody else,
 * the transaction begins anew with the larger set.
 */
import type pg from 'pg';
import type { BookingObservation } from '../calcom/booking.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import type { BookingUid, UserId } from '../kernel/ids.ts';
import { lockAppointments, type LockSet } from './appointment-locks.ts';
import type { KnownBooking } from './booking-chain.ts';
import { loadComponent, uidsNamedBy } from './booking-rows.ts';
import { lookUpPeople } from './link-people.ts';
import { mergedBookings, planRecording, type Subject } from './plan-recording.ts';
import type { RecordContext, RecordResult } from './recording.ts';
import { storeRecording } from './store-recording.ts';

export interface BookingRecorder {
  /** @throws on database failures only; then nothing was stored. */
  record(observations: readonly BookingObservation[], context: RecordContext): Promise<RecordResult>;
  /** Derives the appointments of known bookings anew, because our people are others than when they were recorded. */
  relink(uids: readonly BookingUid[], context: RecordContext): Promise<RecordResult>;
}

export interface RecorderOptions {
  pool: pg.Pool;
  clock: Clock;
  clinicTimeZone: string;
  /** Called after a commit that wrote to the log. */
  ring: () => void;
}

/** More than this many fresh starts means that something else is wrong. */
const MAX_STARTS = 8;

export function createBookingRecorder(options: RecorderOptions): BookingRecorder {
  async function run(about: Subject, context: RecordContext): Promise<RecordResult> {
    let locks = await firstLocks(options.pool, about);
    for (let start = 0; start < MAX_STARTS; start += 1) {
      const outcome = await inTransaction(options.pool, async (tx) => {
        await lockAppointments(tx, locks);
        const work = await planRecording(tx, options, about);
        const missing = work.clinicians.filter((id) => !locks.clinicians.includes(id));
        if (missing.length > 0) return { again: [...locks.clinicians, ...missing] };
        const result = await storeRecording(tx, work, context);
        await context.alongside?.(tx, result);
        return { result };
      });
      if (outcome.result !== undefined) {
        if (outcome.result.changes > 0) options.ring();
        return outcome.result;
      }
      locks = { ...locks, clinicians: outcome.again };
    }
    throw new Error('The appointments of a booking kept changing hands while it was recorded.');
  }

  return {
    record: (observations, context) => run({ observations, uids: uidsNamedBy(observations) }, context),
    relink: (uids, context) => run({ observations: [], uids: uids.toSorted() }, context),
  };
}

/** Outside of the transaction, so that the locks are usually complete at the first start. */
async function firstLocks(pool: pg.Pool, { observations, uids }: Subject): Promise<LockSet> {
  const bookings = mergedBookings(await loadComponent(pool, uids), observations).bookings;
  const facts = [...bookings.values()].map((known) => known.facts);
  const [people, owned] = await Promise.all([lookUpPeople(pool, facts), cliniciansOf(pool, bookings)]);
  const organizers = facts.map((known) => (known.hosts[0] === undefined ? null : people.clinicianOf(known.hosts[0])));
  return { uids, clinicians: [...new Set([...owned, ...organizers])] };
}

async function cliniciansOf(db: Pick<Transaction, 'query'>, bookings: ReadonlyMap<BookingUid, KnownBooking>): Promise<(UserId | null)[]> {
  const ids = [...new Set([...bookings.values()].flatMap((known) => known.appointmentId ?? []))];
  if (ids.length === 0) return [];
  const result = await db.query<{ clinicianId: UserId | null }>(
    `SELECT DISTINCT "clinicianId" FROM "Appointment" WHERE "id" = ANY($1::uuid[])`,
    [ids],
  );
  return result.rows.map((row) => row.clinicianId);
}
