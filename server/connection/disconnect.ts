/** Ends a connection: key and tokens are gone here. The grant itself is withdrawn at Cal.com, by the clinician. */
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayConnect } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { activeConnection, removeConnection } from './connection-store.ts';

/** With `forgetIdentity` their webhooks wait for somebody who is that Cal.com user; else their bookings stay theirs. */
export async function disconnect(
  { pool, credentials, tokens }: ConnectionParts,
  caller: Caller,
  { clinicianId, forgetIdentity }: { clinicianId: UserId; forgetIdentity: boolean },
): Promise<Result<UserId, Failure>> {
  if (!mayConnect(caller.viewer, clinicianId)) return fail(notAllowed('Clinicians disconnect themselves; admins disconnect anyone.'));
  if ((await activeConnection(pool, clinicianId)) === null) return fail(notFound('The clinician'));
  await inTransaction(pool, async (tx) => {
    await removeConnection(tx, clinicianId, forgetIdentity);
    await recordAudit(tx, caller, { action: 'calcom.disconnect', subjectType: 'User', subjectId: clinicianId });
  });
  tokens.forget(clinicianId);
  credentials.forget();
  return ok(clinicianId);
}
