/** People change what is theirs to say. Not the e-mail: bookings are linked by it, so a new one has to be verified first. */
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
  return inTransaction(pool, async (tx) => {
    const user = await updatePerson(tx, caller.viewer.userId, null, changes);
    if (user === null) return fail(notFound('Your account'));
    if (user.emailVerified && changes.name !== undefined) await nudgeLinking(tx);
    await recordAudit(tx, caller, { action: 'viewer.update', subjectType: 'User', subjectId: user.id });
    return ok(user);
  });
}
