/** Rows of `AppointmentBooking`: every uid ever seen, what is known of it, and the appointment it belongs to. */
import type { BookingObservation } from '../calcom/booking.ts';
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId, BookingUid } from '../kernel/ids.ts';
import { emptyFacts, type BookingFacts } from './booking-facts.ts';
import type { ChainGroup, KnownBooking } from './booking-chain.ts';

type Queryable = Pick<Transaction, 'query'>;

/** A chain of more hops than this is not followed further in one go; no real chain comes near. */
const MAX_HOPS = 50;

/** Every uid that an observation names. */
export function uidsNamedBy(observations: readonly BookingObservation[]): BookingUid[] {
  const uids = observations.flatMap((seen) => [seen.uid, seen.rescheduledFromUid ?? null, seen.rescheduledToUid ?? null]);
  return [...new Set(uids.filter((uid) => uid !== null))].toSorted();
}

/** The component of the given uids: closed under "from", "to" and "same appointment". One statement a hop, usually two in all. */
export async function loadComponent(db: Queryable, uids: readonly BookingUid[]): Promise<Map<BookingUid, KnownBooking>> {
  const found = new Map<BookingUid, KnownBooking>();
  let asked: BookingUid[] = [...uids];
  const everAsked = new Set<BookingUid>(asked);
  for (let hop = 0; hop < MAX_HOPS && asked.length > 0; hop += 1) {
    const result = await db.query<{
      bookingUid: BookingUid;
      appointmentId: AppointmentId | null;
      facts: BookingFacts;
      siblings: BookingUid[] | null;
    }>(
      `SELECT b."bookingUid", b."appointmentId", b."facts",
              (SELECT array_agg(s."bookingUid") FROM "AppointmentBooking" s WHERE s."appointmentId" = b."appointmentId") AS siblings
       FROM "AppointmentBooking" b
       WHERE b."bookingUid" = ANY($1) OR b."fromUid" = ANY($1) OR b."toUid" = ANY($1)`,
      [asked],
    );
    const next = new Set<BookingUid>();
    for (const row of result.rows) {
      found.set(row.bookingUid, { facts: row.facts, appointmentId: row.appointmentId });
      for (const uid of [row.bookingUid, row.facts.fromUid, row.facts.toUid, ...(row.siblings ?? [])])
        if (uid !== null && !everAsked.has(uid)) next.add(uid);
    }
    for (const uid of next) everAsked.add(uid);
    asked = [...next];
  }
  return found;
}

/** Gives every uid that a known booking names a booking of its own, so that each is found by either name. */
export function withStubs(bookings: Map<BookingUid, KnownBooking>): void {
  for (const { facts } of bookings.values()) {
    if (facts.fromUid !== null && !bookings.has(facts.fromUid))
      bookings.set(facts.fromUid, { facts: { ...emptyFacts(facts.fromUid), toUid: facts.uid }, appointmentId: null });
    if (facts.toUid !== null && !bookings.has(facts.toUid))
      bookings.set(facts.toUid, { facts: { ...emptyFacts(facts.toUid), fromUid: facts.uid }, appointmentId: null });
  }
}

/** Stores facts and mapping of a component in one statement. */
export async function storeComponent(
  tx: Transaction,
  bookings: ReadonlyMap<BookingUid, KnownBooking>,
  owners: ReadonlyMap<BookingUid, AppointmentId>,
): Promise<void> {
  const rows = [...bookings.values()].map(({ facts }) => ({
    bookingUid: facts.uid,
    appointmentId: owners.get(facts.uid) ?? null,
    bookingId: facts.bookingId,
    fromUid: facts.fromUid,
    toUid: facts.toUid,
    seriesId: facts.seriesId,
    facts,
  }));
  await tx.query(
    `INSERT INTO "AppointmentBooking" ("bookingUid","appointmentId","bookingId","fromUid","toUid","seriesId","facts")
     SELECT r."bookingUid", r."appointmentId", r."bookingId", r."fromUid", r."toUid", r."seriesId", r."facts"
     FROM jsonb_to_recordset($1::jsonb) AS r("bookingUid" text, "appointmentId" uuid, "bookingId" int, "fromUid" text, "toUid" text, "seriesId" text, "facts" jsonb)
     ON CONFLICT ("bookingUid") DO UPDATE SET "appointmentId" = EXCLUDED."appointmentId", "bookingId" = EXCLUDED."bookingId",
       "fromUid" = EXCLUDED."fromUid", "toUid" = EXCLUDED."toUid", "seriesId" = EXCLUDED."seriesId", "facts" = EXCLUDED."facts"`,
    [JSON.stringify(rows)],
  );
}

/** The owner of each uid once every group has its appointment. */
export function ownersOf(groups: readonly { group: ChainGroup; appointmentId: AppointmentId | null }[]): Map<BookingUid, AppointmentId> {
  const owners = new Map<BookingUid, AppointmentId>();
  for (const { group, appointmentId } of groups) if (appointmentId !== null) for (const uid of group.uids) owners.set(uid, appointmentId);
  return owners;
}
