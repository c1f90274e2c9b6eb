/** Rows of `Appointment`, its participants and hosts, as the write door reads and writes them. */
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId, BookingUid, UserId } from '../kernel/ids.ts';
import { type AppointmentState, type HostState, inOrder, type ParticipantState } from './appointment-state.ts';
import { sameJson } from './same-json.ts';

export interface StoredAppointment {
  id: AppointmentId;
  version: number;
  state: AppointmentState;
}

/** The appointments as they are; call it again after locking. */
export async function loadAppointments(
  db: Pick<Transaction, 'query'>,
  ids: readonly AppointmentId[],
): Promise<Map<AppointmentId, StoredAppointment>> {
  if (ids.length === 0) return new Map();
  const result = await db.query<Record<string, unknown> & { id: AppointmentId; version: number }>(
    `SELECT a."id", a."version", a."calcomBookingUid", a."calcomBookingId", a."calcomEventTypeId", a."calcomMetadata",
            ${msOf('startsAt')}, ${msOf('endsAt')}, ${msOf('careChangedAt')}, ${msOf('meetingStartedAt')}, ${msOf('meetingEndedAt')},
            a."timeZone", a."status"::text AS status, a."careState"::text AS "careState", a."consultationType"::text AS "consultationType",
            a."title", a."description", a."reason", a."location", a."cancellationReason", a."rejectionReason", a."reschedulingReason",
            a."seated", a."forked", a."seriesId", a."payment"::text AS payment, a."clinicianId", a."patientId", a."hasConflict",
            COALESCE((SELECT jsonb_agg(jsonb_build_object('calcomUserId', h."calcomUserId", 'userId', h."userId", 'name', h."name", 'email', h."email", 'organizer', h."organizer") ORDER BY h."position")
                      FROM "AppointmentHost" h WHERE h."appointmentId" = a."id"), '[]') AS hosts,
            COALESCE((SELECT jsonb_agg(jsonb_build_object('id', p."id", 'seatUid', p."seatUid", 'userId', p."userId", 'linkDecided', p."linkDecided", 'name', p."name", 'email', p."email", 'phone', p."phone",
                        'timeZone', p."timeZone", 'locale', p."locale", 'careState', p."careState", 'careChangedAt', (extract(epoch FROM p."careChangedAt") * 1000)::bigint,
                        'absent', p."absent", 'state', p."state"))
                      FROM "AppointmentParticipant" p WHERE p."appointmentId" = a."id"), '[]') AS participants
     FROM "Appointment" a WHERE a."id" = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(result.rows.map((row) => [row.id, { id: row.id, version: row.version, state: stateOf(row) }]));
}

function msOf(column: string): string {
  return `(extract(epoch FROM a."${column}") * 1000)::float8 AS "${column}"`;
}

function stateOf(row: Record<string, unknown>): AppointmentState {
  const { id: _id, version: _version, calcomBookingUid, calcomBookingId, calcomEventTypeId, calcomMetadata, ...rest } = row;
  return {
    ...(rest as unknown as AppointmentState),
    bookingUid: calcomBookingUid as BookingUid,
    bookingId: calcomBookingId as number | null,
    eventTypeId: calcomEventTypeId as number | null,
    metadata: calcomMetadata as AppointmentState['metadata'],
    participants: inOrder(row.participants as ParticipantState[]),
  };
}

/** Appointments, other than `except`, that hold one of these seats now. */
export async function seatOwners(
  db: Pick<Transaction, 'query'>,
  seatUids: readonly string[],
  except: AppointmentId | null,
): Promise<AppointmentId[]> {
  if (seatUids.length === 0) return [];
  const result = await db.query<{ appointmentId: AppointmentId }>(
    `SELECT DISTINCT "appointmentId" FROM "AppointmentParticipant" WHERE "seatUid" = ANY($1) AND "appointmentId" IS DISTINCT FROM $2::uuid`,
    [seatUids, except],
  );
  return result.rows.map((row) => row.appointmentId);
}

const COLUMNS = `"calcomBookingUid","calcomBookingId","calcomEventTypeId","calcomMetadata","startsAt","endsAt","timeZone","status","careState","careChangedAt",
  "consultationType","title","description","reason","location","cancellationReason","rejectionReason","reschedulingReason","seated","forked","seriesId","payment",
  "meetingStartedAt","meetingEndedAt","clinicianId","patientId","hasConflict"`;

const VALUES = `$3,$4,$5,$6::jsonb,to_timestamp($7::float8/1000),to_timestamp($8::float8/1000),$9,$10::"AppointmentStatus",$11::"CareState",to_timestamp($12::float8/1000),
  $13::"ConsultationType",$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24::"PaymentState",
  to_timestamp($25::float8/1000),to_timestamp($26::float8/1000),$27::uuid,$28::uuid,$29`;

function parametersOf(id: AppointmentId, version: number, state: AppointmentState): unknown[] {
  return [
    id,
    version,
    state.bookingUid,
    state.bookingId,
    state.eventTypeId,
    state.metadata === null ? null : JSON.stringify(state.metadata),
    state.startsAt,
    state.endsAt,
    state.timeZone,
    state.status,
    state.careState,
    state.careChangedAt,
    state.consultationType,
    state.title,
    state.description,
    state.reason,
    state.location,
    state.cancellationReason,
    state.rejectionReason,
    state.reschedulingReason,
    state.seated,
    state.forked,
    state.seriesId,
    state.payment,
    state.meetingStartedAt,
    state.meetingEndedAt,
    state.clinicianId,
    state.patientId,
    state.hasConflict,
  ];
}

export async function insertAppointment(tx: Transaction, id: AppointmentId, state: AppointmentState): Promise<void> {
  await tx.query(
    `INSERT INTO "Appointment" ("id","version",${COLUMNS},"updatedAt") VALUES ($1::uuid,$2,${VALUES},clock_timestamp())`,
    parametersOf(id, 1, state),
  );
  await writePeople(tx, id, null, state);
}

export async function updateAppointment(
  tx: Transaction,
  before: StoredAppointment,
  version: number,
  state: AppointmentState,
): Promise<void> {
  const touched = version === before.version ? '' : ', "updatedAt" = clock_timestamp()';
  await tx.query(
    `UPDATE "Appointment" SET ("version",${COLUMNS}) = ($2,${VALUES})${touched} WHERE "id" = $1::uuid`,
    parametersOf(before.id, version, state),
  );
  await writePeople(tx, before.id, before.state, state);
}

async function writePeople(tx: Transaction, id: AppointmentId, before: AppointmentState | null, after: AppointmentState): Promise<void> {
  if (!sameJson(before?.hosts ?? [], after.hosts)) await writeHosts(tx, id, before === null, after.hosts);
  if (!sameJson(before?.participants ?? [], after.participants)) await writeParticipants(tx, id, after.participants);
}

async function writeHosts(tx: Transaction, id: AppointmentId, fresh: boolean, hosts: HostState[]): Promise<void> {
  if (!fresh) await tx.query(`DELETE FROM "AppointmentHost" WHERE "appointmentId" = $1`, [id]);
  await tx.query(
    `INSERT INTO "AppointmentHost" ("appointmentId","position","calcomUserId","userId","name","email","organizer")
     SELECT $1::uuid, r.ordinality - 1, (r.h->>'calcomUserId')::int, (r.h->>'userId')::uuid, r.h->>'name', r.h->>'email', (r.h->>'organizer')::boolean
     FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS r(h, ordinality)`,
    [id, JSON.stringify(hosts)],
  );
}

async function writeParticipants(tx: Transaction, id: AppointmentId, participants: ParticipantState[]): Promise<void> {
  await tx.query(
    `INSERT INTO "AppointmentParticipant" ("id","appointmentId","seatUid","userId","linkDecided","name","email","phone","timeZone","locale","careState","careChangedAt","absent","state")
     SELECT r."id", $1::uuid, r."seatUid", r."userId", r."linkDecided", r."name", r."email", r."phone", r."timeZone", r."locale",
            r."careState"::"CareState", to_timestamp(r."careChangedAt"/1000), r."absent", r."state"::"ParticipantState"
     FROM jsonb_to_recordset($2::jsonb) AS r("id" uuid, "seatUid" text, "userId" uuid, "linkDecided" boolean, "name" text, "email" text, "phone" text, "timeZone" text, "locale" text,
            "careState" text, "careChangedAt" float8, "absent" boolean, "state" text)
     ON CONFLICT ("id") DO UPDATE SET "seatUid" = EXCLUDED."seatUid", "userId" = EXCLUDED."userId", "linkDecided" = EXCLUDED."linkDecided", "name" = EXCLUDED."name", "email" = EXCLUDED."email",
       "phone" = EXCLUDED."phone", "timeZone" = EXCLUDED."timeZone", "locale" = EXCLUDED."locale", "careState" = EXCLUDED."careState",
       "careChangedAt" = EXCLUDED."careChangedAt", "absent" = EXCLUDED."absent", "state" = EXCLUDED."state"`,
    [id, JSON.stringify(participants)],
  );
}

/** Makes `loser` an alias of `winner` for ever, and every alias of it too. */
export async function absorbAppointment(tx: Transaction, loser: AppointmentId, winner: AppointmentId): Promise<void> {
  await tx.query(`UPDATE "AppointmentBooking" SET "appointmentId" = $2 WHERE "appointmentId" = $1`, [loser, winner]);
  await tx.query(`UPDATE "AppointmentAlias" SET "appointmentId" = $2 WHERE "appointmentId" = $1`, [loser, winner]);
  await tx.query(`DELETE FROM "AppointmentParticipant" WHERE "appointmentId" = $1`, [loser]);
  await tx.query(`DELETE FROM "AppointmentHost" WHERE "appointmentId" = $1`, [loser]);
  await tx.query(`DELETE FROM "Appointment" WHERE "id" = $1`, [loser]);
  await tx.query(`INSERT INTO "AppointmentAlias" ("id","appointmentId") VALUES ($1,$2)`, [loser, winner]);
}

/** `hasConflict` as it should be, for the given appointments and every other of the same clinicians that overlaps their old or new time. */
export async function conflictsAround(
  tx: Transaction,
  ranges: readonly { clinicianId: UserId; from: number; to: number }[],
  ids: readonly AppointmentId[],
): Promise<{ id: AppointmentId; was: boolean; is: boolean }[]> {
  // No booking is longer than a day (Cal.com's own limit): two days back is far enough for the index.
  const result = await tx.query<{ id: AppointmentId; was: boolean; is: boolean }>(
    `WITH touched AS (
       SELECT a."id" FROM jsonb_to_recordset($1::jsonb) AS r("clinicianId" uuid, "from" float8, "to" float8)
       JOIN "Appointment" a ON a."clinicianId" = r."clinicianId"
        AND a."startsAt" < to_timestamp(r."to"/1000) AND a."startsAt" > to_timestamp(r."from"/1000) - interval '2 days' AND a."endsAt" > to_timestamp(r."from"/1000)
       UNION SELECT unnest($2::uuid[])
     )
     SELECT a."id", a."hasConflict" AS was,
            a."forked" OR (a."status" = 'CONFIRMED' AND EXISTS (
              SELECT 1 FROM "Appointment" o
              WHERE o."clinicianId" = a."clinicianId" AND o."id" <> a."id" AND o."status" = 'CONFIRMED'
                AND o."startsAt" < a."endsAt" AND o."startsAt" > a."startsAt" - interval '2 days' AND o."endsAt" > a."startsAt"
            )) AS "is"
     FROM "Appointment" a JOIN touched t ON t."id" = a."id"
     ORDER BY a."id"`,
    [JSON.stringify(ranges), ids],
  );
  return result.rows;
}
