/** Bookings as Cal.com shows them against what is known here: says what differs, and records it when it is to be repaired. */
import type pg from 'pg';
import { emptyFacts, isDescribed, mergeObservation, type BookingFacts } from '../appointments/booking-facts.ts';
import { lookUpPeople } from '../appointments/link-people.ts';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { AppointmentId, BookingUid } from '../kernel/ids.ts';
import { ok, type Result } from '../kernel/result.ts';
import { differenceFrom, type KnownHere } from './classify-drift.ts';
import type { NewDriftItem } from './drift-reports.ts';
import type { DriftClass, SweepMode, SweepOwner } from './sweep.ts';

export interface CompareDeps {
  pool: pg.Pool;
  recorder: BookingRecorder;
  mode: SweepMode;
  owner: SweepOwner;
  /** Reads and records these bookings; waits for the rate limit. Answers how many rows of the log were written. */
  refresh: (uids: BookingUid[]) => Promise<Result<number, CalcomFailure>>;
}

export interface Comparison {
  items: NewDriftItem[];
  differing: number;
  changes: number;
  /** Of hosts that are not ours. */
  foreign: number;
  unreadable: number;
  /** Drift with its `updatedAt` upstream, Unix ms: what a webhook should have told. */
  told: { uid: BookingUid; upstreamAt: number }[];
}

export async function compareBookings(
  deps: CompareDeps,
  observations: readonly BookingObservation[],
): Promise<Result<Comparison, CalcomFailure>> {
  const sum: Comparison = { items: [], differing: 0, changes: 0, foreign: 0, unreadable: 0, told: [] };
  if (observations.length === 0) return ok(sum);
  const origins = observations.flatMap((seen) => seen.rescheduledFromUid ?? []);
  const known = await knownHere(deps.pool, [...observations.map((seen) => seen.uid), ...origins]);
  const strangers = observations.filter((seen) => !known.has(seen.uid));
  const people = strangers.length === 0 ? null : await lookUpPeople(deps.pool, strangers.map(factsOf));
  const refetch = new Set<BookingUid>();

  for (const seen of observations) {
    if (seen.status === undefined) sum.unreadable += 1;
    const here = known.get(seen.uid);
    const origin = seen.rescheduledFromUid == null ? undefined : known.get(seen.rescheduledFromUid);
    const ours = seen.hosts?.[0] !== undefined && people?.clinicianOf(seen.hosts[0]) != null;
    const { differs, drift } =
      here === undefined ? { differs: true, drift: strangerClass(deps.owner, seen, ours, origin) } : differenceFrom(here, seen);
    if (here === undefined && !ours && origin === undefined) sum.foreign += 1;
    if (!differs) continue;
    sum.differing += 1;
    if (drift !== null) sum.items.push(itemOf(deps, seen, drift, here ?? origin));
    if (drift !== null && drift !== 'UNKNOWN_HOST' && seen.upstreamAt !== null && seen.status !== 'MOVED')
      sum.told.push({ uid: seen.uid, upstreamAt: seen.upstreamAt });
    if (deps.mode === 'REPORT') continue;
    const result = await deps.recorder.record([seen], { cause: 'SWEEP' });
    sum.changes += result.changes;
    for (const uid of result.refetch) refetch.add(uid);
    // Its own origin was never described here: the link to what is known may lie behind it.
    if (seen.rescheduledFromUid != null && origin === undefined && !observations.some((other) => other.uid === seen.rescheduledFromUid))
      refetch.add(seen.rescheduledFromUid);
  }
  if (refetch.size === 0) return ok(sum);
  const read = await deps.refresh([...refetch]);
  if (!read.ok) return read;
  sum.changes += read.value;
  return ok(sum);
}

/** Of a booking that is no appointment here. */
function strangerClass(owner: SweepOwner, seen: BookingObservation, ours: boolean, origin: KnownHere | undefined): DriftClass | null {
  // Ours still shows the one that it replaced.
  if (origin !== undefined) return 'MOVED';
  if (ours) return 'MISSING';
  // The list also shows what our clinician attends as a guest of somebody else: not theirs (ARCHITECTURE, "Data").
  const attends = owner.calcomEmail != null && (seen.attendees ?? []).some((attendee) => attendee.email === owner.calcomEmail);
  return attends ? null : 'UNKNOWN_HOST';
}

function itemOf(deps: CompareDeps, seen: BookingObservation, drift: DriftClass, here: KnownHere | undefined): NewDriftItem {
  return {
    class: drift,
    ownerId: deps.owner.ownerId,
    bookingUid: seen.uid,
    appointmentId: here?.appointmentId ?? null,
    ourStartsAt: here?.row?.startsAt ?? here?.facts.startsAt ?? null,
    upstreamStartsAt: seen.startsAt ?? null,
    repaired: deps.mode === 'REPAIR' && drift !== 'UNKNOWN_HOST',
  };
}

function factsOf(seen: BookingObservation): BookingFacts {
  return mergeObservation(emptyFacts(seen.uid), seen).facts;
}

/** Only bookings that are described and part of an appointment: the others count as unknown, and are always recorded. */
async function knownHere(pool: pg.Pool, uids: readonly BookingUid[]): Promise<Map<BookingUid, KnownHere>> {
  const result = await pool.query<{
    bookingUid: BookingUid;
    facts: BookingFacts;
    appointmentId: AppointmentId;
    startsAt: Date | null;
    endsAt: Date | null;
  }>(
    `SELECT b."bookingUid", b."facts", b."appointmentId", a."startsAt", a."endsAt"
     FROM "AppointmentBooking" b LEFT JOIN "Appointment" a ON a."id" = b."appointmentId" AND a."calcomBookingUid" = b."bookingUid"
     WHERE b."bookingUid" = ANY($1) AND b."appointmentId" IS NOT NULL`,
    [uids],
  );
  return new Map(
    result.rows
      .filter((row) => isDescribed(row.facts))
      .map((row) => [
        row.bookingUid,
        {
          facts: row.facts,
          appointmentId: row.appointmentId,
          row: row.startsAt === null || row.endsAt === null ? null : { startsAt: row.startsAt.getTime(), endsAt: row.endsAt.getTime() },
        },
      ]),
  );
}
