/** Takes blocked time off the board: Cal.com tells when time off is entered or changed, and tells nobody when it is deleted. */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayEditSchedule, maySeeSchedules } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import { isUuid } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import { blockedTimeById, dismiss } from './blocked-time-store.ts';

export async function dismissBlockedTime(
  { pool }: { pool: pg.Pool },
  caller: Caller,
  id: string,
): Promise<Result<{ id: string }, Failure>> {
  if (!isUuid(id) || !maySeeSchedules(caller.viewer)) return fail(notFound('The blocked time'));
  const blocked = await blockedTimeById(pool, id);
  if (blocked === null) return fail(notFound('The blocked time'));
  if (!mayEditSchedule(caller.viewer, blocked.clinicianId)) return fail(notAllowed('Only the clinician and admins change time off.'));
  await inTransaction(pool, async (tx) => {
    await dismiss(tx, id);
    await recordAudit(tx, caller, { action: 'blocked-time.dismiss', subjectType: 'BlockedTime', subjectId: id });
  });
  return ok({ id });
}
