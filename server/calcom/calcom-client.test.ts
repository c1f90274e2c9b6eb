import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { manualClock } from '../kernel/clock.ts';
import { bookingUid, eventTypeId, userId } from '../kernel/ids.ts';
import { createLog } from '../kernel/log.ts';
import { createCalcomClient } from './calcom-client.ts';
import type { TransportLimits } from './transport.ts';

const key = { ownerId: userId('00000000-0000-7000-8000-000000000001'), bearer: 'cal_test' };
const otherKey = { ownerId: null, bearer: 'cal_other' };

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}
/** `silent`: no answer ever comes. `closed`: the connection ends without one. */
type Script = (request: IncomingMessage, body: string, count: number) => Answer | 'silent' | 'closed';

const running: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

async function upstream(script: Script, limits: Partial<TransportLimits> = {}) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      const answer = script(request, body, seen.length);
      if (answer === 'closed') request.socket.destroy();
      else if (answer !== 'silent') {
        response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = manualClock('2026-11-23T08:00:00Z');
  const lines: string[] = [];
  const client = createCalcomClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock,
    log: createLog({ level: 'debug', write: (line) => lines.push(line) }),
    // Where no test asks for less, no answer is too late, however busy the machine.
    limits: { readTimeoutMs: 20_000, writeTimeoutMs: 20_000, ...limits },
  });
  running.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return { client, seen, clock, lines, server };
}

const me: Answer = { status: 200, body: { status: 'success', data: { id: 1, email: 'a@example.com', username: 'a', timeZone: 'UTC' } } };
const rate = (remaining: number, reset = 60) => ({
  'x-ratelimit-limit-default': '10',
  'x-ratelimit-remaining-default': String(remaining),
  'x-ratelimit-reset-default': String(reset),
});
const BOOKING = JSON.parse(readFileSync(new URL('../../tests/payloads/recordings/095-booking-get.json', import.meta.url), 'utf8')) as {
  response: { body: unknown };
};
const booking = {
  startsAt: Date.parse('2026-12-07T09:00:00Z'),
  eventTypeId: eventTypeId(1),
  attendee: { name: 'Ann', email: 'ann@example.com', timeZone: 'UTC' },
};

describe('what is sent', () => {
  test('the version of the resource and the credential named by the caller', async () => {
    const { client, seen } = await upstream(() => me);
    await client.me(key);
    await client.slots(otherKey, { eventTypeId: eventTypeId(5), from: 0, to: 1, durationMinutes: 15 });
    await client.eventTypesOf(null, 'anna');
    await client.listBookings(key, { attendeeEmail: 'a+b@example.com', sort: 'updatedAt', take: 50, skip: 100 });
    expect(seen.map(({ url, headers }) => [url, headers['cal-api-version'], headers.authorization])).toEqual([
      ['/v2/me', '2024-08-13', 'Bearer cal_test'],
      [
        '/v2/slots?eventTypeId=5&start=1970-01-01T00%3A00%3A00.000Z&end=1970-01-01T00%3A00%3A00.001Z&duration=15',
        '2024-09-04',
        'Bearer cal_other',
      ],
      ['/v2/event-types?username=anna', '2024-06-14', undefined],
      ['/v2/bookings?attendeeEmail=a%2Bb%40example.com&sortUpdatedAt=asc&take=50&skip=100', '2024-08-13', 'Bearer cal_test'],
    ]);
  });

  test('one seat is cancelled with nothing but its uid, because the rest is refused', async () => {
    const { client, seen } = await upstream(() => ({ status: 404, body: {} }));
    await client.cancel(null, bookingUid('u'), { seatUid: 's', reason: 'x' });
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ seatUid: 's' });
  });
});

