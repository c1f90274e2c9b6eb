/** Walk 3 up to the row: signed bytes in, answer, inbox, appointment. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBookingRecorder } from '../../server/appointments/record-booking.ts';
import { sign, SIGNATURE_HEADER } from '../../server/calcom/signature.ts';
import { createEncryption } from '../../server/database/encryption.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { webhookEventId } from '../../server/kernel/ids.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { ok } from '../../server/kernel/result.ts';
import { createApplier, type Applier } from '../../server/webhooks/applier.ts';
import { type ApplyEvent, createApplyEvent } from '../../server/webhooks/apply-event.ts';
import { createInbox, type Inbox } from '../../server/webhooks/inbox.ts';
import type { UpstreamReader } from '../../server/webhooks/read-upstream.ts';
import { createReceiver, type Receiver } from '../../server/webhooks/receive.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const encryption = createEncryption([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
const secrets = { secret: 'whsec-now', previousSecret: 'whsec-before' };
const sample = (name: string) => readFileSync(new URL(`../payloads/webhooks/${name}.json`, import.meta.url));

let database: TestDatabase;
let inbox: Inbox;
let applier: Applier;
let apply: ApplyEvent;
let applied = 0;
let receive: Receiver;
/** What was asked of Cal.com. */
const read: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = database;
  inbox = createInbox({ pool, encryption });
  const recorder = createBookingRecorder({ pool, clock: systemClock, clinicTimeZone: 'America/Chicago', ring: () => {} });
  // An upstream that knows nothing: what a webhook cannot tell stays untold.
  const reader: UpstreamReader = {
    async refresh(uids) {
      read.push(...uids);
      return ok({ read: 0, changes: 0, unknown: [], waitingForHost: false });
    },
  };
  apply = createApplyEvent({ pool, inbox, recorder, reader, clock: systemClock, log: silentLog });
  applier = createApplier({
    inbox,
    log: silentLog,
    apply(event) {
      applied += 1;
      return apply(event);
    },
  });
  receive = createReceiver({ inbox, secrets, clock: systemClock, log: silentLog, onRecorded: (event) => applier.take(event) });
});
afterAll(async () => {
  await applier.stop();
  await database.drop();
});

beforeEach(async () => {
  read.length = 0;
  applied = 0;
  await database.pool.query(
    `TRUNCATE "Appointment","AppointmentBooking","AppointmentAlias","AppointmentParticipant","AppointmentHost","AppointmentChange","CalcomWebhookEvent","User" CASCADE`,
  );
});

const amara = { role: 'CLINICIAN', email: 'amara.osei@lakeside.example', name: 'Dr. Amara Osei' } as const;
const addAmara = () => database.prisma.user.create({ data: { ...amara, calcomUserId: 41 } });

async function send(body: Buffer, signature = sign(body, secrets.secret)) {
  const answer = await receive(body, { [SIGNATURE_HEADER]: signature });
  await applier.idle();
  return answer;
}

/** A sample with other fields in its payload. */
function withPayload(name: string, fields: Record<string, unknown>): Buffer {
  const body = JSON.parse(sample(name).toString()) as { createdAt: string; payload: Record<string, unknown> };
  return Buffer.from(JSON.stringify({ ...body, payload: { ...body.payload, ...fields } }));
}
const uidOf = (name: string) => (JSON.parse(sample(name).toString()) as { payload: { uid: string } }).payload.uid;

const events = () => database.prisma.calcomWebhookEvent.findMany({ orderBy: { createdAt: 'asc' } });

