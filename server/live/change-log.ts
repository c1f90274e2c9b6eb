/**
 * The append-only log of changes: written in the transaction that changed the Appointment, read by every instance
 * from its own position. Order is (xid, id), and only rows below `pg_snapshot_xmin` are read: ids of a sequence
 * commit out of order (STACK 14).
 */
import type pg from 'pg';
import type { AppointmentId, BookingUid, UserId, WebhookEventId } from '../kernel/ids.ts';
import type { Transaction } from '../database/transaction.ts';

export type ChangeKind = 'CREATED' | 'RESCHEDULED' | 'STATUS_CHANGED' | 'CARE_CHANGED' | 'CLINICIAN_CHANGED' | 'MERGED' | 'UPDATED';
export type ChangeCause = 'WEBHOOK' | 'SWEEP' | 'MUTATION' | 'LINKING';

/** Who may see an appointment and which filters it matches: ids, times and statuses, nothing else. Instants are Unix ms. */
export interface ChangeSnapshot {
  startsAt: number;
  endsAt: number;
  status: string;
  /** Of the appointment, or of each participant of a seated one. */
  careStates: string[];
  /** Of a seated appointment: by the participant's user id, because each may know only the own. */
  careStateOf?: Record<string, string>;
  clinicianId: UserId | null;
  /** Every host that is a user of ours; each may see it. */
  hostIds: UserId[];
  /** Every active participant that is a user of ours. */
  patientIds: UserId[];
  eventTypeId: number | null;
  hasConflict: boolean;
}

/** A place in the log: everything at or before it has been read. Decimal strings, because xid8 exceeds a double. */
export interface LogPosition {
  timeline: string;
  xid: string;
  id: string;
}

export interface ChangeRow {
  position: LogPosition;
  appointmentId: AppointmentId;
  mergedIntoId: AppointmentId | null;
  version: number;
  kind: ChangeKind;
  changedFields: string[];
  before: ChangeSnapshot | null;
  after: ChangeSnapshot;
  cause: ChangeCause;
  actorId: UserId | null;
  receivedAt: Date | null;
  recordedAt: Date | null;
  appliedAt: Date;
}

export interface NewChange {
  appointmentId: AppointmentId;
  mergedIntoId: AppointmentId | null;
  version: number;
  kind: ChangeKind;
  changedFields: string[];
  before: ChangeSnapshot | null;
  after: ChangeSnapshot;
  cause: ChangeCause;
  actorId: UserId | null;
  bookingUid: BookingUid;
  webhookEventId: WebhookEventId | null;
  receivedAt: Date | null;
  recordedAt: Date | null;
}

/** Appends one change; the transaction must hold the advisory lock of the appointment's chain. */
export async function appendChange(tx: Transaction, change: NewChange): Promise<void> {
  await tx.query(
    `INSERT INTO "AppointmentChange"
       ("appointmentId","mergedIntoId","version","kind","changedFields","before","after","cause","actorId","bookingUid","webhookEventId","receivedAt","recordedAt")
     VALUES ($1,$2,$3,$4::"ChangeKind",$5,$6,$7,$8::"ChangeCause",$9,$10,$11,$12,$13)`,
    [
      change.appointmentId,
      change.mergedIntoId,
      change.version,
      change.kind,
      change.changedFields,
      change.before === null ? null : JSON.stringify(change.before),
      JSON.stringify(change.after),
      change.cause,
      change.actorId,
      change.bookingUid,
      change.webhookEventId,
      change.receivedAt,
      change.recordedAt,
    ],
  );
}

/** Below this every transaction has ended: nothing can still appear at or under it. */
export const LOG_HORIZON = `pg_snapshot_xmin(pg_current_snapshot())`;

interface ChangeRecord {
  xid: string;
  id: string;
  appointmentId: string;
  mergedIntoId: string | null;
  version: number;
  kind: ChangeKind;
  changedFields: string[];
  before: ChangeSnapshot | null;
  after: ChangeSnapshot;
  cause: ChangeCause;
  actorId: string | null;
  receivedAt: Date | null;
  recordedAt: Date | null;
  appliedAt: Date;
}

