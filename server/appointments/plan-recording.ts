/**
 * What a recording will do: the bookings concerned as they are known now, merged with what was said, grouped into
 * appointments, each with its state before and after. Reads under the locks and writes nothing.
 */
import type { BookingObservation } from '../calcom/booking.ts';
import type { Transaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import { appointmentId, type AppointmentId, type BookingUid, newUuid, type UserId } from '../kernel/ids.ts';
import type { ConsultationType } from './appointment.ts';
import { loadAppointments, seatOwners, type StoredAppointment } from './appointment-rows.ts';
import { type AppointmentState, decisionOf, type LinkDecision, withDecisionsOf } from './appointment-state.ts';
import { type People, projectAppointment, type Surroundings } from './project-appointment.ts';
import { sameJson } from './same-json.ts';
import { type ChainGroup, type KnownBooking, planChains } from './booking-chain.ts';
import { emptyFacts, isDescribed, mergeObservation } from './booking-facts.ts';
import { loadComponent, withStubs } from './booking-rows.ts';
import { lookUpPeople } from './link-people.ts';

/** What was said, and the bookings it is about. */
export interface Subject {
  observations: readonly BookingObservation[];
  uids: BookingUid[];
}

export interface Work {
  observations: readonly BookingObservation[];
  bookings: Map<BookingUid, KnownBooking>;
  groups: ChainGroup[];
  stored: Map<AppointmentId, StoredAppointment>;
  people: People;
  around: Surroundings;
  refetch: Set<BookingUid>;
  /** Whose locks are needed. */
  clinicians: (UserId | null)[];
  factsChanged: boolean;
}

export interface PlanOptions {
  clock: Clock;
  clinicTimeZone: string;
}

export async function planRecording(tx: Transaction, options: PlanOptions, { observations, uids }: Subject): Promise<Work> {
  const before = await loadComponent(tx, uids);
  const { bookings, refetch } = mergedBookings(before, observations);
  const groups = planChains(bookings);
  for (const group of groups) {
    if (group.unknownHeir !== null) refetch.add(group.unknownHeir);
    const fork = group.forked ? forkedFrom(group, bookings) : null;
    if (fork !== null) refetch.add(fork);
  }

  const facts = [...bookings.values()].map((known) => known.facts);
  const seatUids = facts.flatMap((known) => known.attendees.flatMap((attendee) => attendee.seatUid ?? []));
  const ids = new Set([...bookings.values()].flatMap((known) => known.appointmentId ?? []));
  for (const id of await seatOwners(tx, seatUids, null)) ids.add(id);
  const stored = await loadAppointments(tx, [...ids]);
  const people = await lookUpPeople(tx, facts);
  const eventTypes = await defaultConsultationTypes(
    tx,
    facts.flatMap((known) => known.eventTypeId ?? []),
  );
  const organizers = facts.map((known) => (known.hosts[0] === undefined ? null : people.clinicianOf(known.hosts[0])));
  const now = options.clock.now().getTime();
  return {
    observations,
    bookings,
    groups,
    stored,
    people,
    around: {
      people,
      clinicTimeZone: options.clinicTimeZone,
      now,
      newId: () => newUuid(now),
      seatDecision: (seatUid) => decisionAboutSeat(stored, seatUid),
      eventTypeDefault: (id) => (id === null ? undefined : eventTypes.get(id)) ?? 'VIDEO',
    },
    refetch,
    clinicians: [...new Set([...organizers, ...[...stored.values()].map((appointment) => appointment.state.clinicianId)])],
    factsChanged: [...bookings].some(([uid, known]) => !sameJson(before.get(uid)?.facts, known.facts)),
  };
}

function decisionAboutSeat(stored: ReadonlyMap<AppointmentId, StoredAppointment>, seatUid: string | null): LinkDecision | null {
  if (seatUid === null) return null;
  const holders = [...stored.values()].flatMap(({ state }) => state.participants.filter((participant) => participant.seatUid === seatUid));
  return decisionOf(holders.find((participant) => participant.linkDecided) ?? null);
}

/** The booking that two others claim to replace, unless the API has been asked since: it alone names the heir. */
function forkedFrom(group: ChainGroup, bookings: ReadonlyMap<BookingUid, KnownBooking>): BookingUid | null {
  const root = group.uids[0] === undefined ? undefined : bookings.get(group.uids[0]);
  const origin = root?.facts.fromUid == null ? undefined : bookings.get(root.facts.fromUid);
  if (origin === undefined) return null;
  const { apiObservedAt, webhookObservedAt } = origin.facts;
  return apiObservedAt !== null && apiObservedAt >= (webhookObservedAt ?? 0) ? null : origin.facts.uid;
}

export function mergedBookings(
  before: ReadonlyMap<BookingUid, KnownBooking>,
  observations: readonly BookingObservation[],
): { bookings: Map<BookingUid, KnownBooking>; refetch: Set<BookingUid> } {
  const bookings = new Map(before);
  const refetch = new Set<BookingUid>();
  for (const seen of observations) {
    const known = bookings.get(seen.uid) ?? { facts: emptyFacts(seen.uid), appointmentId: null };
    const outcome = mergeObservation(known.facts, seen);
    bookings.set(seen.uid, { ...known, facts: outcome.facts });
    if (outcome.refetch) refetch.add(seen.uid);
  }
  withStubs(bookings);
  return { bookings, refetch };
}

async function defaultConsultationTypes(tx: Transaction, ids: readonly number[]): Promise<Map<number, ConsultationType>> {
  if (ids.length === 0) return new Map();
  const result = await tx.query<{ id: number; first: ConsultationType | null }>(
    `SELECT "id", "consultationTypes"[1]::text AS first FROM "CalcomEventType" WHERE "id" = ANY($1::int[])`,
    [[...new Set(ids)]],
  );
  return new Map(result.rows.flatMap((row) => (row.first === null ? [] : [[row.id, row.first] as const])));
}

/** What becomes of one group. */
export interface Outcome {
  group: ChainGroup;
  appointmentId: AppointmentId | null;
  before: StoredAppointment | null;
  after: AppointmentState | null;
}

export function decideOutcomes(work: Work): Outcome[] | 'UNKNOWN_HOST' {
  const live = work.groups.filter((group) => {
    const status = group.head === null ? null : (work.bookings.get(group.head)?.facts.status ?? null);
    return status === 'REQUESTED' || status === 'CONFIRMED';
  });
  const contested = live.length > 1 && live.some((group) => group.forked);
  const outcomes: Outcome[] = [];
  for (const group of work.groups) {
    const before = group.appointmentId === null ? null : (work.stored.get(group.appointmentId) ?? null);
    const facts = group.head === null ? null : (work.bookings.get(group.head)?.facts ?? null);
    if (facts === null || !isDescribed(facts)) {
      outcomes.push({ group, appointmentId: group.appointmentId, before, after: null });
      continue;
    }
    // Moved, but nobody knows where to yet: nothing to show before the refetch.
    if (before === null && facts.status === 'MOVED') {
      outcomes.push({ group, appointmentId: null, before, after: null });
      continue;
    }
    const losers = group.absorbed.flatMap((id) => work.stored.get(id)?.state ?? []);
    const known = before === null ? null : withDecisionsOf(before.state, losers);
    const after = projectAppointment(facts, known, contested && live.includes(group), work.around);
    if (before === null && after.clinicianId === null) return 'UNKNOWN_HOST';
    outcomes.push({ group, appointmentId: group.appointmentId ?? appointmentId(work.around.newId()), before, after });
  }
  return outcomes;
}
