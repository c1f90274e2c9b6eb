/** A clinician's own `cal_…` key: tried before it is kept, never shown again. It replaces any other connection. */
import { type Failure, invalidInput, notAllowed, notFound } from '../appointments/failure.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayConnect } from '../auth/authorize.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import type { ConnectionLack, ConnectionReport } from './connection.ts';
import { calcomAway, type ConnectionParts } from './connection-parts.ts';
import { activeConnection, storeApiKey } from './connection-store.ts';
import { examineConnection } from './examine-connection.ts';
import { startUsing } from './start-using.ts';

/** A key that cannot become this clinician's, and why. */
const REFUSED: Partial<Record<ConnectionLack, string>> = {
  CREDENTIAL_REFUSED: 'Cal.com does not accept this key.',
  ANOTHER_CLINICIAN_HAS_IT: 'This key belongs to a Cal.com user who is another clinician here.',
  ANOTHER_CALCOM_USER: 'This key belongs to another Cal.com user than the clinician. Disconnect and forget who they are there first.',
};

export async function setApiKey(
  parts: ConnectionParts,
  caller: Caller,
  { clinicianId, apiKey }: { clinicianId: UserId; apiKey: string },
): Promise<Result<ConnectionReport, Failure>> {
  const { pool, encryption } = parts;
  if (!mayConnect(caller.viewer, clinicianId)) return fail(notAllowed('Clinicians set their own key; admins set it for anyone.'));
  if ((await activeConnection(pool, clinicianId)) === null) return fail(notFound('The clinician'));
  const examined = await examineConnection(parts, clinicianId, { ownerId: clinicianId, bearer: apiKey });
  if (!examined.ok) return fail(calcomAway(examined.failure));
  const { linked, lacks } = examined.value;
  const why = lacks.map((lack) => REFUSED[lack]).find((sentence) => sentence !== undefined);
  if (why !== undefined) return fail(invalidInput({ path: 'apiKey', message: why }));
  await inTransaction(pool, async (tx) => {
    await storeApiKey(tx, clinicianId, encryption.encrypt(apiKey, 'calcom-api-key'));
    await recordAudit(tx, caller, { action: 'calcom.api-key', subjectType: 'User', subjectId: clinicianId });
  });
  await startUsing(parts, clinicianId);
  return ok({ clinicianId, linked, created: false, lacks });
}
