/**
 * The inbox: one durable row per signed POST, before anybody is answered. Requests that wait at the same moment share one
 * multi-row insert (group commit), and each is answered after *its* row is durable.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Encryption } from '../database/encryption.ts';
import type { Transaction } from '../database/transaction.ts';
import { webhookEventId, type WebhookEventId } from '../kernel/ids.ts';
import type { WebhookReading } from '../calcom/webhook-meaning.ts';

export type WebhookOutcome = 'APPLIED' | 'IGNORED' | 'DUPLICATE' | 'WAITING_HOST' | 'RETRYING' | 'DEAD';

export interface Arrival {
  rawBody: Buffer;
  receivedAt: Date;
  /** Null when the body is not JSON. */
  reading: WebhookReading | null;
}

export interface InboxEvent {
  id: WebhookEventId;
  triggerEvent: string | null;
  bookingUid: string | null;
  attempts: number;
  receivedAt: Date;
  recordedAt: Date;
  /** The stored body, secrets stripped; null when it could not be parsed. */
  body: unknown;
}

export interface Inbox {
  /** Durable when it returns. Null: the very same bytes are already there. */
  record(arrival: Arrival): Promise<{ id: WebhookEventId; recordedAt: Date } | null>;
  /** Events that wait for a try, oldest first, leased to this instance for `leaseMs`. */
  claim(limit: number, leaseMs: number): Promise<InboxEvent[]>;
  byId(id: WebhookEventId): Promise<InboxEvent | null>;
  settle(db: Pick<Transaction, 'query'>, id: WebhookEventId, outcome: Settlement): Promise<void>;
  /** Uids of bookings that came with this request id of ours in their metadata. */
  bookingsOfRequest(requestId: string): Promise<string[]>;
  /** Makes an event due again, from the beginning; false when there is none. */
  replay(id: WebhookEventId): Promise<boolean>;
  backlog(): Promise<{ unprocessed: number; oldestSeconds: number; waitingForHost: number; dead: number }>;
}

export type Settlement =
  | { outcome: 'APPLIED' | 'IGNORED' | 'DUPLICATE' }
  | { outcome: 'WAITING_HOST' | 'DEAD'; error: string }
  | { outcome: 'RETRYING'; error: string; nextAttemptAt: Date };

/** What is not tried by the process that received it within this time is anybody's. */
const LEFTOVER_SECONDS = 10;
const MAX_ROWS_A_COMMIT = 500;
const PURPOSE = 'webhook-payload';

interface Waiting {
  row: Record<string, unknown>;
  hash: string;
  resolve: (value: { id: WebhookEventId; recordedAt: Date } | null) => void;
  reject: (error: unknown) => void;
}

export function createInbox({ pool, encryption }: { pool: pg.Pool; encryption: Encryption }): Inbox {
  const waiting: Waiting[] = [];
  let committing = false;

  async function commitGroups(): Promise<void> {
    committing = true;
    while (waiting.length > 0) {
      const group = waiting.splice(0, MAX_ROWS_A_COMMIT);
      try {
        const stored = await insert(pool, group);
        for (const one of group) {
          one.resolve(stored.get(one.hash) ?? null);
          // Two equal bodies in one group are one row, told to the first.
          stored.delete(one.hash);
        }
      } catch (error) {
        for (const one of group) one.reject(error);
      }
    }
    committing = false;
  }

  return {
    record(arrival) {
      const hash = createHash('sha256').update(arrival.rawBody).digest('hex');
      return new Promise((resolve, reject) => {
        waiting.push({ row: rowOf(arrival, hash, encryption), hash, resolve, reject });
        if (!committing) void commitGroups();
      });
    },

    async claim(limit, leaseMs) {
      const result = await pool.query<EventRecord>(
        `UPDATE "CalcomWebhookEvent" e SET "nextAttemptAt" = now() + $2 * interval '1 millisecond'
         FROM (SELECT w."id" FROM "CalcomWebhookEvent" w
               WHERE NOT w."processed" AND (
                 (w."outcome" IS NULL AND w."createdAt" < now() - ${LEFTOVER_SECONDS} * interval '1 second' AND COALESCE(w."nextAttemptAt" <= now(), true))
                 OR (w."outcome" = 'RETRYING' AND w."nextAttemptAt" <= now())
                 OR (w."outcome" = 'WAITING_HOST' AND COALESCE(w."nextAttemptAt" <= now(), true) AND EXISTS (
                      SELECT 1 FROM "User" u WHERE u."role" = 'CLINICIAN'
                        AND (u."calcomUserId" = w."hostCalcomId" OR (u."calcomUserId" IS NULL AND encode(sha256(convert_to(u."email", 'UTF8')), 'hex') = w."hostEmailHash"))))
               )
               ORDER BY w."createdAt" LIMIT $1 FOR UPDATE SKIP LOCKED) due
         WHERE e."id" = due."id"
         RETURNING ${COLUMNS}`,
        [limit, leaseMs],
      );
      return result.rows.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime()).map((row) => eventOf(row, encryption));
    },

    async byId(id) {
      const result = await pool.query<EventRecord>(`SELECT ${COLUMNS} FROM "CalcomWebhookEvent" e WHERE e."id" = $1`, [id]);
      return result.rows[0] === undefined ? null : eventOf(result.rows[0], encryption);
    },

    async settle(db, id, settlement) {
      const processed = settlement.outcome === 'APPLIED' || settlement.outcome === 'IGNORED' || settlement.outcome === 'DUPLICATE';
      await db.query(
        `UPDATE "CalcomWebhookEvent" SET "processed" = $2, "outcome" = $3::"WebhookOutcome", "attempts" = "attempts" + 1, "lastError" = $4,
                "nextAttemptAt" = $5, "processedAt" = CASE WHEN $2 THEN clock_timestamp() END
         WHERE "id" = $1`,
        [
          id,
          processed,
          settlement.outcome,
          'error' in settlement ? settlement.error : null,
          'nextAttemptAt' in settlement ? settlement.nextAttemptAt : null,
        ],
      );
    },

    async bookingsOfRequest(requestId) {
      const result = await pool.query<{ bookingUid: string }>(
        `SELECT DISTINCT "bookingUid" FROM "CalcomWebhookEvent" WHERE "requestId" = $1 AND "bookingUid" IS NOT NULL`,
        [requestId],
      );
      return result.rows.map((row) => row.bookingUid);
    },

    async replay(id) {
      const result = await pool.query(
        `UPDATE "CalcomWebhookEvent" SET "processed" = false, "outcome" = 'RETRYING', "attempts" = 0, "nextAttemptAt" = now(), "lastError" = NULL WHERE "id" = $1`,
        [id],
      );
      return (result.rowCount ?? 0) > 0;
    },

    async backlog() {
      const result = await pool.query<{ unprocessed: number; oldestSeconds: number; waitingForHost: number; dead: number }>(
        `SELECT count(*)::int AS unprocessed, COALESCE(extract(epoch FROM now() - min("createdAt") FILTER (WHERE "outcome" IS DISTINCT FROM 'DEAD' AND "outcome" IS DISTINCT FROM 'WAITING_HOST')), 0)::float8 AS "oldestSeconds",
                count(*) FILTER (WHERE "outcome" = 'WAITING_HOST')::int AS "waitingForHost", count(*) FILTER (WHERE "outcome" = 'DEAD')::int AS dead
         FROM "CalcomWebhookEvent" WHERE NOT "processed"`,
      );
      return result.rows[0] ?? { unprocessed: 0, oldestSeconds: 0, waitingForHost: 0, dead: 0 };
    },
  };
}

