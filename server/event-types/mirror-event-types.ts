/**
 * Copies every clinician's event types from Cal.com, by username: the list without one is always 404, and so is an empty
 * one (MEASURED "Event types"). The owner is asked for first, because a changed username would look like "none left".
 */
import type pg from 'pg';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import { eventTypeFacts } from './event-type.ts';
import { replaceEventTypes } from './event-type-store.ts';

export interface MirrorOptions {
  pool: pg.Pool;
  client: CalcomClient;
  credentials: CalcomCredentials;
  log: Log;
}

export interface MirrorResult {
  clinicians: number;
  eventTypes: number;
  deleted: number;
  /** Clinicians that Cal.com could not be asked about; their copies are as they were. */
  failed: UserId[];
}

export async function mirrorEventTypes(options: MirrorOptions): Promise<MirrorResult> {
  const result: MirrorResult = { clinicians: 0, eventTypes: 0, deleted: 0, failed: [] };
  for (const credential of await options.credentials.all()) {
    const owner = await options.credentials.identify(credential);
    const upstream = owner?.calcomUsername == null ? null : await options.client.eventTypesOf(owner, owner.calcomUsername);
    if (owner === null || upstream === null || !upstream.ok) {
      result.failed.push(credential.ownerId);
      continue;
    }
    const mine = upstream.value.filter((eventType) => isOwn(eventType, owner.calcomUserId));
    const count = await inTransaction(options.pool, (tx) => replaceEventTypes(tx, owner.ownerId, mine.map(eventTypeFacts)));
    result.clinicians += 1;
    result.eventTypes += count.stored;
    result.deleted += count.deleted;
  }
  options.log.info('event-types.mirrored', { ...result, failed: result.failed.length });
  return result;
}

/** Team event types name another owner and are not offered as one clinician's. */
function isOwn(eventType: { ownerId?: number | null | undefined }, calcomUserId: number | null): boolean {
  return eventType.ownerId == null || eventType.ownerId === calcomUserId;
}
