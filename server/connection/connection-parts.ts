/** What the use cases about connections work with. */
import type pg from 'pg';
import type { Failure } from '../appointments/failure.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { ManagedUsers } from '../calcom/managed-users.ts';
import type { OAuthClient } from '../calcom/oauth-client.ts';
import type { Config } from '../config.ts';
import type { Encryption } from '../database/encryption.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { CalcomCredentials, ClinicianCredential } from '../users/calcom-credentials.ts';
import type { CalcomTokens } from '../users/calcom-tokens.ts';
import type { ProbeClient } from './probe.ts';

export interface ConnectionParts {
  pool: pg.Pool;
  encryption: Encryption;
  client: ProbeClient;
  credentials: Pick<CalcomCredentials, 'all' | 'of' | 'forget'>;
  tokens: CalcomTokens;
  /** Null: not configured, as the next one. */
  oauth: OAuthClient | null;
  managed: ManagedUsers | null;
  /** Copies what the clinician offers; a failure is no failure of the connection. */
  mirror: (credential: ClinicianCredential) => Promise<unknown>;
  config: Pick<Config, 'calcom'>;
  clock: Clock;
  log: Log;
}

export function calcomAway({ retryAfterMs }: Pick<CalcomFailure, 'retryAfterMs'>): Failure {
  return { kind: 'CalcomUnavailable', message: 'Cal.com does not answer at the moment. Nothing was changed.', retryAfterMs };
}
