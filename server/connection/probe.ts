/** What a credential is good for: who it belongs to, and whether bookings can be read with it. */
import type { CalcomClient, CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { CalcomIdentity } from './connection.ts';

export type ProbeClient = Pick<CalcomClient, 'me' | 'listBookings' | 'eventTypesOf' | 'webhooks'>;

/** Null: Cal.com does not take the credential. Fails when Cal.com could not be asked. */
export async function whoIs(
  client: Pick<CalcomClient, 'me'>,
  credential: CalcomCredential,
): Promise<Result<CalcomIdentity | null, CalcomFailure>> {
  const me = await client.me(credential);
  if (me.ok) return ok({ id: me.value.id, username: me.value.username, email: me.value.email, timeZone: me.value.timeZone });
  return isRefusal(me.failure) ? ok(null) : fail(me.failure);
}

export async function readsBookings(
  client: Pick<CalcomClient, 'listBookings'>,
  credential: CalcomCredential,
): Promise<Result<boolean, CalcomFailure>> {
  const page = await client.listBookings(credential, { take: 1, skip: 0 });
  if (page.ok) return ok(true);
  return isRefusal(page.failure) ? ok(false) : fail(page.failure);
}

function isRefusal({ kind }: CalcomFailure): boolean {
  return kind === 'Unauthorized' || kind === 'Forbidden' || kind === 'NotFound';
}
