/**
 * kill -9 of the gateway in the middle of a burst of webhooks: what was answered 200 is there, what came while nobody
 * listened is found by the sweep, and the board says what Cal.com says.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { findEmbedded } from '../../server/database/embedded.ts';
import { type GatewayProcess, startGatewayProcess, temporaryDataDir } from '../support/gateway-process.ts';

const KILLS = process.env.FULL === 'true' ? 10 : 3;
const BURST = 60;

const dataDir = temporaryDataDir();
let gateway: GatewayProcess | null = null;
afterAll(async () => {
  await gateway?.end('SIGTERM');
  await dataDir.remove();
});

interface SandboxState {
  bookings: { uid: string; status: string; start: string; end: string; rescheduledToUid?: string | null }[];
  deliveries: { bookingUid: string | null; status: number | null; triggerEvent: string }[];
}

const sandbox = () => (JSON.parse(readFileSync(path.join(dataDir.path, 'sandbox.json'), 'utf8')) as { url: string }).url;
const state = async () => (await (await fetch(`${sandbox()}/_control/state`)).json()) as SandboxState;
const control = (action: string, body: object) =>
  fetch(`${sandbox()}/_control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function query<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const url = findEmbedded(dataDir.path);
  if (url === null) throw new Error('The embedded database does not run.');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Resolves when the inbox has grown: the burst is under way. */
async function webhooksArrive(before: number): Promise<void> {
  for (;;) {
    const [row] = await query<{ count: number }>(`SELECT count(*)::int AS count FROM "CalcomWebhookEvent"`);
    if ((row?.count ?? 0) > before + BURST / 4) return;
  }
}

test('nothing is lost when the gateway is killed in the middle of a burst', { timeout: 600_000 }, async () => {
  gateway = await startGatewayProcess(dataDir.path);
  // Several starts within a minute use up what sweeps may ask of Cal.com, and the next one would wait for the rest of it.
  await control('faults', { api: { unlimited: true } });
  const port = new URL(gateway.url).port;
  const deliveries: SandboxState['deliveries'] = [];
  for (let round = 0; round < KILLS; round += 1) {
    const [inbox] = await query<{ count: number }>(`SELECT count(*)::int AS count FROM "CalcomWebhookEvent"`);
    const going = control('burst', { count: BURST });
    await webhooksArrive(inbox?.count ?? 0);
    await gateway.end('SIGKILL');
    await going;
    deliveries.push(...(await state()).deliveries.slice(-BURST));
    gateway = await startGatewayProcess(dataDir.path, { PORT: port });
  }

  const { bookings } = await state();
  const recorded = new Set(
    (await query<{ bookingUid: string }>(`SELECT "bookingUid" FROM "CalcomWebhookEvent"`)).map((row) => row.bookingUid),
  );
  const acknowledged = deliveries.filter((delivery) => delivery.status === 200 && delivery.bookingUid !== null);
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(acknowledged.filter((delivery) => !recorded.has(delivery.bookingUid ?? ''))).toEqual([]);
  // The point of the test: some webhooks found nobody.
  expect(deliveries.some((delivery) => delivery.status === null)).toBe(true);

  const ours = new Map(
    (
      await query<{ uid: string; status: string; startsAt: Date }>(
        `SELECT "calcomBookingUid" AS uid, "status"::text AS status, "startsAt" FROM "Appointment"`,
      )
    ).map((row) => [row.uid, `${row.status} ${row.startsAt.toISOString()}`]),
  );
  const known = new Set((await query<{ uid: string }>(`SELECT "bookingUid" AS uid FROM "AppointmentBooking"`)).map((row) => row.uid));
  const words: Record<string, string> = { accepted: 'CONFIRMED', pending: 'REQUESTED', cancelled: 'CANCELLED', rejected: 'DECLINED' };
  for (const booking of bookings) {
    expect(known).toContain(booking.uid);
    const here = ours.get(booking.uid);
    // A booking that another has replaced is no appointment's any more.
    if (here === undefined) expect(booking.status).toBe('cancelled');
    else expect(here).toBe(`${words[booking.status]} ${new Date(booking.start).toISOString()}`);
  }
  expect(
    await query(`SELECT "appointmentId", "version" FROM "AppointmentChange" WHERE "kind" <> 'MERGED' GROUP BY 1, 2 HAVING count(*) > 1`),
  ).toEqual([]);
});
