/** What the database keeps of the Cal.com in use: the last status, who its keys belonged to, what it was heard to do. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Me } from '../calcom/rest-contract.ts';
import type { UserId } from '../kernel/ids.ts';
import { type InstanceStatus, instanceStatus } from './instance-status.ts';

type Database = Pick<pg.Pool, 'query'>;

/** Null: never checked, or by a release that wrote it differently. */
export async function loadStatus(db: Database): Promise<InstanceStatus | null> {
  const { rows } = await db.query<{ status: unknown }>(`SELECT "status" FROM "CalcomInstanceStatus"`);
  const parsed = instanceStatus.safeParse(rows[0]?.status);
  return parsed.success ? parsed.data : null;
}

export async function saveStatus(db: Database, status: InstanceStatus): Promise<void> {
  await db.query(
    `INSERT INTO "CalcomInstanceStatus" ("id","checkedAt","status") VALUES (1, $1, $2)
     ON CONFLICT ("id") DO UPDATE SET "checkedAt" = EXCLUDED."checkedAt", "status" = EXCLUDED."status"`,
    [status.checkedAt, JSON.stringify(status)],
  );
}

/**
 * Compares who a key belongs to with who it belonged to when it was first seen. Username or e-mail may change; another id,
 * or both at once, is another person: ids are small numbers, and every Cal.com has a user 1. UNKNOWN: seen for the first time.
 */
export async function compareFingerprint(db: Database, ownerId: UserId, me: Me): Promise<'SAME' | 'OTHER' | 'UNKNOWN'> {
  const [username, email] = [sha256(me.username ?? ''), sha256(me.email.toLowerCase())];
  const { rows } = await db.query<{ calcomUserId: number; usernameHash: string; emailHash: string }>(
    `SELECT "calcomUserId", "usernameHash", "emailHash" FROM "CalcomFingerprint" WHERE "ownerId" = $1`,
    [ownerId],
  );
  const [known] = rows;
  if (known !== undefined) {
    const same = known.calcomUserId === me.id && (known.usernameHash === username || known.emailHash === email);
    if (!same) return 'OTHER';
  }
  await db.query(
    `INSERT INTO "CalcomFingerprint" ("ownerId","calcomUserId","usernameHash","emailHash") VALUES ($1,$2,$3,$4)
     ON CONFLICT ("ownerId") DO UPDATE SET "usernameHash" = EXCLUDED."usernameHash", "emailHash" = EXCLUDED."emailHash", "seenAt" = now()`,
    [ownerId, me.id, username, email],
  );
  return known === undefined ? 'UNKNOWN' : 'SAME';
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const ADOPTED = 'instance-adopted';

/** A person says that the Cal.com of the configuration is the right one: what is seen from now on is what counts. */
export async function forgetInstance(db: Database, now: Date): Promise<void> {
  await db.query(`DELETE FROM "CalcomFingerprint"`);
  await db.query(`DELETE FROM "CalcomInstanceStatus"`);
  await db.query(
    `INSERT INTO "JobCheckpoint" ("name","value","updatedAt") VALUES ('${ADOPTED}', jsonb_build_object('at', $1::text), now())
     ON CONFLICT ("name") DO UPDATE SET "value" = EXCLUDED."value", "updatedAt" = now()`,
    [now.toISOString()],
  );
}

/** Uids of bookings that Cal.com told us about itself, the newest, of the present instance. */
export async function recentBookingUids(db: Database, count: number): Promise<string[]> {
  const { rows } = await db.query<{ bookingUid: string }>(
    `SELECT "bookingUid" FROM "AppointmentBooking"
     WHERE "bookingId" IS NOT NULL AND "appointmentId" IS NOT NULL
       AND "createdAt" > COALESCE((SELECT ("value"->>'at')::timestamptz FROM "JobCheckpoint" WHERE "name" = '${ADOPTED}'), '-infinity')
     ORDER BY "createdAt" DESC, "bookingUid" LIMIT $1`,
    [count],
  );
  return rows.map((row) => row.bookingUid);
}

/** After a meeting's end it takes the cron up to a minute; this is generous. */
const MEETING_GRACE_MINUTES = 15;
/** So many meetings ended unheard before it is called silence: one may have lost its trigger (CONTRACT 10). */
const MEETINGS_UNHEARD = 3;

/** Of the last day. Only meetings that were known before they began: the others had no webhook to schedule. */
export async function hearMeetings(db: Database, now: Date): Promise<InstanceStatus['meetings']> {
  const { rows } = await db.query<{ lastSeenAt: Date | null; heard: number; unheard: number }>(
    `SELECT (SELECT max("createdAt") FROM "CalcomWebhookEvent" WHERE "triggerEvent" IN ('MEETING_STARTED', 'MEETING_ENDED')) AS "lastSeenAt",
            count(*) FILTER (WHERE COALESCE("meetingStartedAt", "meetingEndedAt") IS NOT NULL)::int AS heard,
            count(*) FILTER (WHERE "meetingStartedAt" IS NULL AND "meetingEndedAt" IS NULL)::int AS unheard
     FROM "Appointment"
     WHERE "status" = 'CONFIRMED' AND "createdAt" < "startsAt"
       AND "endsAt" > $1::timestamptz - interval '1 day' AND "endsAt" < $1::timestamptz - ${MEETING_GRACE_MINUTES} * interval '1 minute'`,
    [now],
  );
  const { lastSeenAt = null, heard = 0, unheard = 0 } = rows[0] ?? {};
  return {
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    cron: heard > 0 ? 'RUNS' : unheard >= MEETINGS_UNHEARD ? 'SILENT' : 'UNKNOWN',
  };
}
