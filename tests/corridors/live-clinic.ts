/**
 * What the live suites share: people, appointments written with their change in one transaction as the write doors do it,
 * and readers that wait for messages.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createAppointmentStore } from '../../server/appointments/appointment-store.ts';
import type { Role, Viewer } from '../../server/auth/viewer.ts';
import { inTransaction, type Transaction } from '../../server/database/transaction.ts';
import { type Clock, systemClock } from '../../server/kernel/clock.ts';
import { type AppointmentId, appointmentId, bookingUid, type UserId, userId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { type Bell, createBell } from '../../server/live/bell.ts';
import { appendChange, type ChangeKind, type ChangeSnapshot, openTimeline } from '../../server/live/change-log.ts';
import { createLive, type Live, type LivePace } from '../../server/live/live.ts';
import type { LiveFilter, LiveUpdate } from '../../server/services.ts';
import type { TestDatabase } from '../support/database.ts';

export const dataKeys = [{ id: 'k1', key: randomBytes(32) }];

/** One instance of live delivery on the database. */
export interface Instance {
  live: Live;
  bell: Bell;
  stop(): Promise<void>;
}

export async function startInstance(
  database: Pick<TestDatabase, 'pool'>,
  options: { pace?: Partial<LivePace>; clock?: Clock; redisUrl?: string; replayWindowHours?: number; keys?: typeof dataKeys } = {},
): Promise<Instance> {
  const { pool } = database;
  const bell = createBell({ redisUrl: options.redisUrl ?? null, log: silentLog });
  const timeline = await openTimeline(pool);
  const store = createAppointmentStore({ pool, timeline: () => timeline });
  const live = createLive({
    pool,
    store,
    bell,
    clock: options.clock ?? systemClock,
    log: silentLog,
    config: { dataKeys: options.keys ?? dataKeys, replayWindowHours: options.replayWindowHours ?? 72 },
    timeline,
    // Heartbeats only where a test is about them.
    pace: { heartbeatMs: 3_600_000, ...options.pace },
  });
  await live.start();
  return {
    live,
    bell,
    async stop() {
      await live.stop();
      bell.stop();
    },
  };
}

export async function addPerson(database: Pick<TestDatabase, 'prisma'>, role: Role): Promise<Viewer> {
  const user = await database.prisma.user.create({ data: { role, name: `A ${role.toLowerCase()}` } });
  return { userId: userId(user.id), role, expiresAt: Date.now() + 86_400_000 };
}

export interface Visit {
  id: AppointmentId;
  version: number;
  state: ChangeSnapshot;
}

const NINE = Date.parse('2026-12-07T09:00:00Z');
const HALF_HOUR_MS = 1_800_000;

export function stateOf(
  people: { clinician?: UserId | null; hosts?: UserId[]; patients?: UserId[] },
  over: Partial<ChangeSnapshot> = {},
): ChangeSnapshot {
  const clinicianId = people.clinician ?? null;
  return {
    startsAt: NINE,
    endsAt: NINE + HALF_HOUR_MS,
    status: 'CONFIRMED',
    careStates: ['EXPECTED'],
    clinicianId,
    hostIds: people.hosts ?? (clinicianId === null ? [] : [clinicianId]),
    patientIds: people.patients ?? [],
    eventTypeId: null,
    hasConflict: false,
    ...over,
  };
}

/** A new appointment and its CREATED change, within `tx`. */
export async function insertVisit(tx: Transaction, state: ChangeSnapshot): Promise<Visit> {
  const id = appointmentId(randomUUID());
  await lock(tx, id);
  await tx.query(
    `INSERT INTO "Appointment" ("id","calcomBookingUid","startsAt","endsAt","timeZone","status","careState","consultationType","title","clinicianId")
     VALUES ($1, ($1::uuid)::text, $2, $3, 'UTC', $4::"AppointmentStatus", $5::"CareState", 'VIDEO', 'Visit', $6)`,
    [id, new Date(state.startsAt), new Date(state.endsAt), state.status, state.careStates[0] ?? null, state.clinicianId],
  );
  await writePeople(tx, id, state);
  await append(tx, { id, version: 1, kind: 'CREATED', before: null, after: state });
  return { id, version: 1, state };
}

/** The next version of an appointment and its change, within `tx`. */
export async function updateVisit(tx: Transaction, visit: Visit, kind: ChangeKind, over: Partial<ChangeSnapshot>): Promise<Visit> {
  await lock(tx, visit.id);
  const state = { ...visit.state, ...over };
  const updated = await tx.query<{ version: number }>(
    `UPDATE "Appointment" SET "version" = "version" + 1, "startsAt" = $2, "endsAt" = $3, "status" = $4::"AppointmentStatus", "careState" = $5::"CareState",
            "clinicianId" = $6 WHERE "id" = $1 RETURNING "version"`,
    [visit.id, new Date(state.startsAt), new Date(state.endsAt), state.status, state.careStates[0] ?? null, state.clinicianId],
  );
  const version = updated.rows[0]?.version ?? visit.version + 1;
  await writePeople(tx, visit.id, state);
  await append(tx, { id: visit.id, version, kind, before: visit.state, after: state });
  return { id: visit.id, version, state };
}

