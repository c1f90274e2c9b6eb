/**
 * People change what is theirs to say. Not the e-mail, and of a patient not the name: visits are linked by both, and in a family that
 * shares one mailbox a patient could take the name of a relative and be shown the relative's visits.
 */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { inTransaction } from '../database/transaction.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { nudgeLinking } from './linking-nudge.ts';
import { type PersonChanges, updatePerson, type UserRow } from './user-store.ts';

export async function updateViewer(
  pool: pg.Pool,
  caller: Caller,
  changes: Omit<PersonChanges, 'email' | 'emailVerified'>,
): Promise<Result<UserRow, Failure>> {
  if (caller.viewer.role === 'DISPLAY') return fail(notAllowed('A wall board has no profile.'));
  if (caller.viewer.role === 'PATIENT' && changes.name !== undefined)
    return fail(notAllowed('Please ask the clinic to correct your name.'));
  return inTransaction(pool, async (tx) => {
    const user = await updatePerson(tx, caller.viewer.userId, null, changes);
    if (user === null) return fail(notFound('Your account'));
    if (user.emailVerified && changes.name !== undefined) await nudgeLinking(tx);
    await recordAudit(tx, caller, { action: 'viewer.update', subjectType: 'User', subjectId: user.id });
    return ok(user);
  });
}
