/**
 * From single bookings to appointments: who replaced whom. Pure.
 *
 * A reschedule makes a new Booking with a new uid and id (MEASURED, "Bookings"); the Appointment goes on. The bookings
 * reachable from one another form a component; its paths "replaced by" are the appointments. When two parallel
 * reschedules of one booking both succeeded upstream (a fork), the heir is the one that the old booking names, and the
 * other is an Appointment of its own.
 */
import { type BookingFacts, isDescribed } from './booking-facts.ts';
import type { AppointmentId, BookingUid } from '../kernel/ids.ts';

export interface KnownBooking {
  facts: BookingFacts;
  /** The appointment that the uid was mapped to so far. */
  appointmentId: AppointmentId | null;
}

export interface ChainGroup {
  /** From the first booking to the last. */
  uids: BookingUid[];
  /** The last one that enough is known of; null when that is none. */
  head: BookingUid | null;
  /** The existing appointment that goes on as this group; null when there is none yet. */
  appointmentId: AppointmentId | null;
  /** Existing appointments that turn out to be this one: they become aliases. */
  absorbed: AppointmentId[];
  /** Began as a second, live successor of a booking that another group continues. */
  forked: boolean;
  /** A later booking is named, but nothing is known of it yet. */
  unknownHeir: BookingUid | null;
}

/** Groups every booking of a component; `bookings` must be closed under "from", "to" and "same appointment". */
export function planChains(bookings: ReadonlyMap<BookingUid, KnownBooking>): ChainGroup[] {
  const heirs = chooseHeirs(bookings);
  const hasPredecessor = new Set(heirs.values());
  const paths: BookingUid[][] = [];
  const placed = new Set<BookingUid>();
  const roots = [...bookings.keys()].filter((uid) => !hasPredecessor.has(uid)).sort();
  // A cycle upstream cannot happen, but must not hang us: what no root reaches is begun anywhere.
  for (const root of [...roots, ...[...bookings.keys()].sort()]) {
    if (placed.has(root)) continue;
    const path: BookingUid[] = [];
    for (let uid: BookingUid | undefined = root; uid !== undefined && !placed.has(uid); uid = heirs.get(uid)) {
      path.push(uid);
      placed.add(uid);
    }
    paths.push(path);
  }
  return assignAppointments(paths, bookings);
}

function chooseHeirs(bookings: ReadonlyMap<BookingUid, KnownBooking>): Map<BookingUid, BookingUid> {
  const successors = new Map<BookingUid, BookingUid[]>();
  for (const { facts } of bookings.values()) {
    if (facts.fromUid === null || !bookings.has(facts.fromUid)) continue;
    successors.set(facts.fromUid, [...(successors.get(facts.fromUid) ?? []), facts.uid]);
  }
  const heirs = new Map<BookingUid, BookingUid>();
  for (const [uid, { facts }] of bookings) {
    const named = facts.toUid === null ? undefined : bookings.get(facts.toUid);
    const consistent = named !== undefined && (named.facts.fromUid === null || named.facts.fromUid === uid);
    if (consistent) heirs.set(uid, named.facts.uid);
    else {
      const first = (successors.get(uid) ?? []).toSorted((a, b) => firstBorn(bookings, a, b))[0];
      if (first !== undefined) heirs.set(uid, first);
    }
  }
  return heirs;
}

/** Until upstream names the heir: the older successor, by id where both are known, else by uid, so that every order of arrival agrees. */
function firstBorn(bookings: ReadonlyMap<BookingUid, KnownBooking>, a: BookingUid, b: BookingUid): number {
  const idOf = (uid: BookingUid) => bookings.get(uid)?.facts.bookingId ?? Number.MAX_SAFE_INTEGER;
  return idOf(a) - idOf(b) || (a < b ? -1 : 1);
}

function assignAppointments(paths: BookingUid[][], bookings: ReadonlyMap<BookingUid, KnownBooking>): ChainGroup[] {
  // An appointment stays with the path that holds its earliest booking.
  const home = new Map<AppointmentId, { path: number; depth: number }>();
  const depths = depthsFromOrigin(bookings);
  paths.forEach((path, index) => {
    for (const uid of path) {
      const owner = bookings.get(uid)?.appointmentId ?? null;
      if (owner === null) continue;
      const depth = depths.get(uid) ?? 0;
      const known = home.get(owner);
      if (known === undefined || depth < known.depth) home.set(owner, { path: index, depth });
    }
  });
  return paths.map((path, index) => {
    const owners = [...home].filter(([, place]) => place.path === index).map(([id]) => id);
    // Ids are UUIDv7: the smallest is the oldest, and the oldest wins.
    const [winner, ...absorbed] = owners.toSorted();
    const described = (uid: BookingUid) => {
      const known = bookings.get(uid);
      return known !== undefined && isDescribed(known.facts);
    };
    const head = path.findLast(described) ?? null;
    const last = path.at(-1) ?? null;
    const from = bookings.get(path[0] as BookingUid)?.facts.fromUid ?? null;
    return {
      uids: path,
      head,
      appointmentId: winner ?? null,
      absorbed,
      forked: from !== null && bookings.has(from),
      unknownHeir: last !== null && head !== null && last !== head && !described(last) ? last : null,
    };
  });
}

function depthsFromOrigin(bookings: ReadonlyMap<BookingUid, KnownBooking>): Map<BookingUid, number> {
  const depths = new Map<BookingUid, number>();
  for (const uid of bookings.keys()) {
    let depth = 0;
    const seen = new Set<BookingUid>([uid]);
    for (
      let from = bookings.get(uid)?.facts.fromUid ?? null;
      from !== null && !seen.has(from);
      from = bookings.get(from)?.facts.fromUid ?? null
    ) {
      seen.add(from);
      depth += 1;
    }
    depths.set(uid, depth);
  }
  return depths;
}
