/** Staff correct a patient's record. What Cal.com knows of past bookings stays as it was said there. */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayEditPatients } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { nudgeLinking } from './linking-nudge.ts';
import { refuseSamePatient } from './same-patient.ts';
import { type PersonChanges, updatePerson, type UserRow, usersByIds } from './user-store.ts';

export async function updatePatient(
  pool: pg.Pool,
  caller: Caller,
  patientId: UserId,
  changes: PersonChanges,
): Promise<Result<UserRow, Failure>> {
  if (!mayEditPatients(caller.viewer)) return fail(notAllowed('Only staff change patients.'));
  return inTransaction(pool, async (tx) => {
    const [before] = await usersByIds(tx, [patientId]);
    if (before?.role !== 'PATIENT' || before.disabledAt !== null) return fail(notFound('The patient'));
    const { name = before.name, email = before.email } = changes;
    const renamed = name !== before.name || email !== before.email;
    const same = renamed && email !== null ? await refuseSamePatient(tx, name, email, patientId) : null;
    if (same !== null) return fail(same);
    const patient = await updatePerson(tx, patientId, 'PATIENT', changes);
    if (patient === null) return fail(notFound('The patient'));
    await recordAudit(tx, caller, { action: 'patient.update', subjectType: 'Patient', subjectId: patient.id });
    if (patient.emailVerified) await nudgeLinking(tx);
    return ok(patient);
  });
}
