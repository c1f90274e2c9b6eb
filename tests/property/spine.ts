/** The receiving half of the gateway on a database of its own: signed bytes in, rows out; and the rows in a form that can be compared. */
import { createBookingRecorder } from '../../server/appointments/record-booking.ts';
import { createCalcomClient } from '../../server/calcom/calcom-client.ts';
import { createEncryption } from '../../server/database/encryption.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createApplier } from '../../server/webhooks/applier.ts';
import { createApplyEvent } from '../../server/webhooks/apply-event.ts';
import { createInbox } from '../../server/webhooks/inbox.ts';
import { createReceiver } from '../../server/webhooks/receive.ts';
import { createUpstreamReader } from '../../server/webhooks/read-upstream.ts';
import { createReconciler } from '../../server/reconciliation/reconcile.ts';
import type { TestDatabase } from '../support/database.ts';
import { type CapturedDelivery, OLGA_KEY, START } from './upstream-history.ts';

export const SECRET = 'whsec-property';
const YEAR = 365 * 86_400_000;

export function createSpine(database: TestDatabase, calcomUrl: string) {
  const { pool } = database;
  const credential = { ownerId: null, bearer: OLGA_KEY };
  const client = createCalcomClient({ baseUrl: calcomUrl, clock: systemClock, log: silentLog });
  const inbox = createInbox({ pool, encryption: createEncryption([{ id: 'k1', key: Buffer.alloc(32, 1) }]) });
  const recorder = createBookingRecorder({ pool, clock: systemClock, clinicTimeZone: 'Europe/Amsterdam', ring: () => {} });
  const reader = createUpstreamReader({ client, recorder, anyCredential: async () => credential });
  const applier = createApplier({
    inbox,
    log: silentLog,
    apply: createApplyEvent({ pool, inbox, recorder, reader, clock: systemClock, log: silentLog }),
  });
  const receive = createReceiver({
    inbox,
    secrets: { secret: SECRET, previousSecret: null },
    clock: systemClock,
    log: silentLog,
    onRecorded: (event) => applier.take(event),
  });
  const reconciler = createReconciler({
    pool,
    client,
    recorder,
    reader,
    credentials: async () => [credential],
    clock: systemClock,
    log: silentLog,
  });
  return {
    async deliver(delivery: CapturedDelivery): Promise<void> {
      const headers = Object.fromEntries(Object.entries(delivery.headers).map(([name, value]) => [name.toLowerCase(), value]));
      const answer = await receive(Buffer.from(delivery.body), headers);
      if (answer.status !== 200) throw new Error(`The webhook was answered ${answer.status}.`);
    },
    idle: () => applier.idle(),
    async sweepEverything() {
      const report = await reconciler.sweep({ kind: 'window', span: 'custom', from: new Date(START - YEAR), to: new Date(START + YEAR) });
      if (report.failures.length > 0) throw new Error(`The sweep failed: ${report.failures.map((failure) => failure.message).join('; ')}`);
      return report;
    },
    stop: () => applier.stop(),
  };
}

/** Begins anew with one clinician and two patients. */
export async function resetRows(database: TestDatabase): Promise<void> {
  await database.pool.query(
    `TRUNCATE "Appointment","AppointmentBooking","AppointmentAlias","AppointmentParticipant","AppointmentHost","AppointmentChange","CalcomWebhookEvent","JobCheckpoint","User" CASCADE`,
  );
  await database.prisma.user.createMany({
    data: [
      { id: '00000000-0000-7000-8000-000000000001', role: 'CLINICIAN', email: 'olga@example.com', name: 'Olga Host', calcomUserId: 1 },
      { id: '00000000-0000-7000-8000-000000000002', role: 'PATIENT', email: 'person1@example.com', emailVerified: true, name: 'Person 1' },
    ],
  });
}

/**
 * Every appointment without what depends on the way it came about: ids, versions, the log, and facts that only a webhook
 * carries (rejection reason, payment, meeting times, seats that are gone).
 */
export async function comparableRows(database: TestDatabase): Promise<unknown[]> {
  const rows = await database.prisma.appointment.findMany({
    include: { participants: true, hosts: { orderBy: { position: 'asc' } }, bookings: true },
  });
  return rows
    .map((row) => {
      const {
        id: _1,
        version: _2,
        createdAt: _3,
        updatedAt: _4,
        careChangedAt: _5,
        rejectionReason: _6,
        payment: _7,
        meetingStartedAt: _8,
        meetingEndedAt: _9,
        ...same
      } = row;
      return {
        ...same,
        hosts: row.hosts.map(({ appointmentId: _a, ...host }) => host),
        participants: row.participants
          .filter((participant) => participant.state === 'ACTIVE')
          .map(({ id: _a, appointmentId: _b, createdAt: _c, careChangedAt: _d, phone: _e, ...participant }) => participant)
          .toSorted((a, b) => (`${a.seatUid}` < `${b.seatUid}` ? -1 : 1)),
        bookings: row.bookings.map((booking) => booking.bookingUid).toSorted(),
      };
    })
    .toSorted((a, b) => (a.calcomBookingUid < b.calcomBookingUid ? -1 : 1));
}

/** What is wrong with the log: a version that does not rise by one, or a change told twice. Empty when it is right. */
export async function logFaults(database: TestDatabase): Promise<string[]> {
  const result = await database.pool.query<{ appointmentId: string; version: number; kind: string }>(
    `SELECT "appointmentId", "version", "kind"::text AS kind FROM "AppointmentChange" ORDER BY xid, "id"`,
  );
  const faults: string[] = [];
  const last = new Map<string, number>();
  for (const row of result.rows) {
    if (row.kind === 'MERGED') continue;
    const before = last.get(row.appointmentId) ?? 0;
    if (row.version !== before + 1) faults.push(`${row.kind} has version ${row.version} after ${before}`);
    if ((row.kind === 'CREATED') !== (before === 0)) faults.push(`${row.kind} at version ${row.version}`);
    last.set(row.appointmentId, row.version);
  }
  const stored = await database.prisma.appointment.findMany({ select: { id: true, version: true } });
  for (const row of stored)
    if (last.get(row.id) !== row.version) faults.push(`a row has version ${row.version}, its log ends at ${last.get(row.id) ?? 0}`);
  return faults;
}
