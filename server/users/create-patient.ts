/** Staff enter a patient. A family may share a mailbox, so only name and e-mail together must be new. */
import type pg from 'pg';
import { type Failure, invalidInput, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayEditPatients } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { insertUser, type NewPerson, patientExists, type UserRow } from './user-store.ts';

export async function createPatient(pool: pg.Pool, caller: Caller, person: Omit<NewPerson, 'role'>): Promise<Result<UserRow, Failure>> {
  if (!mayEditPatients(caller.viewer)) return fail(notAllowed('Only staff enter patients.'));
  return inTransaction(pool, async (tx) => {
    if (person.email !== null) {
      // Two clicks at the same moment: the second waits here and then finds the first.
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('patient:' || $1, 0))`, [person.email]);
      if (await patientExists(tx, person.name, person.email)) {
        return fail(invalidInput({ path: 'email', message: 'A patient with this name and e-mail is already there: search for them.' }));
      }
    }
    const patient = await insertUser(tx, { ...person, role: 'PATIENT' });
    await recordAudit(tx, caller, { action: 'patient.create', subjectType: 'Patient', subjectId: patient.id });
    return ok(patient);
  });
}
