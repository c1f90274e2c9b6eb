/** An admin brings an account back into service. Old tokens work again while they last. */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayManageUsers } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { lockAccounts, setInService } from './account-store.ts';
import { type UserRow, usersByIds } from './user-store.ts';

/** Once more changes nothing. */
export async function enableUser(pool: pg.Pool, caller: Caller, id: UserId): Promise<Result<UserRow, Failure>> {
  if (!mayManageUsers(caller.viewer)) return fail(notAllowed('Only admins enable accounts.'));
  return inTransaction(pool, async (tx) => {
    await lockAccounts(tx);
    const enabled = await setInService(tx, id, true);
    if (enabled !== null) {
      await recordAudit(tx, caller, { action: 'user.enable', subjectType: 'User', subjectId: id });
      return ok(enabled);
    }
    const [known] = await usersByIds(tx, [id]);
    return known == null ? fail(notFound('The account')) : ok(known);
  });
}
