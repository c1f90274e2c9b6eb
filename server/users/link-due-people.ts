/**
 * Appointments of the past, for people of whom something changed that they are linked by. Runs in the background and may
 * run twice at once: what is derived anew is the same both times. Who is due stands in `User.linkingDueAt`, and is
 * struck off only as it was read, so that a change meanwhile is not lost.
 */
import type pg from 'pg';
import type { BookingRecorder } from '../appointments/record-booking.ts';
import type { AppointmentId, BookingUid, UserId } from '../kernel/ids.ts';
import { type Log, redact } from '../kernel/log.ts';

export interface LinkingResult {
  /** Looked at to the end. */
  people: number;
  appointments: number;
  /** Rows of the log written. */
  changes: number;
}

export interface LinkingOptions {
  pool: pg.Pool;
  recorder: Pick<BookingRecorder, 'relink'>;
  log: Log;
}

const PEOPLE_AT_ONCE = 100;
const APPOINTMENTS_AT_ONCE = 100;
/** Of one run; the rest is due at the next. */
const MOST_PEOPLE = 1000;
const MOST_APPOINTMENTS = 2000;

interface DuePerson {
  id: UserId;
  role: string;
  name: string;
  email: string | null;
  calcomUserId: number | null;
  linkingDueAt: Date;
}

/** Never rejects for a single appointment: it is logged by its id, and its person stays due. */
export async function linkDuePeople(options: LinkingOptions): Promise<LinkingResult> {
  const total: LinkingResult = { people: 0, appointments: 0, changes: 0 };
  const tried = new Set<string>();
  while (tried.size < MOST_PEOPLE && total.appointments < MOST_APPOINTMENTS) {
    const people = await duePeople(options.pool, [...tried]);
    for (const person of people) {
      // A clinician found by e-mail gets Cal.com's id while being linked and is due once more, as another.
      tried.add(triedAs(person));
      if (await linkPerson(options, person, total)) {
        await strikeOff(options.pool, person);
        total.people += 1;
      }
      if (total.appointments >= MOST_APPOINTMENTS) break;
    }
    if (people.length === 0) break;
  }
  if (total.people > 0) options.log.info('linking.done', { ...total });
  return total;
}

const triedAs = (person: DuePerson): string => `${person.id} ${person.linkingDueAt.getTime()}`;

async function duePeople(pool: pg.Pool, tried: readonly string[]): Promise<DuePerson[]> {
  const result = await pool.query<DuePerson>(
    `SELECT "id", "role"::text AS role, "name", "email", "calcomUserId", "linkingDueAt" FROM "User"
     WHERE "linkingDueAt" IS NOT NULL AND NOT ("id" || ' ' || (extract(epoch FROM "linkingDueAt") * 1000)::bigint = ANY($1))
     ORDER BY "linkingDueAt", "id" LIMIT ${PEOPLE_AT_ONCE}`,
    [tried],
  );
  return result.rows;
}

/** False when something was left. */
async function linkPerson({ pool, recorder, log }: LinkingOptions, person: DuePerson, total: LinkingResult): Promise<boolean> {
  let complete = true;
  let after: AppointmentId | null = null;
  for (;;) {
    const page: Candidate[] = await candidates(pool, person, after);
    for (const { id, bookingUid } of page) {
      try {
        total.changes += (await recorder.relink([bookingUid], { cause: 'LINKING' })).changes;
      } catch (error) {
        complete = false;
        log.warn('linking.failed', { appointment: id, message: redact(error instanceof Error ? error.message : String(error)) });
      }
      total.appointments += 1;
    }
    if (page.length < APPOINTMENTS_AT_ONCE) return complete;
    if (total.appointments >= MOST_APPOINTMENTS) return false;
    after = page.at(-1)?.id ?? null;
  }
}

interface Candidate {
  id: AppointmentId;
  bookingUid: BookingUid;
}

/** Appointments with somebody unlinked who may be this person, by id; `link-people` decides. */
async function candidates(pool: pg.Pool, person: DuePerson, after: AppointmentId | null): Promise<Candidate[]> {
  const values: unknown[] = [after, person.email];
  values.push(person.role === 'CLINICIAN' ? person.calcomUserId : person.name);
  const result = await pool.query<Candidate>(
    `SELECT a."id", a."calcomBookingUid" AS "bookingUid" FROM "Appointment" a
     WHERE a."id" IN (${person.role === 'CLINICIAN' ? AS_HOST : AS_PATIENT}) AND ($1::uuid IS NULL OR a."id" > $1)
     ORDER BY a."id" LIMIT ${APPOINTMENTS_AT_ONCE}`,
    values,
  );
  return result.rows;
}

const AS_PATIENT = `SELECT p."appointmentId" FROM "AppointmentParticipant" p
  WHERE p."userId" IS NULL AND NOT p."linkDecided" AND p."state" = 'ACTIVE'
    AND "plain_email"(p."email") = $2 AND "search_text"(p."name") = "search_text"($3)`;

const AS_HOST = `SELECT h."appointmentId" FROM "AppointmentHost" h
  WHERE h."userId" IS NULL AND (h."calcomUserId" = $3::int OR ($3::int IS NULL AND "plain_email"(h."email") = $2))`;

async function strikeOff(pool: pg.Pool, person: DuePerson): Promise<void> {
  await pool.query(`UPDATE "User" SET "linkingDueAt" = NULL WHERE "id" = $1 AND "linkingDueAt" = $2`, [person.id, person.linkingDueAt]);
}
