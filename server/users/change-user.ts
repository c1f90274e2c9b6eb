/** An admin corrects an account, also what it may do. Another role ends the person's streams within seconds (live/viewer-watch). */
import type pg from 'pg';
import { type Failure, invalidInput, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayManageUsers } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { orConflict } from './account-conflict.ts';
import { type AccountChanges, changeAccount, lockAccounts, otherAdminExists } from './account-store.ts';
import { nudgeLinking } from './linking-nudge.ts';
import { refuseSamePatient } from './same-patient.ts';
import { type PersonChanges, updatePerson, type UserRow, usersByIds } from './user-store.ts';

export async function changeUser(
  pool: pg.Pool,
  caller: Caller,
  id: UserId,
  changes: PersonChanges & AccountChanges,
): Promise<Result<UserRow, Failure>> {
  if (!mayManageUsers(caller.viewer)) return fail(notAllowed('Only admins change accounts.'));
  return orConflict(
    inTransaction(pool, async (tx) => {
      await lockAccounts(tx);
      const [before] = await usersByIds(tx, [id]);
      if (before === undefined || before === null) return fail(notFound('The account'));
      if (before.disabledAt !== null) return fail(notAllowed('This account is disabled. Enable it first.'));
      const { name = before.name, email = before.email, role = before.role } = changes;
      if (role !== before.role) {
        if (id === caller.viewer.userId) return fail(notAllowed('You cannot change your own role: another admin can.'));
        if (before.role === 'ADMIN' && !(await otherAdminExists(tx, id))) return fail(notAllowed('This is the last admin.'));
      }
      if (email === null && role !== 'PATIENT' && role !== 'DISPLAY') {
        return fail(invalidInput({ path: 'email', message: 'Staff need an e-mail address.' }));
      }
      const renamed = name !== before.name || email !== before.email || role !== before.role;
      const same = role === 'PATIENT' && renamed && email !== null ? await refuseSamePatient(tx, name, email, id) : null;
      if (same !== null) return fail(same);

      await updatePerson(tx, id, null, changes);
      const user = await changeAccount(tx, id, changes);
      if (user === null) return fail(notFound('The account'));
      await recordAudit(tx, caller, { action: 'user.update', subjectType: 'User', subjectId: id });
      await nudgeLinking(tx);
      return ok(user);
    }),
  );
}