describe('the door for webhooks', () => {
  test('a signed booking becomes an appointment, and its event is processed', async () => {
    await addAmara();
    expect(await send(sample('booking-created'))).toMatchObject({ status: 200 });
    expect(await database.prisma.appointment.count()).toBe(1);
    expect(await events()).toMatchObject([{ processed: true, outcome: 'APPLIED', attempts: 1, triggerEvent: 'BOOKING_CREATED' }]);
  });

  test('the secret of before is accepted during a rotation', async () => {
    await addAmara();
    const body = sample('booking-created');
    expect(await send(body, sign(body, secrets.previousSecret))).toMatchObject({ status: 200 });
  });

  test.each([
    ['missing', undefined],
    ['the literal of a webhook without a secret', 'no-secret-provided'],
    ['of another secret', sign(sample('booking-created'), 'whsec-else')],
    ['not hex', 'zz'],
  ])('a signature that is %s is refused and leaves nothing', async (_what, signature) => {
    const answer = await receive(sample('booking-created'), signature === undefined ? {} : { [SIGNATURE_HEADER]: signature });
    expect(answer).toMatchObject({ status: 401, body: { status: 'refused' } });
    expect(await events()).toEqual([]);
  });

  test('the same bytes twice are one event', async () => {
    await addAmara();
    await Promise.all([send(sample('booking-created')), send(sample('booking-created')), send(sample('booking-created'))]);
    expect(await events()).toHaveLength(1);
    expect(await database.prisma.appointment.count()).toBe(1);
  });

  test('the same event through two registrations is applied once and marked a duplicate', async () => {
    await addAmara();
    const body = sample('booking-created');
    await send(body);
    const again = Buffer.from(body.toString().replace(/"createdAt":"([^"]+)\.(\d{3})Z"/, '"createdAt":"$1.999Z"'));
    await send(again);
    expect((await events()).map((event) => event.outcome)).toEqual(['APPLIED', 'DUPLICATE']);
    expect(await database.prisma.appointment.findMany({ select: { version: true } })).toEqual([{ version: 1 }]);
  });

  test('a signed body that is not JSON is stored by length and hash, visible to a person', async () => {
    expect(await send(Buffer.from('false,'))).toMatchObject({ status: 200 });
    expect(await events()).toMatchObject([{ processed: false, outcome: 'DEAD', payload: null, bodyLength: 6 }]);
  });

  test('an unknown trigger is stored, ignored and answered 200', async () => {
    const body = Buffer.from(JSON.stringify({ triggerEvent: 'BOOKING_TELEPORTED', createdAt: '2026-09-07T18:04:10.020Z', payload: {} }));
    expect(await send(body)).toMatchObject({ status: 200 });
    expect(await events()).toMatchObject([{ processed: true, outcome: 'IGNORED', triggerEvent: 'BOOKING_TELEPORTED' }]);
  });

  test('secrets never reach the table, and what is stored is not readable without the key', async () => {
    await addAmara();
    const body = Buffer.from(
      sample('booking-requested')
        .toString()
        .replace(/"oneTimePassword":"[^"]+"/, '"oneTimePassword":"let-me-approve"'),
    );
    await send(body);
    const [event] = await events();
    expect(event?.payload).not.toContain('Osei');
    const stored = JSON.stringify((await inbox.byId(webhookEventId(event?.id ?? '')))?.body);
    expect(stored).toContain('Osei');
    expect(stored).not.toContain('let-me-approve');
  });

  test('an event of a host whom nobody knows waits, and applies by itself once the clinician is added', async () => {
    await send(sample('booking-created'));
    expect(await events()).toMatchObject([{ processed: false, outcome: 'WAITING_HOST' }]);
    expect(await applier.leftovers()).toBe(0);
    // Without a Cal.com id yet: found by the exact e-mail, and the id is kept.
    await database.prisma.user.create({ data: amara });
    expect(await applier.leftovers()).toBe(1);
    expect(await events()).toMatchObject([{ processed: true, outcome: 'APPLIED' }]);
    expect(await database.prisma.user.findFirst()).toMatchObject({ calcomUserId: 41 });
  });

  test('a host whose address Cal.com has altered for its platform is found by the plain one', async () => {
    const altered = `amara.osei+${'c'.padEnd(25, '7')}@lakeside.example`;
    await send(withPayload('booking-created', { organizer: { name: 'Dr. Amara Osei', email: altered, timeZone: 'America/Chicago' } }));
    expect(await events()).toMatchObject([{ outcome: 'WAITING_HOST', hostCalcomId: null }]);
    await database.prisma.user.create({ data: amara });
    expect(await applier.leftovers()).toBe(1);
    expect(await events()).toMatchObject([{ processed: true, outcome: 'APPLIED' }]);
  });

  test('an event without the id of its host waits for the address, also when the clinician comes with an id', async () => {
    const body = withPayload('booking-created', {
      organizer: { name: 'Dr. Amara Osei', email: amara.email, timeZone: 'America/Chicago' },
    });
    await send(body);
    await addAmara();
    expect(await applier.leftovers()).toBe(1);
    // The booking names nobody whom we could be sure of: it waits on, and is not taken up again and again.
    expect(await events()).toMatchObject([{ outcome: 'WAITING_HOST', attempts: 2 }]);
    expect(await applier.leftovers()).toBe(0);
  });

  test('an event that two have applied at once keeps what it was to the first', async () => {
    await addAmara();
    await send(sample('booking-created'));
    const [event] = await events();
    const again = await inbox.byId(webhookEventId(event?.id ?? ''));
    if (again === null) throw new Error('It is not there.');
    expect(await apply(again)).toBe('DUPLICATE');
    expect(await events()).toMatchObject([{ processed: true, outcome: 'APPLIED', attempts: 1 }]);
  });

  test('a request to reschedule that has lost the seats of its group cancels nobody: the booking is read', async () => {
    await addAmara();
    await send(sample('booking-created.seated'));
    const uid = uidOf('booking-created.seated');
    read.length = 0;
    await send(withPayload('booking-cancelled.request-reschedule', { uid }));
    expect(read).toContain(uid);
    expect(await database.prisma.appointment.findMany({ select: { status: true } })).toEqual([{ status: 'CONFIRMED' }]);
  });

  test('an event is applied after it was answered', async () => {
    await addAmara();
    const body = sample('booking-created');
    await receive(body, { [SIGNATURE_HEADER]: sign(body, secrets.secret) });
    expect(applied).toBe(0);
    await applier.idle();
    expect(applied).toBe(1);
  });

  test('meeting events are kept in the history and leave the booking alone', async () => {
    await addAmara();
    await send(sample('booking-created'));
    await send(sample('meeting-started.legacy'));
    await send(sample('meeting-ended.enveloped'));
    const [appointment] = await database.prisma.appointment.findMany();
    expect(appointment).toMatchObject({ status: 'CONFIRMED', careState: 'EXPECTED', version: 3 });
    expect(appointment?.meetingEndedAt).not.toBeNull();
  });

  test('a database that hangs is answered 503 in bounded time, and taken again when it goes on', async () => {
    const hasty = createInbox({ pool: database.pool, encryption, patience: { patienceMs: 0, betweenMs: 0 }, statementMs: 200 });
    const door = createReceiver({ inbox: hasty, secrets, clock: systemClock, log: silentLog, onRecorded: () => {} });
    const post = (body: Buffer) => door(body, { [SIGNATURE_HEADER]: sign(body, secrets.secret) });
    const holder = await database.pool.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE "CalcomWebhookEvent" IN EXCLUSIVE MODE');
      expect(await post(sample('booking-created'))).toMatchObject({ status: 503, body: { status: 'try again' } });
      expect(hasty.refused()).toMatchObject({ count: 1 });
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    expect(await post(sample('booking-requested'))).toMatchObject({ status: 200 });
    expect((await events()).map(({ triggerEvent }) => triggerEvent)).toContain('BOOKING_REQUESTED');
  });

  test('two hundred webhooks at once are all durable before they are answered', async () => {
    await addAmara();
    const base = sample('booking-created').toString();
    const uid = /"uid":"([^"]+)"/.exec(base)?.[1] ?? '';
    const bodies = Array.from({ length: 200 }, (_, i) =>
      Buffer.from(base.replaceAll(uid, `uid${i}`).replaceAll('"bookingId":9001', `"bookingId":${i + 1}`)),
    );
    const answers = await Promise.all(bodies.map((body) => receive(body, { [SIGNATURE_HEADER]: sign(body, secrets.secret) })));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    expect(await database.prisma.calcomWebhookEvent.count()).toBe(200);
    await applier.idle();
    expect(await database.prisma.appointment.count()).toBe(200);
  });
});
