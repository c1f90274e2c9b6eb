/** Looks at the Cal.com of the configuration as a whole: server, keys, resources, registrations, and whether it is still the same. */
import type pg from 'pg';
import { bearerOf, bookingExists, type KeyReport, lookAtKey, lookAtResources, lookAtServer } from '../calcom/capabilities.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import type { Probe } from '../calcom/probe-transport.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { InstanceStatus, OwnerStatus } from './instance-status.ts';
import { compareFingerprint, hearMeetings, recentBookingUids, saveStatus } from './instance-store.ts';
import { inspectWebhooks, type WebhookOptions } from './register-webhooks.ts';
import type { WebhookWish } from './webhook-state.ts';

export interface CheckOptions extends WebhookOptions {
  pool: pg.Pool;
  client: WebhookOptions['client'] & Pick<CalcomClient, 'me'>;
  probe: Probe;
  /** Of the web application; null when its address is not configured. */
  webapp: Probe | null;
  credentials: () => Promise<ClinicianCredential[]>;
  /** CALCOM_API_KEY. */
  sharedKey: string | null;
  /** Null: WEBHOOK_ENDPOINT is not set. */
  wish: WebhookWish | null;
  /** The sandbox starts again with other bookings and has no cron of its own: neither tells anything. */
  sandbox: boolean;
  /** Owners of whom the sweep found changes that no webhook had told. */
  silentOwners: () => Promise<readonly UserId[]>;
  clock: Clock;
}

const BOOKINGS_ASKED = 3;

/** Stores what it found. Never rejects for what Cal.com does; for the database it does. */
export async function checkInstance(options: CheckOptions): Promise<InstanceStatus> {
  const { probe, clock, pool } = options;
  const server = await lookAtServer(probe, options.webapp);
  const credentials = await options.credentials();
  const keys = server.reachable ? await askKeys(options, credentials) : [];
  const accepted = keys.find(({ report }) => report.state === 'ACCEPTED');
  const status: InstanceStatus = {
    checkedAt: clock.now().toISOString(),
    ...server,
    resources: server.reachable
      ? await lookAtResources(
          probe,
          accepted === undefined ? null : await bearerOf(accepted.credential),
          accepted?.report.me?.username ?? null,
        )
      : [],
    owners: await ownerStatuses(options, keys),
    sharedKey: server.reachable ? await sharedKeyState(options, credentials) : null,
    bookings: server.reachable && !options.sandbox ? await lookForBookings(options) : { asked: 0, missing: 0 },
    endpointKnown: options.wish !== null,
    meetings: await hearMeetings(pool, clock.now()),
  };
  if (options.sandbox && status.meetings.cron === 'SILENT') status.meetings.cron = 'UNKNOWN';
  await saveStatus(pool, status);
  return status;
}

interface AskedKey {
  credential: ClinicianCredential;
  report: KeyReport;
}

async function askKeys({ client }: CheckOptions, credentials: readonly ClinicianCredential[]): Promise<AskedKey[]> {
  return await Promise.all(credentials.map(async (credential) => ({ credential, report: await lookAtKey(client, credential) })));
}

async function ownerStatuses(options: CheckOptions, keys: readonly AskedKey[]): Promise<OwnerStatus[]> {
  const silent = await options.silentOwners();
  return await Promise.all(keys.map((one) => ownerStatus(options, one, silent.includes(one.credential.ownerId))));
}

async function ownerStatus(options: CheckOptions, { credential, report }: AskedKey, silent: boolean): Promise<OwnerStatus> {
  const identity = report.me === null ? 'UNKNOWN' : await compareFingerprint(options.pool, credential.ownerId, report.me);
  const webhook: OwnerStatus['webhook'] = { known: false, silent, problems: [] };
  if (options.wish !== null && report.state === 'ACCEPTED') {
    const inspected = await inspectWebhooks(options, credential, options.wish);
    if (inspected.ok) Object.assign(webhook, { known: true, problems: inspected.value });
  }
  return { ownerId: credential.ownerId, key: report.state, identity, webhook };
}

/** A key that is nobody's is in no list of credentials, and a wrong one is nobody's. */
async function sharedKeyState(
  { client, sharedKey }: CheckOptions,
  credentials: readonly ClinicianCredential[],
): Promise<InstanceStatus['sharedKey']> {
  if (sharedKey === null || credentials.some((credential) => credential.bearer === sharedKey)) return null;
  const { state } = await lookAtKey(client, { ownerId: null, bearer: sharedKey });
  return state;
}

async function lookForBookings({ pool, probe }: CheckOptions): Promise<InstanceStatus['bookings']> {
  const uids = await recentBookingUids(pool, BOOKINGS_ASKED);
  const found = (await Promise.all(uids.map((uid) => bookingExists(probe, uid)))).filter((exists) => exists !== null);
  return { asked: found.length, missing: found.filter((exists) => !exists).length };
}
