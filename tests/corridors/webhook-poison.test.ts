/** Events that cannot be stored as they are, beside events that can; and the same event from several sides at once. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sign, SIGNATURE_HEADER } from '../../server/calcom/signature.ts';
import { createEncryption } from '../../server/database/encryption.ts';
import { createPool } from '../../server/database/pool.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { createInbox } from '../../server/webhooks/inbox.ts';
import { createReceiver, type Receiver, type RecordedEvent } from '../../server/webhooks/receive.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const SECRET = 'whsec-poison';
const sample = readFileSync(new URL('../payloads/webhooks/booking-created.json', import.meta.url), 'utf8');
const UID = /"uid":"([^"]+)"/.exec(sample)?.[1] ?? '';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('TRUNCATE "CalcomWebhookEvent"');
});

/** The door of one instance. */
function createDoor(pool = database.pool): { receive: Receiver; recorded: RecordedEvent[] } {
  const recorded: RecordedEvent[] = [];
  const receive = createReceiver({
    inbox: createInbox({ pool, encryption: createEncryption([{ id: 'k1', key: Buffer.alloc(32, 7) }]) }),
    secrets: { secret: SECRET, previousSecret: null },
    clock: systemClock,
    log: silentLog,
    onRecorded: (event) => recorded.push(event),
  });
  return { receive, recorded };
}

const post = (receive: Receiver, body: Buffer) => receive(body, { [SIGNATURE_HEADER]: sign(body, SECRET) });
const good = (number: number) => Buffer.from(sample.replaceAll(UID, `good${number}`));
/** The sample with one value, a piece of JSON, in place of another. */
const odd = (from: RegExp, to: string) => {
  if (!from.test(sample)) throw new Error(`The sample has no ${from.source}.`);
  return Buffer.from(sample.replace(from, to));
};

const poisons: [string, Buffer][] = [
  ['a NUL in the uid', odd(/"uid":"[^"]+"/, String.raw`"uid":"a\u0000b"`)],
  ['a NUL in the name of the trigger', odd(/"triggerEvent":"[^"]+"/, String.raw`"triggerEvent":"BOOKING\u0000CREATED"`)],
  ['half of a surrogate pair', odd(/"uid":"[^"]+"/, String.raw`"uid":"\ud800"`)],
  ['a host id beyond 32 bits', odd(/"id":41\b/, '"id":4100000000')],
  ['an e-mail address with a NUL', odd(/"email":"amara[^"]+"/, String.raw`"email":"amara\u0000@lakeside.example"`)],
  ['a request id that no index can hold', odd(/"metadata":\{/, `"metadata":{"fintanRequestId":"${'r7'.repeat(20_000)}",`)],
  ['a year that PostgreSQL does not have', odd(/"createdAt":"\d{4}/, '"createdAt":"0000')],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from('{"triggerEvent":"PING","payload":{"x":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}}')]),
  ],
  ['no JSON at all', Buffer.from([0, 1, 2, 255])],
  ['a body of nothing', Buffer.alloc(0)],
];

test.each(poisons)('%s is recorded, and its neighbours are as they would be without it', async (_what, poison) => {
  const { receive, recorded } = createDoor();
  const answers = await Promise.all([post(receive, good(1)), post(receive, poison), post(receive, good(2))]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(recorded).toHaveLength(3);
  const { rows } = await database.pool.query(
    `SELECT "bookingUid", "triggerEvent", "hostCalcomId" FROM "CalcomWebhookEvent" WHERE "bookingUid" LIKE 'good%' ORDER BY 1`,
  );
  expect(rows).toEqual([
    { bookingUid: 'good1', triggerEvent: 'BOOKING_CREATED', hostCalcomId: 41 },
    { bookingUid: 'good2', triggerEvent: 'BOOKING_CREATED', hostCalcomId: 41 },
  ]);
  expect(await database.prisma.calcomWebhookEvent.count()).toBe(3);
});

test('all of them at once are all recorded', async () => {
  const { receive } = createDoor();
  const bodies = poisons.flatMap(([, poison], number) => [poison, good(number)]);
  const answers = await Promise.all(bodies.map((body) => post(receive, body)));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(await database.prisma.calcomWebhookEvent.count()).toBe(bodies.length);
});

test('the same bytes many times in one group are one row, told to one and answered 200 to all', async () => {
  const { receive, recorded } = createDoor();
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(receive, good(1))));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(recorded).toHaveLength(1);
  expect(await database.prisma.calcomWebhookEvent.count()).toBe(1);
});

test('the same events at four instances, each in another order, are one row each: nobody waits for the other in a circle', async () => {
  const pools = Array.from({ length: 4 }, () => createPool({ url: database.url, size: 2, log: silentLog }));
  const doors = pools.map((pool) => createDoor(pool));
  const numbers = Array.from({ length: 200 }, (_, number) => number);
  const answers = await Promise.all(
    doors.flatMap(({ receive }, door) => numbers.map((number) => post(receive, good((number * (door * 2 + 1)) % 200)))),
  );
  await Promise.all(pools.map((pool) => pool.end()));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(await database.prisma.calcomWebhookEvent.count()).toBe(200);
  expect(doors.reduce((sum, { recorded }) => sum + recorded.length, 0)).toBe(200);
});
