/** What sign-in needs to know of a User, and how it is found. Each read is one statement by a unique key. */
import type pg from 'pg';
import { nudgeLinking } from '../users/linking-nudge.ts';
import { isUuid, type UserId } from '../kernel/ids.ts';
import type { Role } from './viewer.ts';

export interface Account {
  id: UserId;
  role: Role;
  disabled: boolean;
}

/** Claims of a verified token that a new patient is made from. `email` is lower case and verified by the issuer. */
export interface NewPatient {
  issuer: string;
  subject: string;
  email: string;
  name: string;
  timeZone: string | null;
  locale: string | null;
}

export interface Accounts {
  byId(id: string): Promise<Account | null>;
  byIdentity(issuer: string, subject: string): Promise<Account | null>;
  /** Creates a PATIENT; when another request was faster, its row. */
  provision(person: NewPatient): Promise<Account>;
}

const COLUMNS = `"id", "role"::text AS role, "disabledAt" IS NOT NULL AS disabled`;

export function createAccounts(pool: pg.Pool): Accounts {
  const one = async (text: string, values: string[]): Promise<Account | null> => (await pool.query<Account>(text, values)).rows[0] ?? null;
  const byIdentity = (issuer: string, subject: string) =>
    one(`SELECT ${COLUMNS} FROM "User" WHERE "identityIssuer" = $1 AND "identitySubject" = $2`, [issuer, subject]);
  return {
    byId: async (id) => (isUuid(id) ? one(`SELECT ${COLUMNS} FROM "User" WHERE "id" = $1`, [id]) : null),
    byIdentity,
    async provision(person) {
      const created = await pool.query<Account>(
        `WITH made AS (
           INSERT INTO "User" ("id","role","email","emailVerified","name","timezone","locale","identityIssuer","identitySubject","updatedAt")
           VALUES (gen_random_uuid(), 'PATIENT', $1, true, $2, COALESCE($3, 'UTC'), COALESCE($4, 'en'), $5, $6, now())
           ON CONFLICT ("identityIssuer","identitySubject") DO NOTHING
           RETURNING *
         ), audited AS (
           INSERT INTO "AuditEvent" ("actorId","actorRole","action","subjectType","subjectId")
           SELECT "id", "role", 'patient.provision', 'Patient', "id"::text FROM made
         )
         SELECT ${COLUMNS} FROM made`,
        [person.email, person.name, person.timeZone, person.locale, person.issuer, person.subject],
      );
      const account = created.rows[0] ?? (await byIdentity(person.issuer, person.subject));
      if (created.rows.length > 0) await nudgeLinking(pool);
      if (account === null) throw new Error('A provisioned patient could not be read back.');
      return account;
    },
  };
}
