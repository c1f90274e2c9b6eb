/** A clinician has another credential than before: what was remembered is forgotten, and what they offer is copied. */
import type { UserId } from '../kernel/ids.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { ConnectionParts } from './connection-parts.ts';

/** The credential in use from now on; null when there is none. */
export async function startUsing(
  { credentials, tokens, mirror, log }: Pick<ConnectionParts, 'credentials' | 'tokens' | 'mirror' | 'log'>,
  id: UserId,
): Promise<ClinicianCredential | null> {
  tokens.forget(id);
  credentials.forget();
  const credential = await credentials.of(id);
  if (credential === null) return null;
  try {
    await mirror(credential);
  } catch (error) {
    log.warn('calcom.connect.not-mirrored', { owner: id, message: error instanceof Error ? error.message : String(error) });
  }
  return credential;
}
