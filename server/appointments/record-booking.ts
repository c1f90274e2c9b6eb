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
import { appointmentId, type AppointmentId, type BookingUid, newUuid, type UserId, type WebhookEventId } from '../kernel/ids.ts';
import { appendChange, type ChangeCause } from '../live/change-log.ts';
import type { ConsultationType } from './appointment.ts';
import {
  absorbAppointment,
  conflictsAround,
  insertAppointment,
  loadAppointments,
  seatOwners,
  type StoredAppointment,
  updateAppointment,
} from './appointment-rows.ts';
import {
  type AppointmentState,
  changedFields,
  inOrder,
  decisionOf,
  kindOf,
  type LinkDecision,
  type People,
  projectAppointment,
  sameJson,
  snapshotOf,
  type Surroundings,
  withDecisionsOf,
} from './appointment-state.ts';
import { type ChainGroup, type KnownBooking, planChains } from './booking-chain.ts';
import { emptyFacts, isDescribed, mergeObservation } from './booking-facts.ts';
import { loadComponent, ownersOf, storeComponent, uidsNamedBy, withStubs } from './booking-rows.ts';
import { lockAppointments, type LockSet } from './appointment-locks.ts';
import { lookUpPeople } from './link-people.ts';

export interface RecordContext {
  cause: ChangeCause;
  actorId?: UserId | null;
  webhookEventId?: WebhookEventId | null;
  receivedAt?: Date | null;
  recordedAt?: Date | null;
  /** More to do in the same transaction, last: marking the inbox row processed. */
  alongside?: (tx: Transaction, result: RecordResult) => Promise<void>;
}

export interface RecordResult {
  /** Of each observation, in its order; null where its booking is not (yet) an appointment. */
  appointmentIds: (AppointmentId | null)[];
  /** Whose time it is about: organizers and other hosts, of before and now. */
  clinicians: UserId[];
  /** Rows of the log written. Zero: everything was known. */
  changes: number;
  /** Bookings that must be read from the API to know the truth. */
  refetch: BookingUid[];
  /** The organizer is nobody of ours: nothing was stored. */
  waitingForHost: boolean;
}

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
        const work = await prepare(tx, options, about);
        const missing = work.clinicians.filter((id) => !locks.clinicians.includes(id));
        if (missing.length > 0) return { again: [...locks.clinicians, ...missing] };
        const result = await store(tx, options, work, context);
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

/** What was said, and the bookings it is about. */
interface Subject {
  observations: readonly BookingObservation[];
  uids: BookingUid[];
}

