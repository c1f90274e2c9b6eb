/** An admin makes an account for somebody. Nothing is sent: the person signs in with the identity given here, or a token of `cli token`. */
import type pg from 'pg';
import { type Failure, invalidInput, notAllowed } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayManageUsers } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { orConflict } from './account-conflict.ts';
import { changeAccount, type SignInIdentity } from './account-store.ts';
import { nudgeLinking } from './linking-nudge.ts';
import { refuseSamePatient } from './same-patient.ts';
import { insertUser, type NewPerson, type UserRow } from './user-store.ts';

export interface Invitation extends NewPerson {
  identity: SignInIdentity | null;
}

export async function inviteUser(pool: pg.Pool, caller: Caller, person: Invitation): Promise<Result<UserRow, Failure>> {
  if (!mayManageUsers(caller.viewer)) return fail(notAllowed('Only admins make accounts.'));
  const { role, email, identity } = person;
  if (email === null && role !== 'PATIENT' && role !== 'DISPLAY') {
    return fail(invalidInput({ path: 'email', message: 'Staff need an e-mail address.' }));
  }
  return orConflict(
    inTransaction(pool, async (tx) => {
      const same = role === 'PATIENT' && email !== null ? await refuseSamePatient(tx, person.name, email, null) : null;
      if (same !== null) return fail(same);
      const made = await insertUser(tx, person);
      const user = identity === null ? made : ((await changeAccount(tx, made.id, { identity })) ?? made);
      await recordAudit(tx, caller, { action: 'user.invite', subjectType: 'User', subjectId: user.id });
      await nudgeLinking(tx);
      return ok(user);
    }),
  );
}