/**
 * Up to `limit` changes after `position`, oldest first, and the horizon they were read under: when fewer than `limit`
 * came, everything below the horizon has been read.
 */
export async function readChanges(
  pool: Pick<pg.Pool, 'query'>,
  position: LogPosition,
  limit: number,
): Promise<{ changes: ChangeRow[]; horizon: LogPosition }> {
  const result = await pool.query<ChangeRecord & { horizon: string }>(
    `WITH h AS (SELECT ${LOG_HORIZON} AS xmin)
     SELECT h.xmin::text AS horizon, c.*
     FROM h LEFT JOIN LATERAL (
       SELECT c.xid::text AS xid, c.id::text AS id, c."appointmentId", c."mergedIntoId", c."version", c."kind"::text AS kind, c."changedFields",
              c."before", c."after", c."cause"::text AS cause, c."actorId", c."receivedAt", c."recordedAt", c."appliedAt"
       FROM "AppointmentChange" c
       WHERE (c.xid, c.id) > ($1::xid8, $2::bigint) AND c.xid < h.xmin
       ORDER BY c.xid, c.id
       LIMIT $3
     ) c ON true`,
    [position.xid, position.id, limit],
  );
  const horizon = { timeline: position.timeline, xid: result.rows[0]?.horizon ?? position.xid, id: '0' };
  const changes = result.rows
    .filter((row) => row.id !== null)
    .map(
      (row): ChangeRow => ({
        position: { timeline: position.timeline, xid: row.xid, id: row.id },
        appointmentId: row.appointmentId as AppointmentId,
        mergedIntoId: row.mergedIntoId as AppointmentId | null,
        version: row.version,
        kind: row.kind,
        changedFields: row.changedFields,
        before: row.before,
        after: row.after,
        cause: row.cause,
        actorId: row.actorId as UserId | null,
        receivedAt: row.receivedAt,
        recordedAt: row.recordedAt,
        appliedAt: row.appliedAt,
      }),
    );
  return { changes, horizon };
}

/**
 * SQL for whose transaction ids the log is made of: the cluster, and its own timeline, which PostgreSQL counts up when a replica is
 * promoted or a point in time restored. Both may have lost transactions whose ids are then given out again.
 */
export const CLUSTER = `(SELECT s.system_identifier || '/' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c)`;

/**
 * Opens the log at start: the current timeline, or a new one when the database was restored into another cluster or to an earlier
 * time (`CLUSTER`, or transaction ids from the future); old rows then get xid 0, so that they sort first and old cursors are
 * recognised by their timeline.
 */
export async function openTimeline(pool: pg.Pool): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('change-timeline', 0))`);
    const state = await client.query<{ cluster: string; timeline: string | null; known: string | null; future: boolean }>(
      `SELECT ${CLUSTER} AS cluster,
              t.id AS timeline, t."systemIdentifier" AS known,
              COALESCE((SELECT c.xid >= pg_snapshot_xmax(pg_current_snapshot()) FROM "AppointmentChange" c ORDER BY c.xid DESC LIMIT 1), false) AS future
       FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM "ChangeTimeline" ORDER BY "createdAt" DESC, "id" DESC LIMIT 1) t ON true`,
    );
    const now = state.rows[0];
    if (now === undefined) throw new Error('The change log could not be read.');
    let timeline = now.timeline;
    if (timeline === null || now.known !== now.cluster || now.future) {
      if (timeline !== null) await client.query(`UPDATE "AppointmentChange" SET xid = '0'::xid8 WHERE xid <> '0'::xid8`);
      const opened = await client.query<{ id: string }>(
        `INSERT INTO "ChangeTimeline" ("id","systemIdentifier") VALUES (gen_random_uuid(), $1) RETURNING "id"`,
        [now.cluster],
      );
      timeline = opened.rows[0]?.id ?? null;
    }
    await client.query('COMMIT');
    if (timeline === null) throw new Error('The change log has no timeline.');
    return timeline;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