describe('reads', () => {
  test('are repeated when the server fails, and a success ends it', async () => {
    const { client, seen } = await upstream((_request, _body, count) => (count < 3 ? { status: 503, body: {} } : me));
    expect(await client.me(key)).toMatchObject({ ok: true, value: { id: 1 } });
    expect(seen).toHaveLength(3);
  });

  test('are not repeated when Cal.com has understood and refused', async () => {
    const { client, seen } = await upstream(() => ({
      status: 401,
      body: { status: 'error', error: { code: 'UnauthorizedException', message: 'CustomThrottlerGuard - Invalid API Key' } },
    }));
    expect(await client.me(key)).toMatchObject({ ok: false, failure: { kind: 'Unauthorized' } });
    expect(seen).toHaveLength(1);
  });

  test('that find nothing in time are unreachable', async () => {
    const { client } = await upstream(() => 'silent', { readTimeoutMs: 50 });
    expect(await client.me(key)).toMatchObject({ ok: false, failure: { kind: 'Unreachable', status: null } });
  });

  test('wait for a rate limit that ends soon and report one that does not', async () => {
    const soon = await upstream((_request, _body, count) => (count === 1 ? { status: 429, body: {}, headers: rate(0, 0) } : me));
    expect((await soon.client.me(key)).ok).toBe(true);
    const late = await upstream(() => ({ status: 429, body: {}, headers: rate(0, 60) }));
    expect(await late.client.me(key)).toMatchObject({ ok: false, failure: { kind: 'RateLimited', retryAfterMs: 60_000 } });
    expect(late.seen).toHaveLength(1);
  });

  test('of a list leave out a row that cannot be read, and count it', async () => {
    const page = { status: 'success', data: [{ uid: 'odd' }], pagination: { totalItems: 1, hasNextPage: false } };
    const { client } = await upstream(() => ({ status: 200, body: page }));
    expect(await client.listBookings(key, { take: 10, skip: 0 })).toEqual({
      ok: true,
      value: { bookings: [], hasNextPage: false, totalItems: 1, unreadable: 1 },
    });
  });

  test('of event types take 404 for none', async () => {
    const { client } = await upstream(() => ({
      status: 404,
      body: { status: 'error', error: { code: 'NotFoundException', message: 'Event types not found' } },
    }));
    expect(await client.eventTypesOf(key, 'anna')).toEqual({ ok: true, value: [] });
  });

  test('that answer more than can be is not kept', async () => {
    const { client } = await upstream(() => ({ status: 200, body: 'x'.repeat(5_000) }), { answerBytes: 1_000, readAttempts: 1 });
    expect(await client.me(key)).toMatchObject({ ok: false, failure: { kind: 'Unreachable' } });
  });
});

test('of two questions in one millisecond the later is known, and a clock that was set back is believed', async () => {
  const { client, clock } = await upstream(() => ({ status: 200, body: BOOKING.response.body }));
  const observedAt = async () => {
    const answer = await client.getBooking(key, bookingUid('u'));
    return answer.ok ? answer.value[0]?.observedAt : null;
  };
  const now = clock.now().getTime();
  expect([await observedAt(), await observedAt(), await observedAt()]).toEqual([now, now + 1, now + 2]);
  clock.advance(-3_600_000);
  expect(await observedAt()).toBe(now - 3_600_000);
});

describe('writes', () => {
  test.each([
    ['a timeout', (): 'silent' => 'silent'],
    ['a dropped connection', (): 'closed' => 'closed'],
    ['a 500', (): Answer => ({ status: 500, body: { statusCode: 500, message: 'Internal server error' } })],
    ['an answer that cannot be read', (): Answer => ({ status: 201, body: '<html>' })],
    ['an answer of another shape', (): Answer => ({ status: 201, body: { status: 'success', data: { uid: 'x' } } })],
  ] as const)('after %s are of unknown outcome and never repeated', async (_what, script) => {
    const { client, seen } = await upstream(script, { writeTimeoutMs: 100 });
    expect(await client.createBooking(key, booking)).toMatchObject({ ok: false, failure: { kind: 'OutcomeUnknown' } });
    expect(seen).toHaveLength(1);
  });

  test('that never connected have certainly not happened', async () => {
    const { client, server } = await upstream(() => me);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await client.createBooking(key, booking)).toMatchObject({ ok: false, failure: { kind: 'Unreachable' } });
  });

  test('that are throttled have certainly not happened', async () => {
    const { client } = await upstream(() => ({ status: 429, body: {}, headers: rate(0, 60) }));
    expect(await client.createBooking(key, booking)).toMatchObject({ ok: false, failure: { kind: 'RateLimited', retryAfterMs: 60_000 } });
  });
});