const COLUMNS = `e."id", e."triggerEvent", e."bookingUid", e."attempts", e."createdAt", e."recordedAt", e."payload"`;

interface EventRecord {
  id: string;
  triggerEvent: string | null;
  bookingUid: string | null;
  attempts: number;
  createdAt: Date;
  recordedAt: Date;
  payload: string | null;
}

function eventOf(row: EventRecord, encryption: Encryption): InboxEvent {
  return {
    id: webhookEventId(row.id),
    triggerEvent: row.triggerEvent,
    bookingUid: row.bookingUid,
    attempts: row.attempts,
    receivedAt: row.createdAt,
    recordedAt: row.recordedAt,
    body: row.payload === null ? null : (JSON.parse(encryption.decrypt(row.payload, PURPOSE)) as unknown),
  };
}

function rowOf({ rawBody, receivedAt, reading }: Arrival, hash: string, encryption: Encryption): Record<string, unknown> {
  return {
    bodySha256: hash,
    bodyLength: rawBody.length,
    triggerEvent: reading?.triggerEvent ?? null,
    payload: reading === null ? null : encryption.encrypt(JSON.stringify(reading.stripped), PURPOSE),
    sentAt: reading?.sentAt == null ? null : new Date(reading.sentAt).toISOString(),
    bookingUid: reading?.bookingUid ?? null,
    requestId: reading?.requestId ?? null,
    hostCalcomId: reading?.hostCalcomId ?? null,
    hostEmailHash: reading?.hostEmail == null ? null : createHash('sha256').update(reading.hostEmail).digest('hex'),
    createdAt: receivedAt.toISOString(),
  };
}

async function insert(pool: pg.Pool, group: readonly Waiting[]): Promise<Map<string, { id: WebhookEventId; recordedAt: Date }>> {
  const result = await pool.query<{ id: string; bodySha256: string; recordedAt: Date }>(
    `INSERT INTO "CalcomWebhookEvent" ("id","bodySha256","bodyLength","triggerEvent","payload","sentAt","bookingUid","requestId","hostCalcomId","hostEmailHash","createdAt")
     SELECT gen_random_uuid(), r.* FROM jsonb_to_recordset($1::jsonb) AS r("bodySha256" text, "bodyLength" int, "triggerEvent" text, "payload" text, "sentAt" timestamptz,
       "bookingUid" text, "requestId" text, "hostCalcomId" int, "hostEmailHash" text, "createdAt" timestamptz)
     ON CONFLICT ("bodySha256") DO NOTHING
     RETURNING "id", "bodySha256", "recordedAt"`,
    [JSON.stringify(group.map((one) => one.row))],
  );
  return new Map(result.rows.map((row) => [row.bodySha256, { id: webhookEventId(row.id), recordedAt: row.recordedAt }]));
}
