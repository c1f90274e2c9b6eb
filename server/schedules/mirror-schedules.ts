/** Copies every clinician's default schedule from Cal.com: a few calls each hour, none while somebody reads. */
import type pg from 'pg';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import { dropSchedule, storeSchedule } from './schedule-store.ts';

export interface MirrorSchedulesOptions {
  pool: Pick<pg.Pool, 'query'>;
  client: Pick<CalcomClient, 'defaultSchedule'>;
  credentials: Pick<CalcomCredentials, 'all'>;
  clock: Clock;
  log: Log;
}

/** Where Cal.com could not be asked the copy stays as it is. */
export async function mirrorSchedules({ pool, client, credentials, clock, log }: MirrorSchedulesOptions): Promise<void> {
  let failed = 0;
  for (const credential of await credentials.all()) {
    const asOf = clock.now();
    const answer = await client.defaultSchedule(credential);
    if (!answer.ok) failed += 1;
    else if (answer.value === null) await dropSchedule(pool, credential.ownerId, asOf);
    else await storeSchedule(pool, credential.ownerId, answer.value, asOf);
  }
  if (failed > 0) log.warn('schedules.mirror-failed', { failed });
}
