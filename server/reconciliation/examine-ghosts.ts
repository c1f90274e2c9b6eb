/**
 * Ghosts: bookings that are live here and that Cal.com does not know. A person may be on the way to such an appointment, so
 * nothing is believed at once. Suspected is what a complete, unchanged listing did not show; missing, what the booking's
 * own address then answers with 404; proven, what was missing twice, minutes apart, while another known booking of the same
 * clinician was found at its address and Cal.com named the clinician as we know them.
 */
import type { BookingFacts } from '../appointments/booking-facts.ts';
import type { BookingObservation } from '../calcom/booking.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { AppointmentId, BookingUid, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type pg from 'pg';
import type { NewDriftItem } from './drift-reports.ts';
import { goneObservation } from './gone-booking.ts';
import type { SweepFailure, SweepMode, SweepOwner } from './sweep.ts';

type Database = Pick<pg.Pool, 'query'>;

/** The two failed questions lie at least this far apart. */
export const GHOST_PROOF_APART_MS = 4 * 60_000;
/** More suspects than this are examined over several sweeps. */
export const MAX_SUSPECTS = 200;
/** More at once, and more than a tenth of what is live: an accident upstream or another Cal.com, a person must look. */
const UNREMARKABLE = 5;
const SHARE = 0.1;
const WITNESSES = 3;

export interface GhostDeps {
  db: Database;
  now: () => Date;
  mode: SweepMode;
  /** A person has looked: many at once are believed as well. */
  insist: boolean;
  /** Waits for the rate limit. */
  ask: (uid: BookingUid) => Promise<Result<BookingObservation[], CalcomFailure>>;
  /** Cal.com's id of the owner of the credential. */
  askWhoAmI: () => Promise<Result<number, CalcomFailure>>;
  /** Whether the database still belongs to the Cal.com that is asked. */
  sameInstance: () => Promise<boolean>;
  /** A suspect that lives: compared and recorded like any other. */
  alive: (observations: BookingObservation[]) => Promise<Result<null, CalcomFailure>>;
  /** Rows of the log written. */
  record: (gone: BookingObservation) => Promise<number>;
}

export interface GhostFindings {
  items: NewDriftItem[];
  changes: number;
  /** Missing, and live here still. */
  left: number;
  failures: SweepFailure[];
}

interface Live {
  bookingUid: BookingUid;
  appointmentId: AppointmentId;
  startsAt: Date;
  facts: BookingFacts;
}

/** Live appointments of a clinician that start in the range, were known before the question, and were not shown, here or elsewhere. */
export async function liveButNotShown(
  db: Database,
  ownerId: UserId,
  range: { from: number; to: number; shown: readonly BookingUid[]; askedAt: number; reportId: string },
): Promise<BookingUid[]> {
  const result = await db.query<{ bookingUid: BookingUid }>(
    `SELECT a."calcomBookingUid" AS "bookingUid" FROM "Appointment" a JOIN "AppointmentBooking" b ON b."bookingUid" = a."calcomBookingUid"
     WHERE a."clinicianId" = $1 AND a."status" IN ('REQUESTED','CONFIRMED')
       AND a."startsAt" >= to_timestamp($2::float8/1000) AND a."startsAt" < to_timestamp($3::float8/1000)
       AND NOT (a."calcomBookingUid" = ANY($4))
       AND NOT EXISTS (SELECT 1 FROM "DriftItem" i WHERE i."reportId" = $6 AND i."bookingUid" = a."calcomBookingUid")
       AND GREATEST((b."facts"->>'apiObservedAt')::float8, (b."facts"->>'webhookObservedAt')::float8) < $5
     ORDER BY a."startsAt" LIMIT ${MAX_SUSPECTS + 1}`,
    [ownerId, range.from, range.to, range.shown, range.askedAt, range.reportId],
  );
  return result.rows.map((row) => row.bookingUid);
}

/** Those of a clinician that were missing once, and whether the second question is due. */
export async function suspectedGhosts(db: Database, ownerId: UserId): Promise<BookingUid[]> {
  const result = await db.query<{ bookingUid: BookingUid }>(`SELECT "bookingUid" FROM "SuspectedGhost" WHERE "ownerId" = $1`, [ownerId]);
  return result.rows.map((row) => row.bookingUid);
}

export async function clearSuspicion(db: Database, uids: readonly BookingUid[]): Promise<void> {
  if (uids.length > 0) await db.query(`DELETE FROM "SuspectedGhost" WHERE "bookingUid" = ANY($1)`, [uids]);
}

