/** Looks at the Cal.com of the configuration as a whole: server, keys, resources, registrations, and whether it is still the same. */
import type pg from 'pg';
import { bearerOf, bookingExists, type KeyReport, lookAtKey, lookAtResources, lookAtServer } from '../calcom/capabilities.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import type { Probe } from '../calcom/probe-transport.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import type { InstanceStatus, OwnerStatus } from './instance-status.ts';
import { compareFingerprint, hearMeetings, loadStatus, recentBookingUids, saveStatus } from './instance-store.ts';
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
  const previous = await loadStatus(pool);
  const meetings = await hearMeetings(pool, clock.now());
  const status: InstanceStatus = {
    ...(server.reachable ? await lookAtEverything(options, previous) : (previous ?? NOTHING_KNOWN)),
    checkedAt: clock.now().toISOString(),
    ...server,
    endpointKnown: options.wish !== null,
    meetings: options.sandbox && meetings.cron === 'SILENT' ? { ...meetings, cron: 'UNKNOWN' } : meetings,
  };
  await saveStatus(pool, status);
  return status;
}

type Findable = Pick<InstanceStatus, 'resources' | 'owners' | 'sharedKey' | 'bookings'>;

const NOTHING_KNOWN: Findable = { resources: [], owners: [], sharedKey: null, bookings: { asked: 0, missing: 0 } };

/** `previous`: what cannot be told now is as it was; another Cal.com does not become the right one by not answering. */
async function lookAtEverything(options: CheckOptions, previous: InstanceStatus | null): Promise<Findable> {
  const credentials = await options.credentials();
  const keys = await askKeys(options, credentials);
  const accepted = keys.find(({ report }) => report.state === 'ACCEPTED');
  const bearer = accepted === undefined ? null : await bearerOf(accepted.credential);
  const bookings = options.sandbox ? NOTHING_KNOWN.bookings : await lookForBookings(options);
  return {
    resources: await lookAtResources(options.probe, bearer, accepted?.report.me?.username ?? null),
    owners: await ownerStatuses(options, keys, previous),
    sharedKey: await sharedKeyState(options, credentials),
    bookings: bookings ?? previous?.bookings ?? NOTHING_KNOWN.bookings,
  };
}

interface AskedKey {
  credential: ClinicianCredential;
  report: KeyReport;
}

async function askKeys({ client }: CheckOptions, credentials: readonly ClinicianCredential[]): Promise<AskedKey[]> {
  return await Promise.all(credentials.map(async (credential) => ({ credential, report: await lookAtKey(client, credential) })));
}

async function ownerStatuses(options: CheckOptions, keys: readonly AskedKey[], previous: InstanceStatus | null): Promise<OwnerStatus[]> {
  const silent = await options.silentOwners();
  return await Promise.all(
    keys.map((one) => {
      const { ownerId } = one.credential;
      const before = previous?.owners.find((owner) => owner.ownerId === ownerId)?.identity ?? 'UNKNOWN';
      return ownerStatus(options, one, { silent: silent.includes(ownerId), before });
    }),
  );
}

async function ownerStatus(
  options: CheckOptions,
  { credential, report }: AskedKey,
  { silent, before }: { silent: boolean; before: OwnerStatus['identity'] },
): Promise<OwnerStatus> {
  const identity = report.me === null ? before : await compareFingerprint(options.pool, credential.ownerId, report.me);
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

/** Null: nothing could be told of those that were asked for. */
async function lookForBookings({ pool, probe }: CheckOptions): Promise<InstanceStatus['bookings'] | null> {
  const uids = await recentBookingUids(pool, BOOKINGS_ASKED);
  const found = (await Promise.all(uids.map((uid) => bookingExists(probe, uid)))).filter((exists) => exists !== null);
  if (uids.length > 0 && found.length === 0) return null;
  return { asked: found.length, missing: found.filter((exists) => !exists).length };
}
