/** Asks Cal.com everything that a clinician's credential must be able to tell, records who they are, and says what is missing. */
import type { CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { CalcomIdentity, ConnectionLack } from './connection.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { linkIdentity } from './link-identity.ts';
import { readsBookings, whoIs } from './probe.ts';

export interface Examined {
  linked: boolean;
  readsBookings: boolean;
  lacks: ConnectionLack[];
}

/** Fails when Cal.com could not be asked; then nothing was recorded. */
export async function examineConnection(
  { pool, client }: Pick<ConnectionParts, 'pool' | 'client'>,
  id: UserId,
  credential: CalcomCredential,
): Promise<Result<Examined, CalcomFailure>> {
  const who = await whoIs(client, credential);
  if (!who.ok) return who;
  if (who.value === null) return ok({ linked: false, readsBookings: false, lacks: ['CREDENTIAL_REFUSED'] });
  const identity = who.value;
  const reads = await readsBookings(client, credential);
  if (!reads.ok) return reads;
  const rest = await furtherLacks(client, credential, identity);
  if (!rest.ok) return rest;
  const refusal = await inTransaction(pool, (tx) => linkIdentity(tx, id, identity));
  if (refusal !== null) return ok({ linked: false, readsBookings: false, lacks: [refusal] });
  return ok({ linked: true, readsBookings: reads.value, lacks: reads.value ? rest.value : ['BOOKINGS_NOT_READABLE', ...rest.value] });
}

async function furtherLacks(
  client: ConnectionParts['client'],
  credential: CalcomCredential,
  { username }: CalcomIdentity,
): Promise<Result<ConnectionLack[], CalcomFailure>> {
  const lacks: ConnectionLack[] = [];
  if (username === null) lacks.push('USERNAME');
  else {
    const offered = await client.eventTypesOf(credential, username);
    if (!offered.ok) return fail(offered.failure);
    if (offered.value.length === 0) lacks.push('EVENT_TYPES');
  }
  const webhooks = await client.webhooks(credential);
  if (webhooks.ok && !webhooks.value.some((webhook) => webhook.active)) lacks.push('WEBHOOK');
  return ok(lacks);
}