/** `loser` becomes an alias of `winner`, and MERGED is logged. */
export async function mergeVisits(tx: Transaction, loser: Visit, winner: Visit): Promise<void> {
  await lock(tx, loser.id);
  await tx.query(`DELETE FROM "AppointmentHost" WHERE "appointmentId" = $1`, [loser.id]);
  await tx.query(`DELETE FROM "AppointmentParticipant" WHERE "appointmentId" = $1`, [loser.id]);
  await tx.query(`DELETE FROM "Appointment" WHERE "id" = $1`, [loser.id]);
  await tx.query(`INSERT INTO "AppointmentAlias" ("id","appointmentId") VALUES ($1,$2)`, [loser.id, winner.id]);
  await append(tx, {
    id: loser.id,
    version: winner.version,
    kind: 'MERGED',
    before: loser.state,
    after: winner.state,
    mergedInto: winner.id,
  });
}

async function lock(tx: Transaction, id: AppointmentId): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [id]);
}

async function writePeople(tx: Transaction, id: AppointmentId, state: ChangeSnapshot): Promise<void> {
  await tx.query(`DELETE FROM "AppointmentHost" WHERE "appointmentId" = $1`, [id]);
  await tx.query(
    `INSERT INTO "AppointmentHost" ("appointmentId","position","userId","name","organizer")
     SELECT $1, h.position - 1, h.id, 'A host', h.position = 1 FROM unnest($2::uuid[]) WITH ORDINALITY AS h (id, position)`,
    [id, state.hostIds],
  );
  await tx.query(`DELETE FROM "AppointmentParticipant" WHERE "appointmentId" = $1`, [id]);
  await tx.query(
    `INSERT INTO "AppointmentParticipant" ("id","appointmentId","userId","name","timeZone")
     SELECT gen_random_uuid(), $1, p.id, 'A patient', 'UTC' FROM unnest($2::uuid[]) AS p (id)`,
    [id, state.patientIds],
  );
}

async function append(
  tx: Transaction,
  change: {
    id: AppointmentId;
    version: number;
    kind: ChangeKind;
    before: ChangeSnapshot | null;
    after: ChangeSnapshot;
    mergedInto?: AppointmentId;
  },
): Promise<void> {
  await appendChange(tx, {
    appointmentId: change.id,
    mergedIntoId: change.mergedInto ?? null,
    version: change.version,
    kind: change.kind,
    changedFields: [],
    before: change.before,
    after: change.after,
    cause: 'WEBHOOK',
    actorId: null,
    bookingUid: bookingUid(change.id),
    webhookEventId: null,
    receivedAt: null,
    recordedAt: null,
  });
}

/** The two write doors, ringing the bell of an instance after the commit. */
export function writer(database: Pick<TestDatabase, 'pool'>, bell: Pick<Bell, 'ring'> | null) {
  async function write<Value>(work: (tx: Transaction) => Promise<Value>): Promise<Value> {
    const value = await inTransaction(database.pool, work);
    bell?.ring();
    return value;
  }
  return {
    create: (state: ChangeSnapshot) => write((tx) => insertVisit(tx, state)),
    change: (visit: Visit, kind: ChangeKind, over: Partial<ChangeSnapshot>) => write((tx) => updateVisit(tx, visit, kind, over)),
    merge: (loser: Visit, winner: Visit) => write((tx) => mergeVisits(tx, loser, winner)),
  };
}

/** One stream, read message by message. */
export interface Watching {
  next(): Promise<LiveUpdate>;
  /** Reads on until one fits; answers all that came, that one last. */
  until(fits: (update: LiveUpdate) => boolean): Promise<LiveUpdate[]>;
  /** The rejection or end of the stream: its code, or `done`. */
  end(): Promise<unknown>;
  leave(): Promise<void>;
}

export function watch(live: Live, viewer: Viewer, options: { since?: string | null; filter?: LiveFilter } = {}): Watching {
  const stream = live.subscribe(viewer, options.filter ?? {}, options.since ?? null);
  if (!stream.ok) throw new Error(`refused: ${stream.failure.code}`);
  const iterator = stream.value[Symbol.asyncIterator]();
  async function next(): Promise<LiveUpdate> {
    const result = await iterator.next();
    if (result.done === true) throw new Error('The stream has ended.');
    return result.value;
  }
  return {
    next,
    async until(fits) {
      const updates: LiveUpdate[] = [];
      for (;;) {
        const update = await next();
        updates.push(update);
        if (fits(update)) return updates;
      }
    },
    async end() {
      try {
        for (;;) if ((await iterator.next()).done === true) return 'done';
      } catch (error) {
        return error instanceof Error && 'extensions' in error ? error.extensions : error;
      }
    },
    async leave() {
      await iterator.return?.();
    },
  };
}

/** `KIND version` of each, without marks. */
export function told(updates: readonly LiveUpdate[]): string[] {
  return updates.filter((update) => update.kind !== 'POSITION').map((update) => `${update.kind} ${update.version ?? '-'}`);
}
