/** What people and the other parts ask about the Cal.com in use; keeps the last answer at hand. */
import type pg from 'pg';
import { type Failure, notAllowed, notFound } from '../appointments/failure.ts';
import { refusalOf } from '../appointments/calcom-refusal.ts';
import { recordAudit } from '../audit/audit-log.ts';
import { mayOperate } from '../auth/authorize.ts';
import type { CalcomClient, CalcomFailure } from '../calcom/calcom-client.ts';
import { createProbe } from '../calcom/probe-transport.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller } from '../services.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import { checkInstance } from './check-instance.ts';
import { healthProblems } from './findings.ts';
import { type Features, featuresOf, type InstanceStatus, isAnotherInstance } from './instance-status.ts';
import { loadStatus } from './instance-store.ts';
import type { OddityCount, OddityLog } from './oddity-log.ts';
import { type Registration, registerWebhook, webhookWish } from './register-webhooks.ts';

export interface InstanceOptions {
  pool: pg.Pool;
  client: CalcomClient;
  credentials: Pick<CalcomCredentials, 'all' | 'of'>;
  config: Pick<Config, 'webhook' | 'webhookEndpoint' | 'sandbox'> & {
    calcom: { apiUrl: string; apiKey: string | null; webappUrl: string | null };
  };
  silentOwners: () => Promise<readonly UserId[]>;
  oddities: Pick<OddityLog, 'list'>;
  clock: Clock;
  log: Log;
}

export interface InstanceDesk {
  /** As of the last check, this or another instance's; null: never checked. */
  status(): Promise<InstanceStatus | null>;
  /** Asks Cal.com now, and stores the answer. Callers within a few seconds share one. */
  check(): Promise<InstanceStatus>;
  /** What this Cal.com offers, as far as known to this process. */
  features(): Features;
  /** Another Cal.com answers than the one the rows are about: nothing may be copied from it. */
  isAnother(): Promise<boolean>;
  /** Sentences for health, about nobody in particular. */
  problems(): Promise<string[]>;
  /** What Cal.com sent that this release does not know. */
  oddities(): Promise<OddityCount[]>;
  /** For an admin; of one clinician, or of every one with a credential (null). */
  registerWebhooks(caller: Caller, clinicianId: UserId | null): Promise<Result<Registration[], Failure>>;
}

/** Of every clinician with a credential, or of one. */
export type RegisterWebhooks = (clinicianId: UserId | null) => Promise<Result<Registration[], Failure>>;

/** Several who ask for a check within this time get the same one. */
const FRESH_MS = 5_000;

export async function createInstanceDesk(options: InstanceOptions): Promise<InstanceDesk & { register: RegisterWebhooks }> {
  const { pool, client, config, clock, log } = options;
  const probe = createProbe({ baseUrl: config.calcom.apiUrl, clock });
  const { webappUrl } = config.calcom;
  const webapp = webappUrl === null ? null : createProbe({ baseUrl: new URL(webappUrl).origin, clock });
  const wish = config.webhookEndpoint === null ? null : webhookWish(config.webhookEndpoint, config.webhook.secret);
  let latest = await loadStatus(pool);
  let running: { at: number; status: Promise<InstanceStatus> } | null = null;

  async function look(): Promise<InstanceStatus> {
    const status = await checkInstance({
      pool,
      client,
      probe,
      webapp,
      credentials: () => options.credentials.all(),
      sharedKey: config.calcom.apiKey,
      wish,
      sandbox: config.sandbox,
      silentOwners: options.silentOwners,
      clock,
    });
    latest = status;
    if (isAnotherInstance(status)) log.error('calcom.another-instance');
    return status;
  }

  /** Another instance of the gateway may have looked since. */
  async function known(): Promise<InstanceStatus | null> {
    latest = await loadStatus(pool);
    return latest;
  }

  const register: RegisterWebhooks = async (clinicianId) => {
    if (wish === null) {
      const message = 'WEBHOOK_ENDPOINT is not set: set it to the public URL of /api/calcom/webhooks and start again.';
      return fail(notAllowed(message));
    }
    const owners = clinicianId === null ? await options.credentials.all() : [await options.credentials.of(clinicianId)];
    const registered: Registration[] = [];
    let failure: CalcomFailure | null = null;
    for (const owner of owners) {
      if (owner === null) return fail(notFound('A Cal.com credential of this clinician'));
      const result = await registerWebhook({ pool, client }, owner, wish, config.webhook.secret);
      if (!result.ok) failure ??= result.failure;
      // One whose key is refused keeps nobody else from being told.
      registered.push(result.ok ? result.value : { ownerId: owner.ownerId, outcome: 'FAILED', removed: 0 });
    }
    if (failure !== null && registered.every(({ outcome }) => outcome === 'FAILED')) return fail(await whyNotRegistered(failure));
    // Health must not go on complaining about what has just been mended.
    await look();
    return ok(registered);
  };

  return {
    status: known,
    check() {
      const now = clock.now().getTime();
      if (running !== null && now - running.at < FRESH_MS) return running.status;
      const started = { at: now, status: look() };
      running = started;
      started.status.catch(() => {
        if (running === started) running = null;
      });
      return started.status;
    },
    features: () => featuresOf(latest),
    async isAnother() {
      const status = await known();
      return status !== null && isAnotherInstance(status);
    },
    async problems() {
      const status = await known();
      if (status === null) return [];
      const silent = await options.silentOwners();
      const owners = status.owners.map((owner) => ({ ...owner, webhook: { ...owner.webhook, silent: silent.includes(owner.ownerId) } }));
      return healthProblems({ ...status, owners });
    },
    oddities: () => options.oddities.list(),
    async registerWebhooks(caller, clinicianId) {
      if (!mayOperate(caller.viewer)) return fail(notAllowed('Only an admin registers webhooks.'));
      const registered = await register(clinicianId);
      if (registered.ok) {
        await recordAudit(pool, caller, {
          action: 'calcom.webhooks-register',
          subjectType: clinicianId === null ? null : 'User',
          subjectId: clinicianId,
        });
      }
      return registered;
    },
    register,
  };
}

/** A route that is missing, not an appointment. */
async function whyNotRegistered(failure: CalcomFailure): Promise<Failure> {
  if (failure.kind !== 'NotFound') return refusalOf(failure, () => Promise.resolve([]));
  return notAllowed('This Cal.com does not offer webhooks in its API v2: update its images (5.6 or later, web and API v2 together).');
}
