/**
 * The comparing half of the gateway against the sandbox Cal.com, on real sockets and a real database. The clock is held
 * still and moves where the gateway waits, so that a rate limit costs the test nothing.
 */
import { createBookingRecorder, type BookingRecorder } from '../../server/appointments/record-booking.ts';
import { type CalcomClient, createCalcomClient } from '../../server/calcom/calcom-client.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts';
import { manualClock } from '../../server/kernel/clock.ts';
import { type BookingUid, bookingUid, type UserId, userId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createReconciler, type Reconciler, type ReconcilerOptions, type SweepWish } from '../../server/reconciliation/reconcile.ts';
import { fullWindow, nearWindow, type SweepOwner, type SweepReport } from '../../server/reconciliation/sweep.ts';
import { createUpstreamReader, type UpstreamReader } from '../../server/webhooks/read-upstream.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

/** Monday, nine in the morning in Amsterdam. */
export const NOW = '2026-11-23T08:00:00Z';
export const ANNA = userId('00000000-0000-7000-8000-0000000000a1');
export const SAMIR = userId('00000000-0000-7000-8000-0000000000a2');
export const ANNA_KEY = 'cal_sandbox_anna_0000000000000000';
export const SAMIR_KEY = 'cal_sandbox_samir_000000000000000';
export const MINUTE = 60_000;

export interface SweepClinic {
  database: TestDatabase;
  clock: ReturnType<typeof manualClock>;
  sandbox: Sandbox;
  client: CalcomClient;
  recorder: BookingRecorder;
  reader: UpstreamReader;
  reconciler: Reconciler;
  /** Another one on the same database and Cal.com, as another instance has. */
  another(options?: Partial<ReconcilerOptions>): Reconciler;
  near(wish?: SweepWish): Promise<SweepReport>;
  full(wish?: SweepWish): Promise<SweepReport>;
  recent(wish?: SweepWish): Promise<SweepReport>;
  /** Requests sent to Cal.com so far, as `GET /v2/bookings?…`. */
  asked: string[];
  /** What may be done to a request before it is sent: null lets it through. */
  intercept: {
    with: ((url: string) => Response | null | Promise<Response | null>) | null;
    /** Sees what Cal.com answered. */
    after?: (answer: Response) => void;
  };
  /** Calls of the API as somebody else makes them. */
  upstream(method: string, path: string, body?: Record<string, unknown>, key?: string): Promise<{ uid: string; [field: string]: unknown }>;
  appointment(uid: string): Promise<{ id: string; status: string; startsAt: Date; clinicianId: string | null; version: number } | null>;
  close(): Promise<void>;
}

export interface SweepClinicOptions {
  sandbox?: Partial<SandboxOptions>;
  reconciler?: Partial<ReconcilerOptions>;
  /** Whose credential we have; both when not given. */
  owners?: readonly UserId[];
}

export async function createSweepClinic(options: SweepClinicOptions = {}): Promise<SweepClinic> {
  const database = await createTestDatabase();
  const { pool } = database;
  const clock = manualClock(NOW);
  const sandbox = createSandbox({
    seed: 'clinic',
    timetable: false,
    rateLimit: false,
    now: () => clock.now().getTime(),
    // Every webhook is lost.
    deliver: async () => 200,
    webhook: { url: 'http://gateway.test/hook', secret: 'whsec-sweep' },
    ...options.sandbox,
  });
  const { url } = await sandbox.listen(0);
  await database.prisma.user.createMany({
    data: [
      { id: ANNA, role: 'CLINICIAN', name: 'Dr. Anna de Vries', email: 'anna.devries@lindengracht.example', calcomUserId: 1 },
      { id: SAMIR, role: 'CLINICIAN', name: 'Dr. Samir Haddad', email: 'samir.haddad@lindengracht.example', calcomUserId: 2 },
    ],
  });
  const all: SweepOwner[] = [
    { ownerId: ANNA, bearer: ANNA_KEY, calcomUserId: 1, calcomEmail: 'anna.devries@lindengracht.example' },
    { ownerId: SAMIR, bearer: SAMIR_KEY, calcomUserId: 2, calcomEmail: 'samir.haddad@lindengracht.example' },
  ];
  const owners = all.filter((owner) => options.owners === undefined || options.owners.includes(owner.ownerId as UserId));
  const asked: string[] = [];
  const intercept: SweepClinic['intercept'] = { with: null };
  const counted: typeof fetch = async (input, init) => {
    const target = new URL(input instanceof Request ? input.url : input);
    asked.push(`${init?.method ?? 'GET'} ${target.pathname}${target.search}`);
    const answer = (await intercept.with?.(`${target.pathname}${target.search}`)) ?? (await fetch(input, init));
    intercept.after?.(answer);
    return answer;
  };
  const client = createCalcomClient({ baseUrl: url, clock, log: silentLog, fetch: counted, limits: { longestRateWaitMs: 0 } });
  const recorder = createBookingRecorder({ pool, clock, clinicTimeZone: 'Europe/Amsterdam', ring: () => {} });
  const reader = createUpstreamReader({ client, recorder, anyCredential: async () => owners[0] ?? null });
  const another = (more: Partial<ReconcilerOptions> = {}) =>
    createReconciler({
      pool,
      client,
      recorder,
      reader,
      credentials: async () => owners,
      clock,
      log: silentLog,
      pause: async (ms) => clock.advance(ms),
      ...options.reconciler,
      ...more,
    });
  const reconciler = another();
  return {
    database,
    clock,
    sandbox,
    client,
    recorder,
    reader,
    reconciler,
    another,
    near: (wish) => reconciler.sweep(nearWindow(clock.now()), wish),
    full: (wish) => reconciler.sweep(fullWindow(clock.now()), wish),
    recent: (wish) => reconciler.sweep({ kind: 'recent' }, wish),
    asked,
    intercept,
    async upstream(method, path, body, key = ANNA_KEY) {
      const answer = await sandbox.request(method, path, {
        headers: { 'cal-api-version': '2024-08-13', authorization: `Bearer ${key}` },
        ...(body === undefined ? {} : { body }),
      });
      if (answer.status >= 300) throw new Error(`Refused: ${JSON.stringify(answer.body)}`);
      return (answer.body as { data: { uid: string } }).data;
    },
    async appointment(uid) {
      const row = await database.prisma.appointmentBooking.findUnique({ where: { bookingUid: uid }, include: { appointment: true } });
      return row?.appointment ?? null;
    },
    async close() {
      await reconciler.stop();
      await sandbox.close();
      await database.drop();
    },
  };
}

export const uidOf = (answer: { booking: { uid: string } }): BookingUid => bookingUid(answer.booking.uid);
