/** People: reads and writes of `User` without its secrets. Each function is one statement. */
import type pg from 'pg';
import type { PersonRow } from '../appointments/appointment-store.ts';
import type { Role } from '../auth/viewer.ts';
import { isUuid, type UserId } from '../kernel/ids.ts';

type Database = Pick<pg.Pool, 'query'>;

/** A person with the role typed; everything that may ever be shown of a User. */
export interface UserRow extends PersonRow {
  id: UserId;
  role: Role;
}

const COLUMNS = `"id", "role"::text AS role, "name", "email", "phone", "timezone", "locale", "disabledAt"`;
const MAX_CLINICIANS = 1000;

/** In the order asked; null where unknown. */
export async function usersByIds(db: Database, ids: readonly string[]): Promise<(UserRow | null)[]> {
  const result = await db.query<UserRow>(`SELECT ${COLUMNS} FROM "User" WHERE "id" = ANY($1::uuid[])`, [[...new Set(ids.filter(isUuid))]]);
  const byId = new Map<string, UserRow>(result.rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Everybody who may be booked, by name. */
export async function activeClinicians(db: Database): Promise<UserRow[]> {
  const result = await db.query<UserRow>(
    `SELECT ${COLUMNS} FROM "User" WHERE "role" = 'CLINICIAN' AND "disabledAt" IS NULL ORDER BY "name", "id" LIMIT ${MAX_CLINICIANS}`,
  );
  return result.rows;
}

/** The staff and the first patients of a sandbox, those with a sign-in first come first. */
export async function sandboxPeople(db: Database, patients: number): Promise<UserRow[]> {
  const result = await db.query<UserRow>(
    `SELECT ${COLUMNS} FROM (
       SELECT *, row_number() OVER (PARTITION BY "role" ORDER BY "createdAt", "id") AS place FROM "User" WHERE "disabledAt" IS NULL
     ) u WHERE u.place <= CASE WHEN u."role" = 'PATIENT' THEN $1::int ELSE 10 END
     ORDER BY array_position(ARRAY['CLINICIAN','PATIENT','FRONT_DESK','ADMIN','DISPLAY','AUDITOR'], u."role"::text), u.place`,
    [patients],
  );
  return result.rows;
}

export interface PatientPage {
  rows: UserRow[];
  hasNextPage: boolean;
}

/** Active patients whose name or e-mail contains `search` literally, by name; `after` is the place of the last row seen. */
export async function searchPatients(
  db: Database,
  search: string,
  first: number,
  after: { name: string; id: string } | null,
): Promise<PatientPage> {
  const result = await db.query<UserRow>(
    `SELECT ${COLUMNS} FROM "User"
     WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL AND ("name" ILIKE $1 OR "email" ILIKE $1)
       AND ($2::text IS NULL OR ("name", "id") > ($2, $3::uuid))
     ORDER BY "name", "id" LIMIT $4`,
    [`%${escapeLike(search)}%`, after?.name ?? null, after?.id ?? null, first + 1],
  );
  return { rows: result.rows.slice(0, first), hasNextPage: result.rows.length > first };
}

/** `%`, `_` and the escape character itself are letters to a person who searches. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
}

export interface NewPerson {
  role: Role;
  name: string;
  /** Lower case. */
  email: string | null;
  phone: string | null;
  timeZone: string;
  locale: string;
}

export async function insertUser(db: Database, person: NewPerson): Promise<UserRow> {
  const result = await db.query<UserRow>(
    `INSERT INTO "User" ("id","role","name","email","phone","timezone","locale","updatedAt")
     VALUES (gen_random_uuid(), $1::"Role", $2, $3, $4, $5, $6, now()) RETURNING ${COLUMNS}`,
    [person.role, person.name, person.email, person.phone, person.timeZone, person.locale],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error('An inserted person was not returned.');
  return row;
}

/** Undefined: keep. */
export interface PersonChanges {
  name?: string;
  email?: string | null;
  phone?: string | null;
  timeZone?: string;
  locale?: string;
}

/** Null when no active person has that id (and, where given, that role). A new e-mail is not verified. */
export async function updateUser(db: Database, id: UserId, role: Role | null, changes: PersonChanges): Promise<UserRow | null> {
  const result = await db.query<UserRow>(
    `UPDATE "User" SET
       "name" = COALESCE($3, "name"),
       "email" = CASE WHEN $4 THEN $5 ELSE "email" END,
       "emailVerified" = "emailVerified" AND NOT ($4 AND "email" IS DISTINCT FROM $5),
       "phone" = CASE WHEN $6 THEN $7 ELSE "phone" END,
       "timezone" = COALESCE($8, "timezone"),
       "locale" = COALESCE($9, "locale"),
       "updatedAt" = now()
     WHERE "id" = $1 AND "disabledAt" IS NULL AND ($2::"Role" IS NULL OR "role" = $2::"Role")
     RETURNING ${COLUMNS}`,
    [
      id,
      role,
      changes.name ?? null,
      changes.email !== undefined,
      changes.email ?? null,
      changes.phone !== undefined,
      changes.phone ?? null,
      changes.timeZone ?? null,
      changes.locale ?? null,
    ],
  );
  return result.rows[0] ?? null;
}

/** Whether an active patient with this very name and e-mail exists. */
export async function patientExists(db: Database, name: string, email: string): Promise<boolean> {
  const result = await db.query(
    `SELECT 1 FROM "User" WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL AND "email" = $2 AND lower("name") = lower($1) LIMIT 1`,
    [name, email],
  );
  return result.rows.length > 0;
}
