/**
 * Copies every clinician's event types from Cal.com, by username: the list without one is always 404, and so is an empty
 * one (MEASURED "Event types"). The owner is asked for first, because a changed username would look like "none left".
 * Says what differed; a dry run says it and changes nothing.
 */
import type pg from 'pg';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import { inTransaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { CalcomCredentials, ClinicianCredential } from '../users/calcom-credentials.ts';
import { type EventTypeFacts, eventTypeFacts } from './event-type.ts';
import { driftBetween, type EventTypeDrift } from './event-type-drift.ts';
import { markDeleted, offeredFacts, storeEventTypes, writtenSince } from './event-type-store.ts';

export interface MirrorOptions {
  pool: pg.Pool;
  client: CalcomClient;
  credentials: Pick<CalcomCredentials, 'all' | 'identify'>;
  log: Log;
}

export interface MirrorRequest {
  /** Looks and changes nothing. */
  dryRun?: boolean;
}

export interface MirrorResult {
  dryRun: boolean;
  clinicians: number;
  eventTypes: number;
  deleted: number;
  /** Clinicians that Cal.com could not be asked about; their copies are as they were. */
  failed: UserId[];
  /** What differed, by clinician and id. Without a dry run all of it is settled. */
  drift: EventTypeDrift[];
}

export async function mirrorEventTypes(options: MirrorOptions, { dryRun = false }: MirrorRequest = {}): Promise<MirrorResult> {
  const result: MirrorResult = { dryRun, clinicians: 0, eventTypes: 0, deleted: 0, failed: [], drift: [] };
  for (const credential of await options.credentials.all()) {
    const mirrored = await mirrorOne(options, credential, dryRun);
    if (mirrored === null) {
      result.failed.push(credential.ownerId);
      continue;
    }
    result.clinicians += 1;
    result.eventTypes += mirrored.eventTypes;
    result.deleted += mirrored.drift.filter(({ kind }) => kind === 'DELETED').length;
    result.drift.push(...mirrored.drift);
  }
  const { failed, drift, ...counts } = result;
  options.log.info('event-types.mirrored', { ...counts, failed: failed.length, drift: drift.length });
  return result;
}

async function mirrorOne(
  { pool, client, credentials }: MirrorOptions,
  credential: ClinicianCredential,
  dryRun: boolean,
): Promise<{ eventTypes: number; drift: EventTypeDrift[] } | null> {
  const owner = await credentials.identify(credential);
  if (owner?.calcomUsername == null) return null;
  const askedAt = await databaseNow(pool);
  const listed = await client.eventTypesOf(owner, owner.calcomUsername);
  if (!listed.ok) return null;
  const upstream = listed.value.filter((eventType) => isOwn(eventType, owner.calcomUserId)).map(eventTypeFacts);
  return await inTransaction(pool, async (tx) => {
    const ours = await offeredFacts(tx, owner.ownerId);
    // Created, changed or deleted through us while Cal.com was asked: the list may not show it yet.
    const newer = await writtenSince(tx, owner.ownerId, askedAt);
    const older = (facts: readonly EventTypeFacts[]) => facts.filter(({ id }) => !newer.has(id));
    const drift = driftBetween(owner.ownerId, older(ours), older(upstream));
    if (!dryRun) {
      await storeEventTypes(tx, owner.ownerId, older(upstream));
      await markDeleted(
        tx,
        owner.ownerId,
        drift.flatMap(({ kind, eventTypeId }) => (kind === 'DELETED' ? [eventTypeId] : [])),
      );
    }
    return { eventTypes: upstream.length, drift };
  });
}

/** Of the clock that writes `syncedAt`, which is rounded to milliseconds; so is this, upwards. */
async function databaseNow(pool: Pick<pg.Pool, 'query'>): Promise<Date> {
  const result = await pool.query<{ at: Date }>(`SELECT date_trunc('milliseconds', clock_timestamp() + interval '999 microseconds') AS at`);
  return result.rows[0]?.at ?? new Date(0);
}

/** Team event types name another owner and are not offered as one clinician's. */
function isOwn(eventType: { ownerId?: number | null | undefined }, calcomUserId: number | null): boolean {
  return eventType.ownerId == null || eventType.ownerId === calcomUserId;
}