export async function examineGhosts(
  deps: GhostDeps,
  owner: SweepOwner & { ownerId: UserId },
  suspects: readonly BookingUid[],
): Promise<GhostFindings> {
  const findings: GhostFindings = { items: [], changes: 0, left: 0, failures: [] };
  const asked = [...new Set([...suspects, ...(await suspectedGhosts(deps.db, owner.ownerId))])];
  if (asked.length === 0) return findings;
  const live = await liveAmong(deps.db, asked);
  await clearSuspicion(
    deps.db,
    asked.filter((uid) => !live.has(uid)),
  );

  const missing: Live[] = [];
  for (const one of [...live.values()].slice(0, MAX_SUSPECTS)) {
    const answer = await deps.ask(one.bookingUid);
    if (!answer.ok && answer.failure.kind !== 'NotFound') return failed(findings, live.size, answer.failure);
    if (!answer.ok) {
      missing.push(one);
      continue;
    }
    await clearSuspicion(deps.db, [one.bookingUid]);
    const compared = await deps.alive(answer.value);
    if (!compared.ok) return failed(findings, live.size, compared.failure);
  }
  if (missing.length === 0) return findings;
  findings.left = missing.length;

  const genuine = await isSameCalcom(deps, owner, missing);
  if (!genuine.ok) {
    findings.failures.push(genuine.failure);
    return findings;
  }
  const proven = await noteMissing(deps.db, owner.ownerId, missing, deps.now());
  const remarkable = missing.length > Math.max(UNREMARKABLE, SHARE * (await countLive(deps.db, owner.ownerId)));
  if (remarkable && !deps.insist)
    findings.failures.push({ kind: 'TooManyGone', message: `${missing.length} live bookings are gone at once.` });
  const believed = deps.mode === 'REPAIR' && (!remarkable || deps.insist);
  for (const one of missing) {
    const repaired = believed && proven.has(one.bookingUid);
    if (repaired) {
      findings.changes += await deps.record(goneObservation(one.facts, deps.now().getTime()));
      findings.left -= 1;
      await clearSuspicion(deps.db, [one.bookingUid]);
    }
    findings.items.push({
      class: 'GHOST',
      ownerId: owner.ownerId,
      bookingUid: one.bookingUid,
      appointmentId: one.appointmentId,
      ourStartsAt: one.startsAt.getTime(),
      upstreamStartsAt: null,
      repaired,
    });
  }
  return findings;
}

function failed(findings: GhostFindings, left: number, failure: CalcomFailure): GhostFindings {
  return { ...findings, left, failures: [...findings.failures, failure] };
}

async function liveAmong(db: Database, uids: readonly BookingUid[]): Promise<Map<BookingUid, Live>> {
  const result = await db.query<Live>(
    `SELECT a."calcomBookingUid" AS "bookingUid", a."id" AS "appointmentId", a."startsAt", b."facts"
     FROM "Appointment" a JOIN "AppointmentBooking" b ON b."bookingUid" = a."calcomBookingUid"
     WHERE a."calcomBookingUid" = ANY($1) AND a."status" IN ('REQUESTED','CONFIRMED') ORDER BY a."startsAt", a."id"`,
    [uids],
  );
  return new Map(result.rows.map((row) => [row.bookingUid, row]));
}

/** The same person answers, and a booking that we know is where it should be: a proxy's 404 and an empty restore prove nothing. */
async function isSameCalcom(
  deps: GhostDeps,
  owner: SweepOwner & { ownerId: UserId },
  missing: readonly Live[],
): Promise<Result<null, SweepFailure>> {
  const other = (message: string) => fail<SweepFailure>({ kind: 'OtherInstance', message });
  if (!(await deps.sameInstance())) return other('The database was made for another Cal.com.');
  const me = await deps.askWhoAmI();
  if (!me.ok) return me;
  if (owner.calcomUserId == null || me.value !== owner.calcomUserId)
    return other('Cal.com names another person as the owner of the credential.');
  const witnesses = await deps.db.query<{ bookingUid: BookingUid; bookingId: number }>(
    `SELECT b."bookingUid", b."bookingId" FROM "Appointment" a JOIN "AppointmentBooking" b ON b."appointmentId" = a."id"
     WHERE a."clinicianId" = $1 AND b."bookingId" IS NOT NULL AND NOT (b."bookingUid" = ANY($2)) ORDER BY a."updatedAt" DESC, b."bookingUid" LIMIT ${WITNESSES}`,
    [owner.ownerId, missing.map((one) => one.bookingUid)],
  );
  for (const witness of witnesses.rows) {
    const answer = await deps.ask(witness.bookingUid);
    if (answer.ok && answer.value.some((seen) => seen.uid === witness.bookingUid && seen.bookingId === witness.bookingId)) return ok(null);
    if (!answer.ok && answer.failure.kind !== 'NotFound') return answer;
  }
  return other('No booking that we know was found there.');
}

/** Answers which were missing before, long enough ago. */
async function noteMissing(db: Database, ownerId: UserId, missing: readonly Live[], now: Date): Promise<Set<BookingUid>> {
  const result = await db.query<{ bookingUid: BookingUid; firstMissingAt: Date }>(
    `INSERT INTO "SuspectedGhost" ("bookingUid","appointmentId","ownerId","firstMissingAt","lastMissingAt")
     SELECT r."bookingUid", r."appointmentId", $1::uuid, $3, $3 FROM jsonb_to_recordset($2::jsonb) AS r("bookingUid" text, "appointmentId" uuid)
     ON CONFLICT ("bookingUid") DO UPDATE SET "lastMissingAt" = EXCLUDED."lastMissingAt"
     RETURNING "bookingUid", "firstMissingAt"`,
    [ownerId, JSON.stringify(missing.map(({ bookingUid, appointmentId }) => ({ bookingUid, appointmentId }))), now],
  );
  const due = now.getTime() - GHOST_PROOF_APART_MS;
  return new Set(result.rows.filter((row) => row.firstMissingAt.getTime() <= due).map((row) => row.bookingUid));
}

async function countLive(db: Database, ownerId: UserId): Promise<number> {
  const result = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM "Appointment" WHERE "clinicianId" = $1 AND "status" IN ('REQUESTED','CONFIRMED')`,
    [ownerId],
  );
  return result.rows[0]?.n ?? 0;
}
