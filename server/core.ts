/**
 * Everything of the gateway that has no socket: stores, use cases, Cal.com's client, inbox, sweep, live delivery, put
 * together once. The gateway adds its edges; the command line uses it as it is.
 */
import type pg from 'pg';
import { createAppointmentStore } from './appointments/appointment-store.ts';
import { createBookingDesk } from './appointments/booking-desk.ts';
import { type BookingRecorder, createBookingRecorder } from './appointments/record-booking.ts';
import { createCareRecorder } from './appointments/record-care.ts';
import { createLinkDesk } from './appointments/link-participant.ts';
import { createLinkRecorder } from './appointments/record-link.ts';
import { createCareDoor } from './appointments/set-care-state.ts';
import { type CalcomClient, createCalcomClient } from './calcom/calcom-client.ts';
import { calcomFailure } from './calcom/errors.ts';
import { createManagedUsers, type ManagedUsers } from './calcom/managed-users.ts';
import { createOAuthClient, type OAuthClient } from './calcom/oauth-client.ts';
import { createTokenTransport } from './calcom/token-transport.ts';
import { createConnectionDesk } from './connection/connection-desk.ts';
import { createEncryption, type Encryption } from './database/encryption.ts';
import { createPrisma } from './database/prisma.ts';
import { createEventTypeDesk } from './event-types/event-type-desk.ts';
import { mirrorEventTypes, type MirrorRequest } from './event-types/mirror-event-types.ts';
import type { MirrorReport } from './event-types/mirror-report.ts';
import { createInstanceDesk, type InstanceDesk, type RegisterWebhooks } from './instance/instance-desk.ts';
import { createOddityLog, type OddityLog } from './instance/oddity-log.ts';
import type { Clock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import { fail } from './kernel/result.ts';
import { type Bell, createBell } from './live/bell.ts';
import { openTimeline } from './live/change-log.ts';
import { createLive, type Live, type LivePace } from './live/live.ts';
import { untoldOwners } from './reconciliation/proven-equal.ts';
import { mirrorSchedules } from './schedules/mirror-schedules.ts';
import { createScheduleDesk } from './schedules/schedule-desk.ts';
import type { Services } from './services.ts';
import { changingSlots } from './slots/changing-slots.ts';
import { createSharedSlots, type SharedSlots } from './slots/shared-slots.ts';
import { STALE_MS } from './slots/slot-cache.ts';
import { createSlotDesk } from './slots/slot-desk.ts';
import type { ResolvedConfig } from './start/surroundings.ts';
import { createDeliveryDesk } from './telemetry/delivery-desk.ts';
import { createMeasures, type Measures } from './telemetry/measures.ts';
import { type CalcomCredentials, type ClinicianCredential, createCredentials } from './users/calcom-credentials.ts';
import { createCalcomTokens } from './users/calcom-tokens.ts';
import { linkDuePeople, type LinkingResult } from './users/link-due-people.ts';
import { type Applier, createApplier } from './webhooks/applier.ts';
import { type ApplyEvent, createApplyEvent } from './webhooks/apply-event.ts';
import { createInbox, type Inbox } from './webhooks/inbox.ts';
import { createUpstreamReader } from './webhooks/read-upstream.ts';
import { identityOf, isMadeFor } from './database/instance-identity.ts';
import { createReconciler, type Reconciler } from './reconciliation/reconcile.ts';
import { createReconciliationDesk } from './reconciliation/reconciliation-desk.ts';

export interface CoreOptions {
  config: ResolvedConfig;
  clock: Clock;
  log: Log;
  /** Migrated. Whoever made it ends it. */
  pool: pg.Pool;
  livePace?: Partial<LivePace>;
}

export interface Core {
  services: Services;
  encryption: Encryption;
  client: CalcomClient;
  credentials: CalcomCredentials;
  recorder: BookingRecorder;
  inbox: Inbox;
  applier: Applier;
  reconciler: Reconciler;
  live: Live;
  measures: Measures;
  bell: Bell;
  instance: InstanceDesk & { register: RegisterWebhooks };
  /** Whoever made the core stops it. */
  oddities: OddityLog;
  /** Null without Redis. */
  sharedSlots: SharedSlots | null;
  /** Event types and schedules. */
  mirror(request?: MirrorRequest): Promise<MirrorReport>;
  /** Links past appointments to people of whom something changed. */
  linkDuePeople(): Promise<LinkingResult>;
}

/** Nothing runs yet: `live` and `applier` are started by whoever needs them. Rejects when the database cannot be asked. */
export async function createCore({ config, clock, log, pool, livePace }: CoreOptions): Promise<Core> {
  const measures = createMeasures();
  const encryption = createEncryption(config.dataKeys);
  const prisma = createPrisma(pool);
  const oddities = createOddityLog({ pool, log });
  const client = createCalcomClient({ baseUrl: config.calcom.apiUrl, clock, log, onOddities: oddities.note, observer: measures.calcom });
  const grants = createGrants(config, clock);
  const tokens = createCalcomTokens({ pool, encryption, ...grants, clock, log });
  const credentials = createCredentials({ pool, encryption, config, client, log, tokens });
  const silentOwners = async () => (await untoldOwners(pool)).map(({ ownerId }) => ownerId);
  const instance = await createInstanceDesk({ pool, client, credentials, config, silentOwners, oddities, clock, log });

  const bell = createBell({ redisUrl: config.redisUrl, log });
  const timeline = await openTimeline(pool);
  const appointments = createAppointmentStore({ pool, timeline: () => live.timeline() });
  const live = createLive({
    pool,
    store: appointments,
    bell,
    clock,
    log,
    config,
    timeline,
    published: measures.published,
    ...(livePace === undefined ? {} : { pace: livePace }),
  });

  const deliveries = createDeliveryDesk({ pool, clock, positionOf: live.positionOf, lag: live.lag, kept: measures.sampled });

  const sharedSlots = shareSlots(config, timeline, log);
  const slots = createSlotDesk({
    pool,
    client: whereReservable(client, instance),
    credentials,
    appointments,
    clock,
    config,
    shared: sharedSlots,
    answered: measures.slots,
  });
  const ring = () => bell.ring();
  const recorder = changingSlots(createBookingRecorder({ pool, clock, clinicTimeZone: config.clinic.timeZone, ring }), slots);
  const careRecorder = createCareRecorder({ pool, clock, ring });
  const care = createCareDoor({ store: appointments, recorder: careRecorder });
  const links = createLinkDesk({ pool, store: appointments, recorder: createLinkRecorder({ pool, ring }) });
  const bookings = createBookingDesk({ pool, client, credentials, recorder, care: careRecorder, appointments, slots, clock, log, config });

  const connections = createConnectionDesk({
    pool,
    encryption,
    client,
    credentials,
    tokens,
    ...grants,
    mirror: async (credential) => {
      const only = onlyOne(credentials, credential);
      const result = await mirrorEventTypes({ pool, client, credentials: only, log });
      await mirrorSchedules({ pool, client, credentials: only, clock, log });
      return result;
    },
    config,
    clock,
    log,
  });

  const inbox = createInbox({ pool, encryption });
  const anyCredential = async () => (await credentials.all())[0] ?? null;
  const reader = createUpstreamReader({ client, recorder, anyCredential });
  const applier = createApplier({
    inbox,
    apply: counted(
      createApplyEvent({ pool, inbox, recorder, reader, clock, log, onBlockedTime: slots.invalidate, onOddities: oddities.note }),
      measures,
    ),
    log,
  });
  // What another Cal.com has is neither copied nor compared.
  const trusted: CalcomCredentials = { ...credentials, all: async () => ((await instance.isAnother()) ? [] : await credentials.all()) };
  const eventTypes = createEventTypeDesk({
    pool,
    client,
    credentials: trusted,
    log,
    clock,
    mirrorSchedules: async () => {
      if (instance.features().schedules) await mirrorSchedules({ pool, client, credentials: trusted, clock, log });
    },
    invalidateSlots: slots.invalidate,
    invalidateAllSlots: slots.invalidateAll,
  });
  const schedules = createScheduleDesk({
    pool,
    client,
    credentials,
    clock,
    offered: () => instance.features().schedules,
    invalidateSlots: slots.invalidate,
  });
  const reconciler = createReconciler({
    pool,
    client,
    recorder,
    reader,
    credentials: () => trusted.all(),
    clock,
    log,
    sameInstance: async () => (await isMadeFor(pool, identityOf(config))) && !(await instance.isAnother()),
  });
  const reconciliation = createReconciliationDesk({ pool, reconciler, clock, log });

  return {
    services: {
      config,
      clock,
      log,
      pool,
      prisma,
      appointments,
      care,
      links,
      bookings,
      slots,
      eventTypes,
      schedules,
      live,
      deliveries,
      instance,
      connections,
      reconciliation,
    },
    encryption,
    client,
    credentials,
    recorder,
    inbox,
    applier,
    reconciler,
    live,
    measures,
    bell,
    instance,
    oddities,
    sharedSlots,
    linkDuePeople: () => linkDuePeople({ pool, recorder, log }),
    mirror: eventTypes.mirrorNow,
  };
}

/** The ways of this configuration to get tokens from Cal.com. */
function createGrants({ calcom }: ResolvedConfig, clock: Clock): { oauth: OAuthClient | null; managed: ManagedUsers | null } {
  const send = createTokenTransport();
  return {
    oauth: calcom.oauth === undefined ? null : createOAuthClient({ settings: calcom.oauth, send, clock }),
    managed: calcom.platform === undefined ? null : createManagedUsers({ apiUrl: calcom.apiUrl, settings: calcom.platform, send }),
  };
}

function counted(apply: ApplyEvent, measures: Pick<Measures, 'settled'>): ApplyEvent {
  return async (event) => {
    const outcome = await apply(event);
    measures.settled(outcome);
    return outcome;
  };
}

/** For what is done for every clinician, done for one. */
function onlyOne(credentials: CalcomCredentials, credential: ClinicianCredential): CalcomCredentials {
  return { ...credentials, all: () => Promise.resolve([credential]) };
}

/** A Cal.com without reservations is not asked for one: the hold is ours alone. */
function whereReservable(client: CalcomClient, instance: Pick<InstanceDesk, 'features'>): CalcomClient {
  return {
    ...client,
    reserveSlot: (key, request) =>
      instance.features().reservations
        ? client.reserveSlot(key, request)
        : Promise.resolve(fail(calcomFailure('NotFound', 'This Cal.com has no reservations.'))),
  };
}

/** One timeline is one database: gateways of other clinics on the same Redis neither read nor end what is known here. */
function shareSlots(config: ResolvedConfig, timeline: string, log: Log): SharedSlots | null {
  if (config.redisUrl === null) return null;
  const installation = JSON.stringify([timeline, config.calcom.apiUrl]);
  return createSharedSlots({ redisUrl: config.redisUrl, installation, keptMs: STALE_MS, log });
}
