/** How clinicians are connected, for those who may know. */
import type { UserId } from '../kernel/ids.ts';
import type { ConnectionMethod, ConnectionView } from './connection.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { type ConnectionRow, connectionRows } from './connection-store.ts';

/** In the order asked; null for whoever is no clinician. */
export async function viewConnections(
  { pool, credentials, config }: Pick<ConnectionParts, 'pool' | 'credentials' | 'config'>,
  ids: readonly UserId[],
): Promise<(ConnectionView | null)[]> {
  const rows = new Map((await connectionRows(pool, ids)).map((row) => [row.id, row]));
  const withShared = config.calcom?.apiKey == null ? [] : await credentials.all();
  return ids.map((id) => {
    const row = rows.get(id);
    if (row === undefined) return null;
    const shared = withShared.some((credential) => credential.ownerId === id);
    return viewOf(row, shared);
  });
}

/** `hasCredential`: there is one, which is then CALCOM_API_KEY if the row has none. */
function viewOf(row: ConnectionRow, hasCredential: boolean): ConnectionView {
  const method = methodOf(row, hasCredential);
  const byToken = method === 'OAUTH' || method === 'MANAGED';
  return {
    clinicianId: row.id,
    method,
    state: method === 'NONE' ? 'NOT_CONNECTED' : byToken ? (row.tokenState ?? 'NOT_CONNECTED') : 'USABLE',
    calcomUserId: row.calcomUserId,
    calcomUsername: row.calcomUsername,
    scope: byToken ? row.tokenScope : null,
    tokenSince: byToken ? row.tokenSince : null,
    tokenExpiresAt: byToken ? row.tokenExpiry : null,
  };
}

function methodOf(row: ConnectionRow, hasCredential: boolean): ConnectionMethod {
  if (row.hasApiKey) return 'API_KEY';
  if (row.tokenKind !== null) return row.tokenKind;
  return hasCredential ? 'SHARED_KEY' : 'NONE';
}
