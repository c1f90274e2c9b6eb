/** Staff correct a patient's record. What Cal.com knows of past bookings stays as it was said there. */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayEditPatients } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { type PersonChanges, updateUser, type UserRow } from './user-store.ts';

export async function updatePatient(
  pool: pg.Pool,
  caller: Caller,
  patientId: UserId,
  changes: PersonChanges,
): Promise<Result<UserRow, Failure>> {
  if (!mayEditPatients(caller.viewer)) return fail(notAllowed('Only staff change patients.'));
  return inTransaction(pool, async (tx) => {
    const patient = await updateUser(tx, patientId, 'PATIENT', changes);
    if (patient === null) return fail(notFound('The patient'));
    await recordAudit(tx, caller, { action: 'patient.update', subjectType: 'Patient', subjectId: patient.id });
    return ok(patient);
  });
}
