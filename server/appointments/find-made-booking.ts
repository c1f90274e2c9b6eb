/**
 * Whether a booking that we asked for has come into being, although the answer was lost (CONTRACT 2): by our request id in
 * the inbox, because Cal.com sends its webhook before it answers; else in the host's list, by e-mail and start.
 */
import type pg from 'pg';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomClient, CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import { bookingUid, type BookingUid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';

export interface WantedBooking {
  requestId: string;
  /** Lower case. */
  email: string;
  /** Unix ms. */
  startsAt: number;
  eventTypeId: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Empty: certainly not there at the time of asking. */
export async function findMadeBooking(
  options: { pool: Pick<pg.Pool, 'query'>; client: Pick<CalcomClient, 'getBooking' | 'listBookings'> },
  credential: CalcomCredential,
  wanted: WantedBooking,
): Promise<Result<BookingObservation[], CalcomFailure>> {
  const inbox = await options.pool.query<{ bookingUid: string }>(
    `SELECT DISTINCT "bookingUid" FROM "CalcomWebhookEvent" WHERE "requestId" = $1 AND "bookingUid" IS NOT NULL ORDER BY 1 LIMIT 100`,
    [wanted.requestId],
  );
  let uids: BookingUid[] = inbox.rows.map((row) => bookingUid(row.bookingUid));
  if (uids.length === 0) {
    const listed = await options.client.listBookings(credential, {
      attendeeEmail: wanted.email,
      afterStart: wanted.startsAt - MINUTE_MS,
      beforeEnd: wanted.startsAt + DAY_MS,
      take: 100,
      skip: 0,
    });
    if (!listed.ok) return listed;
    uids = listed.value.bookings.filter((booking) => isWanted(booking, wanted)).map((booking) => booking.uid);
  }

  const found = new Map<BookingUid, BookingObservation>();
  for (const uid of uids) {
    if (found.has(uid)) continue;
    const read = await options.client.getBooking(credential, uid);
    if (!read.ok) {
      if (read.failure.kind === 'NotFound') continue;
      return fail(read.failure);
    }
    for (const booking of read.value) found.set(booking.uid, booking);
    const series = read.value[0]?.seriesId;
    const whole = series == null ? null : await options.client.getBooking(credential, series);
    if (whole?.ok === true) for (const booking of whole.value) found.set(booking.uid, booking);
  }
  return ok([...found.values()].sort((a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0)));
}

/**
 * A group has the metadata of each seat; an older release may not say them, and then the same address in the same group is
 * the one. A seat that names another request is somebody else's: families share an address.
 */
function isWanted(booking: BookingObservation, wanted: WantedBooking): boolean {
  if (booking.startsAt !== wanted.startsAt) return false;
  if (booking.metadata?.fintanRequestId === wanted.requestId) return true;
  if (booking.seated !== true || booking.eventTypeId !== wanted.eventTypeId) return false;
  return (booking.attendees ?? []).some(({ metadata, email }) =>
    metadata?.fintanRequestId === undefined ? email === wanted.email : metadata.fintanRequestId === wanted.requestId,
  );
}
