/**
 * The insert of the inbox: many rows in one prepared statement. All payloads travel as one binary parameter and are cut
 * apart by the server, because parsing them out of JSON or arrays cost it more than storing them.
 */
import type pg from 'pg';
import { webhookEventId, type WebhookEventId } from '../kernel/ids.ts';

export interface InboxRow {
  /** SHA-256 of the raw bytes, hex; an event is known by it. */
  hash: string;
  bodyLength: number;
  /** Encrypted, ASCII; null when the body could not be parsed. */
  payload: string | null;
  receivedAt: Date;
  triggerEvent: string | null;
  /** Unix ms. */
  sentAt: number | null;
  bookingUid: string | null;
  requestId: string | null;
  hostCalcomId: number | null;
  hostEmailHash: string | null;
}

export interface Recorded {
  id: WebhookEventId;
  recordedAt: Date;
}

/** The very same bytes are already there. */
export const KNOWN = 'KNOWN';

export interface InsertOptions {
  pool: pg.Pool;
  /** After this long PostgreSQL counts as away; it may store the rows all the same. */
  statementMs: number;
}

/** In the order of `rows`. An `Error` belongs to one row alone; what concerns all of them (no database) rejects. */
export async function insertRows(options: InsertOptions, rows: readonly InboxRow[]): Promise<(Recorded | typeof KNOWN | Error)[]> {
  try {
    return await insertTogether(options, rows);
  } catch (error) {
    if (!isAboutTheData(error)) throw error;
  }
  // Something in it cannot be stored: it must not take its neighbours with it.
  const answers: (Recorded | typeof KNOWN | Error)[] = [];
  for (const row of rows) answers.push(await insertAlone(options, row));
  return answers;
}

async function insertAlone(options: InsertOptions, row: InboxRow): Promise<Recorded | typeof KNOWN | Error> {
  for (const attempt of [row, withoutAddress(row)]) {
    try {
      const [answer] = await insertTogether(options, [attempt]);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isAboutTheData(error)) return error instanceof Error ? error : new Error(String(error));
    }
  }
  return new Error('It cannot be stored in any form.');
}

/** What came from outside and is only there to find it by; the encrypted body has it all. */
function withoutAddress({ hash, bodyLength, payload, receivedAt }: InboxRow): InboxRow {
  const unknown = { triggerEvent: null, sentAt: null, bookingUid: null, requestId: null, hostCalcomId: null, hostEmailHash: null };
  return { hash, bodyLength, payload, receivedAt, ...unknown };
}

/** SQLSTATE classes 22 (data exception), 23 (constraint) and 54 (limit of the server, such as an index row too long). */
export function isAboutTheData(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^(22|23|54)[0-9A-Z]{3}$/.test(code);
}

const INSERT = `
  INSERT INTO "CalcomWebhookEvent"
    ("id","bodySha256","bodyLength","triggerEvent","payload","sentAt","bookingUid","requestId","hostCalcomId","hostEmailHash","createdAt")
  SELECT gen_random_uuid(), r."hash", r."bodyLength", r."triggerEvent",
         CASE WHEN r."length" > 0 THEN convert_from(substring($1::bytea FROM r."from" FOR r."length"), 'UTF8') END,
         r."sentAt", r."bookingUid", r."requestId", r."hostCalcomId", r."hostEmailHash", r."receivedAt"
  FROM json_to_recordset($2::json) AS r("hash" text, "bodyLength" int, "from" int, "length" int, "triggerEvent" text, "sentAt" timestamptz,
    "bookingUid" text, "requestId" text, "hostCalcomId" int, "hostEmailHash" text, "receivedAt" timestamptz)
  ON CONFLICT ("bodySha256") DO NOTHING
  RETURNING "id", "bodySha256", "recordedAt"`;

async function insertTogether({ pool, statementMs }: InsertOptions, rows: readonly InboxRow[]): Promise<(Recorded | typeof KNOWN)[]> {
  // In one order everywhere: two instances that store the same events must not wait for each other.
  const sorted = rows.toSorted((a, b) => (a.hash < b.hash ? -1 : 1));
  const payloads = Buffer.allocUnsafe(rows.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0));
  let used = 0;
  const described = sorted.map(({ payload, sentAt, ...row }) => {
    const length = payload === null ? 0 : payloads.write(payload, used, 'latin1');
    used += length;
    return { ...row, sentAt: sentAt === null ? null : new Date(sentAt), from: used - length + 1, length };
  });
  const query: pg.QueryConfig & { query_timeout: number } = {
    name: 'inbox-insert',
    text: INSERT,
    values: [payloads, JSON.stringify(described)],
    query_timeout: statementMs,
  };
  const result = await pool.query<{ id: string; bodySha256: string; recordedAt: Date }>(query);
  const stored = new Map(result.rows.map((row) => [row.bodySha256, row]));
  return rows.map(({ hash }) => {
    const row = stored.get(hash);
    if (row === undefined) return KNOWN;
    // Two equal bodies in one group are one row, told to the first.
    stored.delete(hash);
    return { id: webhookEventId(row.id), recordedAt: row.recordedAt };
  });
}
