/**
 * An admin takes an account out of service: no sign-in from now on, and open streams end within seconds
 * (live/viewer-watch). Nothing that was booked is touched; how much is still to come is told.
 */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayManageUsers } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { countFutureAppointments, lockAccounts, otherAdminExists, setInService } from './account-store.ts';
import { type UserRow, usersByIds } from './user-store.ts';

export interface Disabled {
  user: UserRow;
  /** Live visits to come, as clinician or as patient: somebody has to hand them over or call them off. */
  futureAppointments: number;
}

/** Once more changes nothing. */
export async function disableUser(parts: { pool: pg.Pool; clock: Clock }, caller: Caller, id: UserId): Promise<Result<Disabled, Failure>> {
  if (!mayManageUsers(caller.viewer)) return fail(notAllowed('Only admins disable accounts.'));
  if (id === caller.viewer.userId) return fail(notAllowed('You cannot disable yourself: another admin can.'));
  return inTransaction(parts.pool, async (tx) => {
    await lockAccounts(tx);
    const [before] = await usersByIds(tx, [id]);
    if (before === undefined || before === null) return fail(notFound('The account'));
    if (before.role === 'ADMIN' && before.disabledAt === null && !(await otherAdminExists(tx, id))) {
      return fail(notAllowed('This is the last admin.'));
    }
    const user = await setInService(tx, id, false);
    if (user !== null) await recordAudit(tx, caller, { action: 'user.disable', subjectType: 'User', subjectId: id });
    return ok({ user: user ?? before, futureAppointments: await countFutureAppointments(tx, id, parts.clock.now()) });
  });
}