describe('the budget', () => {
  test('leaves the last fifth to writes, per credential, until the window ends', async () => {
    const { client, seen, clock } = await upstream(() => ({ ...me, headers: rate(2) }));
    await client.me(key);
    expect(await client.me(key)).toMatchObject({ ok: false, failure: { kind: 'RateLimited', retryAfterMs: 60_000 } });
    expect(seen).toHaveLength(1);
    expect((await client.me(otherKey)).ok).toBe(true);
    clock.advance(60_000);
    expect((await client.me(key)).ok).toBe(true);
  });

  test('lets a person book where a list must wait', async () => {
    const { client, seen } = await upstream((request) =>
      request.method === 'GET' ? { ...me, headers: rate(2) } : { status: 400, body: {}, headers: rate(1) },
    );
    await client.me(key);
    await client.confirm(key, bookingUid('u'));
    expect(seen).toHaveLength(1);
    const roomier = await upstream((request) =>
      request.method === 'GET' ? { ...me, headers: rate(3) } : { status: 400, body: {}, headers: rate(2) },
    );
    await roomier.client.me(key);
    expect(await roomier.client.confirm(key, bookingUid('u'))).toMatchObject({ ok: false, failure: { kind: 'Refused' } });
    expect(roomier.seen).toHaveLength(2);
  });
});

test('a 429 without headers blocks for a minute and not for ever', async () => {
  const { client, seen, clock } = await upstream((_request, _body, count) => (count === 1 ? { status: 429, body: {} } : me));
  expect(await client.me(key)).toMatchObject({ ok: false, failure: { kind: 'RateLimited', retryAfterMs: 60_000 } });
  expect((await client.me(key)).ok).toBe(false);
  expect(seen).toHaveLength(1);
  clock.advance(60_000);
  expect((await client.me(key)).ok).toBe(true);
});

test('after failures in a row nothing is sent for a while', async () => {
  const { client, seen } = await upstream(() => 'closed', { breakerThreshold: 3, breakerPauseMs: 60_000, readAttempts: 1 });
  for (let call = 0; call < 3; call += 1) await client.me(key);
  expect(await client.me(key)).toMatchObject({ ok: false, failure: { kind: 'Unreachable' } });
  expect(await client.createBooking(key, booking)).toMatchObject({ ok: false, failure: { kind: 'Unreachable' } });
  expect(seen).toHaveLength(3);
});

test("slots that take too long, as one clinician's calendar can, keep nobody from booking; a Cal.com that is gone does", async () => {
  const { client, seen } = await upstream((request) => (request.method === 'GET' ? 'silent' : { status: 400, body: {} }), {
    breakerThreshold: 3,
    breakerPauseMs: 60_000,
    readAttempts: 1,
    slotsTimeoutMs: 30,
    readTimeoutMs: 30,
  });
  const slots = { eventTypeId: eventTypeId(1), from: 0, to: 1 };
  for (let call = 0; call < 4; call += 1) expect(await client.slots(key, slots)).toMatchObject({ ok: false });
  expect(await client.createBooking(key, booking)).toMatchObject({ ok: false, failure: { kind: 'Refused' } });
  for (let call = 0; call < 3; call += 1) await client.me(key);
  expect(await client.createBooking(key, booking)).toMatchObject({ ok: false, failure: { kind: 'Unreachable' } });
  // A read that nobody waits for any more may never have left.
  expect(seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a 500 by which Cal.com refuses a write does not open the breaker', async () => {
  const { client, seen } = await upstream(() => ({ status: 500, body: { statusCode: 500, message: 'Internal server error' } }), {
    breakerThreshold: 3,
  });
  for (let call = 0; call < 6; call += 1) await client.reschedule(key, bookingUid('u'), { startsAt: 0 });
  expect(seen).toHaveLength(6);
});

test('the log names the call and whose key it was, and nothing of the booking or the key', async () => {
  const { client, lines } = await upstream(() => ({
    status: 404,
    body: {
      status: 'error',
      error: {
        code: 'NotFoundException',
        message: 'Booking with uid=pXYegPuGWdAqfQCvv6Ag1Z of ann@example.com, key cal_0123456789abcdef, not found',
      },
    },
  }));
  await client.getBooking(key, bookingUid('pXYegPuGWdAqfQCvv6Ag1Z'));
  const text = lines.join('\n');
  expect(text).toContain('"call":"getBooking"');
  expect(text).toContain(key.ownerId);
  expect(text).not.toMatch(/pXYegPuGWdAqfQCvv6Ag1Z|ann@example|cal_0123|cal_test/);
});
