/** A Cal.com of a later release, on real sockets: the sandbox behind a proxy that adds, nulls and renames. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examine } from '../../server/cli/doctor.ts';
import { sign } from '../../server/calcom/signature.ts';
import { createReceiver } from '../../server/webhooks/receive.ts';
import type { Core } from '../../server/core.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createDoctorClinic, type DoctorClinic, WEBHOOK_SECRET } from './doctor-clinic.ts';

type Json = Record<string, unknown>;

let clinic: DoctorClinic;
let proxy: Server;
let core: Core;
/** What the later release does to one booking. */
let later: (booking: Json) => Json = (booking) => booking;

beforeAll(async () => {
  clinic = await createDoctorClinic();
  proxy = createServer((request, response) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    void clinic.sandbox.request(request.method ?? 'GET', request.url ?? '/', { headers }).then((answer) => {
      const body = answer.body as Json;
      if (request.url?.startsWith('/v2/bookings') === true && answer.status === 200 && Array.isArray(body['data'])) {
        body['data'] = (body['data'] as Json[]).map((one) => later(one));
      } else if (request.url?.startsWith('/v2/bookings/') === true && answer.status === 200) body['data'] = later(body['data'] as Json);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  await clinic.database.pool.query(`UPDATE "GatewayInstance" SET "madeFor" = $1`, [url]);
  core = await clinic.openCore(url);
});
afterAll(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await clinic.close();
});

const sweep = () => {
  const now = clinic.clock.now().getTime();
  return core.reconciler.sweep({ kind: 'window', span: 'near', from: new Date(now), to: new Date(now + 5 * 86_400_000) });
};
const rows = async () => {
  const { rows: found } = await clinic.database.pool.query<{ status: string; title: string; people: number }>(
    `SELECT "status"::text AS status, "title", (SELECT count(*)::int FROM "AppointmentParticipant" p WHERE p."appointmentId" = a."id") AS people FROM "Appointment" a`,
  );
  return found;
};

test('an unknown status, nulls and new fields: the appointment stays as it was known, and all of it is counted', async () => {
  await clinic.sandbox.control.book({ hostUsername: 'anna-de-vries', eventTypeSlug: 'video-consult' });
  await sweep();
  const before = await rows();
  expect(before).toMatchObject([{ status: 'CONFIRMED', people: 1 }]);

  later = (booking) => ({
    ...booking,
    status: 'on_hold',
    title: null,
    attendees: null,
    insurance: { card: 7 },
    updatedAt: new Date().toISOString(),
  });
  const report = await sweep();
  later = (booking) => booking;
  expect(report.failures).toEqual([]);
  expect(await rows()).toEqual(before);

  const counted = (await core.oddities.list()).map(({ kind, subject }) => `${kind} ${subject}`);
  expect(counted.toSorted()).toEqual(['FIELD booking.insurance', 'STATUS on_hold', 'VALUE booking.attendees', 'VALUE booking.title']);
});

test('a webhook with an unknown trigger is kept, ignored, answered, and counted once, however often it comes', async () => {
  const receive = createReceiver({
    inbox: core.inbox,
    secrets: { secret: WEBHOOK_SECRET, previousSecret: null },
    clock: clinic.clock,
    log: silentLog,
    onRecorded: core.applier.take,
  });
  const body = Buffer.from(
    JSON.stringify({ triggerEvent: 'BOOKING_TELEPORTED', createdAt: new Date().toISOString(), payload: { uid: 'x' } }),
  );
  const headers = { 'x-cal-signature-256': sign(body, WEBHOOK_SECRET) };
  expect(await receive(body, headers)).toMatchObject({ status: 200 });
  expect(await receive(body, headers)).toMatchObject({ status: 200 });
  await core.applier.idle();
  const { rows: events } = await clinic.database.pool.query(`SELECT "processed", "outcome"::text AS outcome FROM "CalcomWebhookEvent"`);
  expect(events).toEqual([{ processed: true, outcome: 'IGNORED' }]);
  expect(await core.oddities.list()).toContainEqual(expect.objectContaining({ kind: 'TRIGGER', subject: 'BOOKING_TELEPORTED', count: 1 }));
});

test('doctor shows what is new as harmless', async () => {
  const lines = await examine(core);
  expect(lines).toContainEqual(
    expect.objectContaining({ what: 'News', problem: null, note: expect.stringMatching(/harmless: .*trigger BOOKING_TELEPORTED \(1\)/) }),
  );
});
