/** Staff enter a patient. A family may share a mailbox, so only name and e-mail together must be new. */
import type pg from 'pg';
import { type Failure, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayEditPatients } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { nudgeLinking } from './linking-nudge.ts';
import { refuseSamePatient } from './same-patient.ts';
import { insertUser, type NewPerson, type UserRow } from './user-store.ts';

export async function createPatient(pool: pg.Pool, caller: Caller, person: Omit<NewPerson, 'role'>): Promise<Result<UserRow, Failure>> {
  if (!mayEditPatients(caller.viewer)) return fail(notAllowed('Only staff enter patients.'));
  return inTransaction(pool, async (tx) => {
    const same = person.email === null ? null : await refuseSamePatient(tx, person.name, person.email, null);
    if (same !== null) return fail(same);
    const patient = await insertUser(tx, { ...person, role: 'PATIENT' });
    await recordAudit(tx, caller, { action: 'patient.create', subjectType: 'Patient', subjectId: patient.id });
    if (patient.emailVerified) await nudgeLinking(tx);
    return ok(patient);
  });
}