/** Outside of the transaction, so that the locks are usually complete at the first start. */
async function firstLocks(pool: pg.Pool, { observations, uids }: Subject): Promise<LockSet> {
  const bookings = merged(await loadComponent(pool, uids), observations).bookings;
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

interface Work {
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

async function prepare(tx: Transaction, options: RecorderOptions, { observations, uids }: Subject): Promise<Work> {
  const before = await loadComponent(tx, uids);
  const { bookings, refetch } = merged(before, observations);
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

function merged(
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
interface Outcome {
  group: ChainGroup;
  appointmentId: AppointmentId | null;
  before: StoredAppointment | null;
  after: AppointmentState | null;
}

async function store(tx: Transaction, options: RecorderOptions, work: Work, context: RecordContext): Promise<RecordResult> {
  const outcomes = decide(work);
  if (outcomes === 'UNKNOWN_HOST')
    return { appointmentIds: work.observations.map(() => null), clinicians: [], changes: 0, refetch: [], waitingForHost: true };

  await keepCalcomIds(tx, work, outcomes);
  const log = changeLogger(tx, context);
  const absorbed = await absorb(tx, work, outcomes);
  await giveUpSeats(tx, outcomes);
  const takenFrom = await takeSeats(tx, work, outcomes, log);
  for (const outcome of outcomes) if (outcome.before !== null && outcome.after !== null) await keep(tx, outcome.before, outcome.after);
  // The new ones last: they may take a uid that an existing one has just given up.
  const owners = ownersOf(outcomes);
  for (const outcome of outcomes)
    if (outcome.before === null && outcome.after !== null && outcome.appointmentId !== null)
      await insertAppointment(tx, outcome.appointmentId, outcome.after);
  if (work.factsChanged || [...work.bookings.values()].some((known) => known.appointmentId !== (owners.get(known.facts.uid) ?? null))) {
    await storeComponent(tx, work.bookings, owners);
  }

  await markConflicts(tx, outcomes, takenFrom, log);
  for (const outcome of outcomes) await logOutcome(log, outcome);
  for (const { loser, winner } of absorbed) await log.merged(loser, winner);
  return {
    appointmentIds: work.observations.map((seen) => owners.get(seen.uid) ?? null),
    clinicians: cliniciansIn(work, outcomes),
    changes: log.count(),
    refetch: [...work.refetch],
    waitingForHost: false,
  };

  async function keep(within: Transaction, before: StoredAppointment, after: AppointmentState): Promise<void> {
    const fields = changedFields(before.state, after);
    if (fields.length === 0 && sameJson(before.state, after)) return;
    await updateAppointment(within, before, fields.length === 0 ? before.version : before.version + 1, after);
  }
}

function cliniciansIn(work: Work, outcomes: readonly Outcome[]): UserId[] {
  const hosts = outcomes.flatMap((outcome) => [...(outcome.before?.state.hosts ?? []), ...(outcome.after?.hosts ?? [])]);
  return [...new Set([...work.clinicians, ...hosts.map((host) => host.userId)])].filter((id) => id !== null);
}

function decide(work: Work): Outcome[] | 'UNKNOWN_HOST' {
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

async function absorb(tx: Transaction, work: Work, outcomes: Outcome[]): Promise<{ loser: StoredAppointment; winner: Outcome }[]> {
  const absorbed: { loser: StoredAppointment; winner: Outcome }[] = [];
  for (const outcome of outcomes) {
    for (const id of outcome.group.absorbed) {
      const loser = work.stored.get(id);
      if (loser === undefined || outcome.appointmentId === null) continue;
      await absorbAppointment(tx, id, outcome.appointmentId);
      absorbed.push({ loser, winner: outcome });
    }
  }
  return absorbed;
}

/** A clinician found by e-mail is known by Cal.com's id from now on. */
async function keepCalcomIds(tx: Transaction, work: Work, outcomes: Outcome[]): Promise<void> {
  for (const host of outcomes.flatMap((outcome) => outcome.after?.hosts ?? [])) {
    if (host.userId === null || host.calcomUserId === null || !work.people.lacksCalcomId(host.userId)) continue;
    await tx.query(`UPDATE "User" SET "calcomUserId" = $2 WHERE "id" = $1 AND "calcomUserId" IS NULL`, [host.userId, host.calcomUserId]);
  }
}

/** When one recording tells of the group that a seat left and of the one it joined, the first lets go before the second takes it. */
async function giveUpSeats(tx: Transaction, outcomes: Outcome[]): Promise<void> {
  const taken = new Set<string>();
  for (const outcome of outcomes.toReversed()) {
    if (outcome.after === null) continue;
    const active = outcome.after.participants.filter((participant) => participant.state === 'ACTIVE' && participant.seatUid !== null);
    const lost = new Set(taken);
    for (const participant of active) if (participant.seatUid !== null && !taken.has(participant.seatUid)) taken.add(participant.seatUid);
    const leaving = outcome.after.participants.filter((participant) => participant.seatUid !== null && lost.has(participant.seatUid));
    if (leaving.length === 0) continue;
    const gone = new Set(leaving.map((participant) => participant.id));
    const participants = outcome.after.participants.map((participant) =>
      gone.has(participant.id) ? { ...participant, seatUid: null, state: 'MOVED' as const } : participant,
    );
    outcome.after = { ...outcome.after, participants: inOrder(participants) };
    await tx.query(`UPDATE "AppointmentParticipant" SET "seatUid" = NULL, "state" = 'MOVED' WHERE "id" = ANY($1::uuid[])`, [[...gone]]);
  }
}

/** A seat that moved alone: its participant leaves the appointment it was of. */
async function takeSeats(tx: Transaction, work: Work, outcomes: Outcome[], log: ChangeLogger): Promise<AppointmentId[]> {
  const touched: AppointmentId[] = [];
  for (const outcome of outcomes) {
    const seats =
      outcome.after?.participants.flatMap((participant) => (participant.state === 'ACTIVE' ? (participant.seatUid ?? []) : [])) ?? [];
    for (const owner of work.stored.values()) {
      if (
        owner.id === outcome.appointmentId ||
        outcomes.some((other) => other.appointmentId === owner.id || other.group.absorbed.includes(owner.id))
      )
        continue;
      const leaving = owner.state.participants.filter((participant) => participant.seatUid !== null && seats.includes(participant.seatUid));
      if (leaving.length === 0) continue;
      const gone = new Set(leaving.map((participant) => participant.seatUid));
      const participants = owner.state.participants.map((participant) =>
        gone.has(participant.seatUid) ? { ...participant, seatUid: null, state: 'MOVED' as const } : participant,
      );
      const after = { ...owner.state, participants };
      await updateAppointment(tx, owner, owner.version + 1, after);
      await tx.query(
        `UPDATE "AppointmentBooking" SET "facts" = jsonb_set("facts", '{attendees}',
           COALESCE((SELECT jsonb_agg(e) FROM jsonb_array_elements("facts"->'attendees') e WHERE NOT (e->>'seatUid' = ANY($2))), '[]'::jsonb))
         WHERE "bookingUid" = $1`,
        [owner.state.bookingUid, [...gone]],
      );
      await log.changed(owner.id, owner.state, after, owner.version + 1);
      touched.push(owner.id);
    }
  }
  return touched;
}

async function markConflicts(tx: Transaction, outcomes: Outcome[], alsoTouched: AppointmentId[], log: ChangeLogger): Promise<void> {
  const ranges = outcomes.flatMap((outcome) => [outcome.before?.state, outcome.after].flatMap((state) => rangeOf(state ?? null)));
  const own = outcomes.flatMap((outcome) => (outcome.after === null || outcome.appointmentId === null ? [] : [outcome.appointmentId]));
  if (ranges.length === 0) return;
  const differing = (await conflictsAround(tx, ranges, own)).filter((row) => row.was !== row.is);
  const neighbours = differing.filter((row) => !own.includes(row.id) && !alsoTouched.includes(row.id));
  const loaded = await loadAppointments(
    tx,
    neighbours.map((row) => row.id),
  );
  for (const row of differing) {
    const mine = outcomes.find((outcome) => outcome.appointmentId === row.id);
    if (mine?.after != null) {
      // Part of the same change: one version, one row of the log.
      const already = mine.before !== null && changedFields(mine.before.state, mine.after).length > 0;
      mine.after = { ...mine.after, hasConflict: row.is };
      const bump = mine.before !== null && !already ? `, "version" = "version" + 1, "updatedAt" = clock_timestamp()` : '';
      await tx.query(`UPDATE "Appointment" SET "hasConflict" = $2${bump} WHERE "id" = $1`, [row.id, row.is]);
      continue;
    }
    const neighbour = loaded.get(row.id);
    if (neighbour === undefined) continue;
    await tx.query(
      `UPDATE "Appointment" SET "hasConflict" = $2, "version" = "version" + 1, "updatedAt" = clock_timestamp() WHERE "id" = $1`,
      [row.id, row.is],
    );
    await log.changed(row.id, neighbour.state, { ...neighbour.state, hasConflict: row.is }, neighbour.version + 1);
  }
}

function rangeOf(state: AppointmentState | null): { clinicianId: UserId; from: number; to: number }[] {
  return state === null || state.clinicianId === null ? [] : [{ clinicianId: state.clinicianId, from: state.startsAt, to: state.endsAt }];
}

async function logOutcome(log: ChangeLogger, outcome: Outcome): Promise<void> {
  if (outcome.after === null || outcome.appointmentId === null) return;
  if (outcome.before === null) await log.created(outcome.appointmentId, outcome.after);
  else if (changedFields(outcome.before.state, outcome.after).length > 0)
    await log.changed(outcome.appointmentId, outcome.before.state, outcome.after, outcome.before.version + 1);
}

type ChangeLogger = ReturnType<typeof changeLogger>;

function changeLogger(tx: Transaction, context: RecordContext) {
  let written = 0;
  const shared = {
    cause: context.cause,
    actorId: context.actorId ?? null,
    webhookEventId: context.webhookEventId ?? null,
    receivedAt: context.receivedAt ?? null,
    recordedAt: context.recordedAt ?? null,
  };
  return {
    count: () => written,
    async created(id: AppointmentId, after: AppointmentState) {
      written += 1;
      await appendChange(tx, {
        ...shared,
        appointmentId: id,
        mergedIntoId: null,
        version: 1,
        kind: 'CREATED',
        changedFields: [],
        before: null,
        after: snapshotOf(after),
        bookingUid: after.bookingUid,
      });
    },
    async changed(id: AppointmentId, before: AppointmentState, after: AppointmentState, version: number) {
      written += 1;
      await appendChange(tx, {
        ...shared,
        appointmentId: id,
        mergedIntoId: null,
        version,
        kind: kindOf(before, after),
        changedFields: changedFields(before, after),
        before: snapshotOf(before),
        after: snapshotOf(after),
        bookingUid: after.bookingUid,
      });
    },
    async merged(loser: StoredAppointment, winner: Outcome) {
      if (winner.appointmentId === null) return;
      written += 1;
      const after = winner.after ?? winner.before?.state ?? loser.state;
      const grew = winner.before !== null && winner.after !== null && changedFields(winner.before.state, winner.after).length > 0;
      await appendChange(tx, {
        ...shared,
        appointmentId: loser.id,
        mergedIntoId: winner.appointmentId,
        version: winner.before === null ? 1 : winner.before.version + (grew ? 1 : 0),
        kind: 'MERGED',
        changedFields: [],
        before: snapshotOf(loser.state),
        after: snapshotOf(after),
        bookingUid: loser.state.bookingUid,
      });
    },
  };
}
