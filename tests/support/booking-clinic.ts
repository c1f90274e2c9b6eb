/**
 * The booking half of the gateway against the sandbox Cal.com, on real sockets and a real database, the clock held still:
 * Monday 23 November 2026, nine in the morning in Amsterdam. Webhooks arrive as they do in life, before the answers.
 */
import { createSandbox, type Delivery, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts';
import { type AppointmentRow, createAppointmentStore } from '../../server/appointments/appointment-store.ts';
import { createBookingDesk } from '../../server/appointments/booking-desk.ts';
import { createBookingRecorder } from '../../server/appointments/record-booking.ts';
import { createCareRecorder } from '../../server/appointments/record-care.ts';
import type { Role, Viewer } from '../../server/auth/viewer.ts';
import { createCalcomClient } from '../../server/calcom/calcom-client.ts';
import type { TransportLimits } from '../../server/calcom/transport.ts';
import { createEncryption } from '../../server/database/encryption.ts';
import { createEventTypeDesk } from '../../server/event-types/event-type-desk.ts';
import { eventTypesOf } from '../../server/event-types/event-type-store.ts';
import { mirrorEventTypes } from '../../server/event-types/mirror-event-types.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { eventTypeId, userId, type EventTypeId, type UserId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { openTimeline } from '../../server/live/change-log.ts';
import type { Result } from '../../server/kernel/result.ts';
import { mirrorSchedules } from '../../server/schedules/mirror-schedules.ts';
import { createScheduleDesk } from '../../server/schedules/schedule-desk.ts';
import type { Booked, BookInput, Caller, Changed } from '../../server/services.ts';
import { changingSlots } from '../../server/slots/changing-slots.ts';
import { createSlotDesk } from '../../server/slots/slot-desk.ts';
import { createCredentials } from '../../server/users/calcom-credentials.ts';
import { createApplier } from '../../server/webhooks/applier.ts';
import { createApplyEvent } from '../../server/webhooks/apply-event.ts';
import { createInbox } from '../../server/webhooks/inbox.ts';
import { createUpstreamReader } from '../../server/webhooks/read-upstream.ts';
import { createReceiver } from '../../server/webhooks/receive.ts';
import { createTestDatabase } from './database.ts';

export const NOW = '2026-11-23T08:00:00Z';
const SECRET = 'whsec-booking-clinic';

/** Anna and Samir have a key; Femke is known and has none. */
export const ANNA = userId('00000000-0000-7000-8000-0000000000a1');
export const SAMIR = userId('00000000-0000-7000-8000-0000000000a2');
export const FEMKE = userId('00000000-0000-7000-8000-0000000000a3');
export const MIA = userId('00000000-0000-7000-8000-0000000000b1');
export const NOAH = userId('00000000-0000-7000-8000-0000000000b2');
export const NO_EMAIL = userId('00000000-0000-7000-8000-0000000000b3');
export const DESK = userId('00000000-0000-7000-8000-0000000000c1');
export const ADMIN = userId('00000000-0000-7000-8000-0000000000d1');

export type BookingClinic = Awaited<ReturnType<typeof createBookingClinic>>;

export interface BookingClinicOptions {
  limits?: Partial<TransportLimits>;
  /** Instead of the clinic's usual hours in Amsterdam. */
  hours?: SandboxOptions['hours'];
  slotPatienceMs?: number;
}

export async function createBookingClinic(options: BookingClinicOptions = {}) {
  const database = await createTestDatabase();
  const { pool } = database;
  const clock = manualClock(NOW);
  const encryption = createEncryption([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
  let receive: ((delivery: Delivery) => Promise<number>) | null = null;
  const sandbox: Sandbox = createSandbox({
    seed: 'clinic',
    timetable: false,
    rateLimit: false,
    ...(options.hours === undefined ? {} : { hours: options.hours }),
    now: () => clock.now().getTime(),
    webhook: { url: 'http://gateway.test/api/calcom/webhooks', secret: SECRET },
    deliver: async (delivery) => (receive === null ? 503 : receive(delivery)),
  });
  const listening = await sandbox.listen(0);

  let calls = 0;
  let changes = 0;
  const counted: typeof fetch = (input, init) => {
    calls += 1;
    if (init?.method === 'POST' && typeof input === 'string' && input.includes('/v2/bookings')) changes += 1;
    return fetch(input, init);
  };
  const client = createCalcomClient({
    baseUrl: listening.url,
    clock,
    log: silentLog,
    fetch: counted,
    limits: { writeTimeoutMs: 1_000, readTimeoutMs: 2_000, ...options.limits },
  });
  const config = {
    calcom: null,
    patientChangeCutoffMinutes: 60,
    frontDeskMayConfirm: false,
    placeholderEmailDomain: 'nobody.invalid',
    clinic: { name: 'Test', timeZone: 'Europe/Amsterdam', waitAmberMinutes: 10, waitRedMinutes: 20 },
    slotPatienceMs: options.slotPatienceMs ?? 60_000,
  };
  await database.prisma.user.createMany({
    data: [
      {
        id: ANNA,
        role: 'CLINICIAN',
        name: 'Dr. Anna de Vries',
        email: 'anna.devries@lindengracht.example',
        calcomApiKey: encryption.encrypt('cal_sandbox_anna_0000000000000000', 'calcom-api-key'),
      },
      {
        id: SAMIR,
        role: 'CLINICIAN',
        name: 'Dr. Samir Haddad',
        email: 'samir.haddad@lindengracht.example',
        calcomApiKey: encryption.encrypt('cal_sandbox_samir_000000000000000', 'calcom-api-key'),
      },
      { id: FEMKE, role: 'CLINICIAN', name: 'Femke Jansen', email: 'femke.jansen@lindengracht.example' },
      { id: MIA, role: 'PATIENT', name: 'Mia Bakker', email: 'mia@example.com', emailVerified: true, phone: '+31611111111' },
      { id: NOAH, role: 'PATIENT', name: 'Noah Visser', email: 'noah@example.com', emailVerified: true },
      { id: NO_EMAIL, role: 'PATIENT', name: 'Without Mail', phone: '+31622222222' },
      { id: DESK, role: 'FRONT_DESK', name: 'Front Desk', email: 'desk@example.com' },
      { id: ADMIN, role: 'ADMIN', name: 'Ada Admin', email: 'admin@example.com' },
    ],
  });
  const credentials = createCredentials({ pool, encryption, config, client, log: silentLog });
  const mirrored = await mirrorEventTypes({ pool, client, credentials, log: silentLog });
  credentials.forget();

  const timeline = await openTimeline(pool);
  const appointments = createAppointmentStore({ pool, timeline: () => timeline });
  const slots = createSlotDesk({ pool, client, credentials, appointments, clock, config });
  const recorder = changingSlots(createBookingRecorder({ pool, clock, clinicTimeZone: 'Europe/Amsterdam', ring: () => {} }), slots);
  const care = createCareRecorder({ pool, clock, ring: () => {} });
  const desk = createBookingDesk({ pool, client, credentials, recorder, care, appointments, slots, clock, log: silentLog, config });
  const inbox = createInbox({ pool, encryption });
  const reader = createUpstreamReader({ client, recorder, anyCredential: () => credentials.of(ANNA) });
  const applier = createApplier({
    inbox,
    log: silentLog,
    apply: createApplyEvent({ pool, inbox, recorder, reader, clock, log: silentLog, onBlockedTime: slots.invalidate }),
  });
  const receiver = createReceiver({
    inbox,
    secrets: { secret: SECRET, previousSecret: null },
    clock,
    log: silentLog,
    onRecorded: (event) => applier.take(event),
  });
  receive = async ({ body, headers }) => {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return (await receiver(Buffer.from(body), lower)).status;
  };

  const offering = { pool, client, credentials, clock, log: silentLog, invalidateSlots: slots.invalidate };
  const eventTypes = createEventTypeDesk({
    ...offering,
    mirrorSchedules: () => mirrorSchedules(offering),
    invalidateAllSlots: slots.invalidateAll,
  });
  const schedules = createScheduleDesk({ ...offering, offered: () => true });

  let offered = await eventTypesOf(pool, null, true);
  return {
    database,
    pool,
    clock,
    sandbox,
    calcomUrl: listening.url,
    client,
    credentials,
    mirrored,
    appointments,
    slots,
    eventTypes,
    schedules,
    inbox,
    desk,
    care,
    applier,
    /** Gives a clinician a key after the start, as `cli user add` would. */
    async connect(id: UserId, key: string): Promise<void> {
      await pool.query(`UPDATE "User" SET "calcomApiKey" = $2 WHERE "id" = $1`, [id, encryption.encrypt(key, 'calcom-api-key')]);
      credentials.forget();
      await mirrorEventTypes({ pool, client, credentials, log: silentLog });
      credentials.forget();
      offered = await eventTypesOf(pool, null, true);
    },
    /** Requests sent to Cal.com so far. */
    calls: () => calls,
    /** Of those, the ones that change a booking. */
    changesAsked: () => changes,
    eventType(clinicianId: UserId, slug: string): EventTypeId {
      const found = offered.find((one) => one.clinicianId === clinicianId && one.slug === slug);
      if (found === undefined) throw new Error(`There is no event type ${slug}.`);
      return eventTypeId(found.id);
    },
    async close() {
      await applier.idle();
      await applier.stop();
      await sandbox.close();
      await database.drop();
    },
  };
}

const ROLES = new Map<UserId, Role>([
  [ANNA, 'CLINICIAN'],
  [SAMIR, 'CLINICIAN'],
  [FEMKE, 'CLINICIAN'],
  [DESK, 'FRONT_DESK'],
  [ADMIN, 'ADMIN'],
]);

export function viewerOf(id: UserId): Viewer {
  return { userId: id, role: ROLES.get(id) ?? 'PATIENT', expiresAt: Number.MAX_SAFE_INTEGER };
}

export function callerOf(id: UserId): Caller {
  return { viewer: viewerOf(id), requestId: 'test' };
}

let keys = 0;
/** A key that no other wish has. */
export function freshKey(): string {
  keys += 1;
  return `key-${keys}`;
}

export function bookInput(wish: Partial<BookInput> & Pick<BookInput, 'eventTypeId' | 'startsAt'>): BookInput {
  return {
    clientMutationKey: freshKey(),
    timeZone: 'Europe/Amsterdam',
    durationMinutes: null,
    consultationType: null,
    patientId: null,
    attendee: null,
    guests: [],
    phone: null,
    locale: null,
    reason: null,
    recurrenceCount: null,
    holdId: null,
    fields: [],
    ...wish,
  };
}

/** The value, or an error that shows the failure. */
export function granted<Value>(result: { ok: true; value: Value } | { ok: false; failure: unknown }): Value {
  if (!result.ok) throw new Error(`Refused: ${JSON.stringify(result.failure)}`);
  return result.value;
}

/** The appointments that were booked. */
export function bookedRows(result: Result<Booked, unknown>): AppointmentRow[] {
  return granted(result).appointments;
}

/** The appointment as it was changed. */
export function changedRow(result: Result<Changed, unknown>): AppointmentRow {
  return granted(result).appointment;
}

/** The failure, or an error. */
export function refusedWith<Failure>(result: { ok: true; value: unknown } | { ok: false; failure: Failure }): Failure {
  if (result.ok) throw new Error('It was not refused.');
  return result.failure;
}
