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
  /** What is booked under the e-mail is theirs. */
  emailVerified: boolean;
  /** `iss` and `sub` of the tokens they sign in with; null: none of an outside issuer. */
  identityIssuer: string | null;
  identitySubject: string | null;
}

/** Of `User`, what makes a `UserRow`. */
export const USER_COLUMNS = `"id", "role"::text AS role, "name", "email", "emailVerified", "phone", "timezone", "locale", "disabledAt",
  "identityIssuer", "identitySubject"`;
const MAX_CLINICIANS = 1000;

/** In the order asked; null where unknown. */
export async function usersByIds(db: Database, ids: readonly string[]): Promise<(UserRow | null)[]> {
  const result = await db.query<UserRow>(`SELECT ${USER_COLUMNS} FROM "User" WHERE "id" = ANY($1::uuid[])`, [
    [...new Set(ids.filter(isUuid))],
  ]);
  const byId = new Map<string, UserRow>(result.rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Everybody who may be booked, by name. */
export async function activeClinicians(db: Database): Promise<UserRow[]> {
  const result = await db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM "User" WHERE "role" = 'CLINICIAN' AND "disabledAt" IS NULL ORDER BY "name", "id" LIMIT ${MAX_CLINICIANS}`,
  );
  return result.rows;
}

/** The staff and the first patients of a sandbox, those with a sign-in first come first. */
export async function sandboxPeople(db: Database, patients: number): Promise<UserRow[]> {
  const result = await db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM (
       SELECT *, row_number() OVER (PARTITION BY "role" ORDER BY "createdAt", "id") AS place FROM "User" WHERE "disabledAt" IS NULL
     ) u WHERE u.place <= CASE WHEN u."role" = 'PATIENT' THEN $1::int ELSE 10 END
     ORDER BY array_position(ARRAY['CLINICIAN','PATIENT','FRONT_DESK','ADMIN','DISPLAY','AUDITOR'], u."role"::text), u.place`,
    [patients],
  );
  return result.rows;
}

/** `%`, `_` and the escape character itself are letters to a person who searches. The expressions of the index on patients. */
const CONTAINS = `("search_text"("name") LIKE '%' || regexp_replace("search_text"($1), '[\\\\%_]', '\\\\\\&', 'g') || '%'
  OR "email" LIKE '%' || regexp_replace(lower(btrim($1)), '[\\\\%_]', '\\\\\\&', 'g') || '%')`;

export interface UserPage {
  rows: UserRow[];
  hasNextPage: boolean;
}

/**
 * Active patients whose name or e-mail contains `search` literally, by name; case and, in names, accents do not count.
 * `after` is the place of the last row seen.
 */
export async function searchPatients(
  db: Database,
  search: string,
  first: number,
  after: { name: string; id: string } | null,
): Promise<UserPage> {
  const result = await db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM "User"
     WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL AND ${CONTAINS}
       AND ($2::text IS NULL OR ("name", "id") > ($2, $3::uuid))
     ORDER BY "name", "id" LIMIT $4`,
    [search, after?.name ?? null, after?.id ?? null, first + 1],
  );
  return { rows: result.rows.slice(0, first), hasNextPage: result.rows.length > first };
}

/** Everybody, by name. `search` as in `searchPatients`. */
export async function listUsers(
  db: Database,
  filter: { roles: readonly Role[] | null; search: string | null; withDisabled: boolean },
  first: number,
  after: { name: string; id: string } | null,
): Promise<UserPage> {
  const result = await db.query<UserRow>(
    `SELECT ${USER_COLUMNS} FROM "User"
     WHERE ($1::text IS NULL OR ${CONTAINS})
       AND ($2::text IS NULL OR ("name", "id") > ($2, $3::uuid))
       AND ($5::"Role"[] IS NULL OR "role" = ANY($5::"Role"[])) AND ($6 OR "disabledAt" IS NULL)
     ORDER BY "name", "id" LIMIT $4`,
    [filter.search, after?.name ?? null, after?.id ?? null, first + 1, filter.roles, filter.withDisabled],
  );
  return { rows: result.rows.slice(0, first), hasNextPage: result.rows.length > first };
}

export interface NewPerson {
  role: Role;
  name: string;
  /** Lower case. */
  email: string | null;
  /** Somebody has checked that the address is theirs. */
  emailVerified: boolean;
  phone: string | null;
  timeZone: string;
  locale: string;
}

export async function insertUser(db: Database, person: NewPerson): Promise<UserRow> {
  const result = await db.query<UserRow>(
    `INSERT INTO "User" ("id","role","name","email","phone","timezone","locale","emailVerified","updatedAt")
     VALUES (gen_random_uuid(), $1::"Role", $2, $3::text, $4, $5, $6, $7 AND $3::text IS NOT NULL, now()) RETURNING ${USER_COLUMNS}`,
    [person.role, person.name, person.email, person.phone, person.timeZone, person.locale, person.emailVerified],
  );
  const row = result.rows[0];
  if (row === undefined) throw new Error('An inserted person was not returned.');
  return row;
}

/** Undefined: keep. */
export interface PersonChanges {
  name?: string;
  email?: string | null;
  /** Of the e-mail as it is then; a new address is not verified unless this says so. */
  emailVerified?: boolean;
  phone?: string | null;
  timeZone?: string;
  locale?: string;
}

/** Null when no active person has that id (and, where given, that role). */
export async function updatePerson(db: Database, id: UserId, role: Role | null, changes: PersonChanges): Promise<UserRow | null> {
  const result = await db.query<UserRow>(
    `UPDATE "User" SET
       "name" = COALESCE($3, "name"),
       "email" = CASE WHEN $4 THEN $5 ELSE "email" END,
       "emailVerified" = COALESCE($10, "emailVerified" AND NOT ($4 AND "email" IS DISTINCT FROM $5))
         AND CASE WHEN $4 THEN $5::text ELSE "email" END IS NOT NULL,
       "phone" = CASE WHEN $6 THEN $7 ELSE "phone" END,
       "timezone" = COALESCE($8, "timezone"),
       "locale" = COALESCE($9, "locale"),
       "updatedAt" = now()
     WHERE "id" = $1 AND "disabledAt" IS NULL AND ($2::"Role" IS NULL OR "role" = $2::"Role")
     RETURNING ${USER_COLUMNS}`,
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
      changes.emailVerified ?? null,
    ],
  );
  return result.rows[0] ?? null;
}

/** Whether an active patient, other than `except`, with this very name and e-mail exists. */
export async function patientExists(db: Database, name: string, email: string, except: UserId | null = null): Promise<boolean> {
  const result = await db.query(
    `SELECT 1 FROM "User" WHERE "role" = 'PATIENT' AND "disabledAt" IS NULL AND "email" = $2 AND lower("name") = lower($1)
       AND "id" IS DISTINCT FROM $3::uuid LIMIT 1`,
    [name, email, except],
  );
  return result.rows.length > 0;
}
