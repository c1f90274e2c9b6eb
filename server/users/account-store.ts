/** Accounts as an admin changes them: role, sign-in, in service or not. Each function is one statement. */
import type pg from 'pg';
import type { Role } from '../auth/viewer.ts';
import type { Transaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { USER_COLUMNS, type UserRow } from './user-store.ts';

/** Whom a token of an outside issuer names: its `iss` and `sub`. */
export interface SignInIdentity {
  issuer: string;
  subject: string;
}

/** Changes of roles and of who is in service happen one after the other: two admins cannot end each other at once. */
export async function lockAccounts(tx: Transaction): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('accounts', 0))`);
}

/** Undefined: keep. */
export interface AccountChanges {
  role?: Role;
  /** Null: signs in with no outside issuer any more. */
  identity?: SignInIdentity | null;
}

export async function changeAccount(tx: Transaction, id: UserId, changes: AccountChanges): Promise<UserRow | null> {
  const { role, identity } = changes;
  const result = await tx.query<UserRow>(
    `UPDATE "User" SET "role" = COALESCE($2::"Role", "role"),
       "identityIssuer" = CASE WHEN $3 THEN $4 ELSE "identityIssuer" END,
       "identitySubject" = CASE WHEN $3 THEN $5 ELSE "identitySubject" END,
       "updatedAt" = now()
     WHERE "id" = $1 RETURNING ${USER_COLUMNS}`,
    [id, role ?? null, identity !== undefined, identity?.issuer ?? null, identity?.subject ?? null],
  );
  return result.rows[0] ?? null;
}

/** Null when already so, or unknown. */
export async function setInService(tx: Transaction, id: UserId, inService: boolean): Promise<UserRow | null> {
  const result = await tx.query<UserRow>(
    `UPDATE "User" SET "disabledAt" = CASE WHEN $2 THEN NULL ELSE now() END, "updatedAt" = now()
     WHERE "id" = $1 AND ("disabledAt" IS NULL) <> $2 RETURNING ${USER_COLUMNS}`,
    [id, inService],
  );
  return result.rows[0] ?? null;
}

export async function otherAdminExists(tx: Transaction, id: UserId): Promise<boolean> {
  const result = await tx.query(`SELECT 1 FROM "User" WHERE "role" = 'ADMIN' AND "disabledAt" IS NULL AND "id" <> $1 LIMIT 1`, [id]);
  return result.rows.length > 0;
}

/** Visits that are to come, of a person as organizer or as patient. */
export async function countFutureAppointments(db: Pick<pg.Pool, 'query'>, id: UserId, now: Date): Promise<number> {
  const result = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM "Appointment" a
     WHERE a."status" IN ('REQUESTED', 'CONFIRMED') AND a."endsAt" > $2
       AND (a."clinicianId" = $1 OR a."patientId" = $1 OR EXISTS (
         SELECT 1 FROM "AppointmentParticipant" p WHERE p."appointmentId" = a."id" AND p."userId" = $1 AND p."state" = 'ACTIVE'))`,
    [id, now],
  );
  return result.rows[0]?.count ?? 0;
}
