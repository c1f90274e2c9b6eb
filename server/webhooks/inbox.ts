/** The inbox: one durable row per signed POST, before anybody is answered; and what became of each. */
import { hash } from 'node:crypto';
import type pg from 'pg';
import type { Encryption } from '../database/encryption.ts';
import type { Transaction } from '../database/transaction.ts';
import { webhookEventId, type WebhookEventId } from '../kernel/ids.ts';
import type { WebhookAddress } from '../calcom/webhook-address.ts';
import { createGroupCommit, type GroupBounds } from './group-commit.ts';
import { type InboxRow, insertRows, isAboutTheData, KNOWN, type Recorded } from './inbox-insert.ts';
import { outlastRestart } from './outlast-restart.ts';

export type WebhookOutcome = 'APPLIED' | 'IGNORED' | 'DUPLICATE' | 'WAITING_HOST' | 'RETRYING' | 'DEAD';

export interface Arrival {
  rawBody: Buffer;
  receivedAt: Date;
  address: WebhookAddress;
  /** As parsed, secrets removed; undefined when it is not JSON. */
  body: unknown;
}

export interface InboxEvent {
  id: WebhookEventId;
  triggerEvent: string | null;
  bookingUid: string | null;
  attempts: number;
  receivedAt: Date;
  recordedAt: Date;
  /** The stored body, secrets removed; undefined when it could not be parsed. */
  body: unknown;
}

export interface Inbox {
  /** Durable when it resolves. Null: the very same bytes are already there. Rejects when it cannot be stored. */
  record(arrival: Arrival): Promise<Recorded | null>;
  /** How many could not be recorded since the start; the sweep finds what they were about. */
  refused(): { count: number; lastAt: Date | null };
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
  | { outcome: 'DEAD'; error: string }
  /** Taken up as soon as the host seems known; `nextAttemptAt` when that has deceived already. */
  | { outcome: 'WAITING_HOST'; error: string; nextAttemptAt: Date | null }
  | { outcome: 'RETRYING'; error: string; nextAttemptAt: Date };

/** What is not tried by the process that received it within this time is anybody's. */
const LEFTOVER_SECONDS = 10;
/** Of everything but the payload. */
const ROW_BYTES = 1_000;
const PURPOSE = 'webhook-payload';
/** Of what waits for its insert. Beyond it the answer is 503: a database that is away must not fill the memory. */
const BOUNDS: GroupBounds = { groupItems: 500, groupBytes: 8 * 2 ** 20, waitingItems: 20_000, waitingBytes: 64 * 2 ** 20 };

/** Cal.com gives up on nothing, but a person waits for it. */
const PATIENCE = { patienceMs: 5_000, betweenMs: 100 };
const STATEMENT_MS = 10_000;

export interface InboxOptions {
  pool: pg.Pool;
  encryption: Encryption;
  patience?: { patienceMs: number; betweenMs: number };
  /** After this long an insert counts as failed. */
  statementMs?: number;
}

export function createInbox({ pool, encryption, patience = PATIENCE, statementMs = STATEMENT_MS }: InboxOptions): Inbox {
  const refused: { count: number; lastAt: Date | null } = { count: 0, lastAt: null };
  const store = createGroupCommit<InboxRow, Recorded | typeof KNOWN>({
    commit: outlastRestart((rows: readonly InboxRow[]) => insertRows({ pool, statementMs }, rows), {
      ...patience,
      mayPass: (error) => !isAboutTheData(error),
    }),
    bytesOf: ({ payload }) => ROW_BYTES + (payload?.length ?? 0),
    bounds: BOUNDS,
  });

  return {
    async record(arrival) {
      try {
        const answer = await store(rowOf(arrival, encryption));
        return answer === KNOWN ? null : answer;
      } catch (error) {
        refused.count += 1;
        refused.lastAt = arrival.receivedAt;
        throw error;
      }
    },

    refused: () => ({ ...refused }),

    async claim(limit, leaseMs) {
      const result = await pool.query<EventRecord>(
        `UPDATE "CalcomWebhookEvent" e SET "nextAttemptAt" = now() + $2 * interval '1 millisecond'
         FROM (SELECT w."id" FROM "CalcomWebhookEvent" w
               WHERE NOT w."processed" AND (
                 (w."outcome" IS NULL AND w."createdAt" < now() - ${LEFTOVER_SECONDS} * interval '1 second' AND COALESCE(w."nextAttemptAt" <= now(), true))
                 OR (w."outcome" = 'RETRYING' AND w."nextAttemptAt" <= now())
                 OR (w."outcome" = 'WAITING_HOST' AND COALESCE(w."nextAttemptAt" <= now(), true) AND EXISTS (
                      SELECT 1 FROM "User" u WHERE u."role" = 'CLINICIAN'
                        AND (u."calcomUserId" = w."hostCalcomId" OR ((u."calcomUserId" IS NULL OR w."hostCalcomId" IS NULL) AND encode(sha256(convert_to(u."email", 'UTF8')), 'hex') = w."hostEmailHash"))))
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
         WHERE "id" = $1 AND NOT "processed"`,
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
    body: row.payload === null ? undefined : (JSON.parse(encryption.decrypt(row.payload, PURPOSE)) as unknown),
  };
}

function rowOf({ rawBody, receivedAt, address, body }: Arrival, encryption: Encryption): InboxRow {
  return {
    hash: hash('sha256', rawBody, 'hex'),
    bodyLength: rawBody.length,
    payload: body === undefined ? null : encryption.encrypt(JSON.stringify(body), PURPOSE),
    receivedAt,
    triggerEvent: address.triggerEvent,
    sentAt: address.sentAt,
    bookingUid: address.bookingUid,
    requestId: address.requestId,
    hostCalcomId: address.hostCalcomId,
    hostEmailHash: address.hostEmail === null ? null : hash('sha256', address.hostEmail, 'hex'),
  };
}
