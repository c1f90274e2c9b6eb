/** The control API: making things happen, and making them go wrong. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Listening } from './http/server.ts';
import { createSandbox, type Delivery, seededRandom } from './sandbox.ts';
import { dataOf, OLGA, START, testSandbox, type TestSandbox } from './testing.ts';

let sandbox: TestSandbox;
beforeEach(() => {
  sandbox = testSandbox({ seed: 'clinic' });
});

const lastPayload = (deliveries: Delivery[]): Record<string, unknown> =>
  (JSON.parse(deliveries.at(-1)?.body ?? '{}') as { payload: Record<string, unknown> }).payload;

describe('things that patients and hosts do', () => {
  test.for([
    ['book', {}, /^BOOKING_(?:CREATED|REQUESTED)$/],
    ['reschedule', {}, /^BOOKING_(?:RESCHEDULED|REQUESTED)$/],
    ['cancel', {}, /^BOOKING_CANCELLED$/],
    ['confirm', {}, /^BOOKING_CREATED$/],
    ['decline', {}, /^BOOKING_REJECTED$/],
    ['requestReschedule', {}, /^BOOKING_CANCELLED$/],
    ['noShow', {}, /^BOOKING_NO_SHOW_UPDATED$/],
    ['meeting', { which: 'STARTED' }, /^MEETING_STARTED$/],
    ['pay', { step: 'initiated' }, /^BOOKING_PAYMENT_INITIATED$/],
  ] as const)('%s chooses a booking, tells the host’s subscriber and answers it', async ([name, body, trigger]) => {
    const { booking } = await sandbox.control[name](body as never);
    expect(sandbox.deliveries).toHaveLength(1);
    expect(sandbox.deliveries[0]).toMatchObject({ bookingUid: booking.uid });
    expect(sandbox.deliveries[0]?.triggerEvent).toMatch(trigger);
  });

  test('a payment ends in BOOKING_CREATED and BOOKING_PAID of the booking that waited for it', async () => {
    const { booking: waiting } = await sandbox.control.pay({ step: 'initiated' });
    expect(waiting.status).toBe('pending');
    expect(lastPayload(sandbox.deliveries)).toMatchObject({ status: 'ACCEPTED', paymentId: 1 });
    const { booking: paid } = await sandbox.control.pay({ step: 'paid' });
    expect(paid).toMatchObject({ uid: waiting.uid, status: 'accepted' });
    expect(sandbox.told().slice(1)).toEqual([`BOOKING_CREATED ${paid.uid}`, `BOOKING_PAID ${paid.uid}`]);
  });

  test('after a request to reschedule the patient may choose again, and the new booking names the old', async () => {
    const { booking: ended } = await sandbox.control.requestReschedule({ reason: 'Closed that day' });
    expect(lastPayload(sandbox.deliveries)).toMatchObject({ cancellationReason: 'Please reschedule. Closed that day' });
    expect(lastPayload(sandbox.deliveries)).not.toHaveProperty('status');
    await sandbox.control.reschedule({ uid: ended.uid });
    expect(lastPayload(sandbox.deliveries)).toMatchObject({ rescheduleUid: ended.uid });
  });

  test('a patient gives up one seat of a group: told with that one person, the group goes on', async () => {
    const group = sandbox.control.state().bookings.find((booking) => booking.attendees.length > 2);
    await sandbox.control.cancel({ uid: group?.uid, seatUid: group?.attendees[1]?.seatUid });
    expect(lastPayload(sandbox.deliveries)).toMatchObject({ uid: group?.uid, attendees: [{ email: group?.attendees[1]?.email }] });
    const left = sandbox.control.state().bookings.find((booking) => booking.uid === group?.uid);
    expect(left).toMatchObject({ status: 'accepted' });
    expect(left?.attendees).toHaveLength((group?.attendees.length ?? 0) - 1);
  });

  test('an enveloped meeting event carries the same row as a flat one', async () => {
    await sandbox.control.meeting({ which: 'ENDED' });
    await sandbox.control.meeting({ which: 'ENDED', enveloped: true });
    const [flat, enveloped] = sandbox.deliveries.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(flat).not.toHaveProperty('payload');
    expect(flat).toMatchObject(enveloped?.['payload'] as object);
  });

  test('a booking can move behind everybody’s back', async () => {
    const { booking } = await sandbox.control.silentMove();
    expect(sandbox.deliveries).toEqual([]);
    expect(sandbox.control.state().bookings.find(({ uid }) => uid === booking.uid)?.start).toBe(booking.start);
  });

  test('a burst does what it was asked for and counts it', async () => {
    const { done, refused } = await sandbox.control.burst({ count: 60 });
    const went = Object.values(done).reduce((sum, count) => sum + count, 0);
    expect(went + refused).toBe(60);
    expect(went).toBeGreaterThan(30);
    expect(sandbox.deliveries.length).toBeGreaterThanOrEqual(went - (done['noShow'] ?? 0));
  });

  test('what cannot be done is refused with a sentence', async () => {
    const empty = testSandbox();
    await expect(empty.control.cancel()).rejects.toThrow('There is no confirmed booking to come; book one first.');
    await expect(empty.control.book({ hostUsername: 'nobody' })).rejects.toThrow('There is no host called nobody.');
  });

  test('a reset forgets everything but the clinic', async () => {
    await sandbox.control.burst({ count: 5 });
    sandbox.control.setFaults({ webhooks: { drop: -1 } });
    const fresh = await sandbox.control.reset();
    expect(fresh.faults.webhooks.drop).toBe(0);
    expect(fresh.users).toHaveLength(3);
    await sandbox.control.book();
    expect(sandbox.told().at(-1)).toMatch(/^BOOKING_/);
  });
});

describe('faults of webhooks', () => {
  const signedRight = ({ body, headers }: Delivery): boolean =>
    headers['X-Cal-Signature-256'] === createHmac('sha256', 'whsec-test').update(body).digest('hex');

  test('a dropped one is never sent; the one after it is', async () => {
    sandbox.control.setFaults({ webhooks: { drop: 1 } });
    await sandbox.control.book();
    const { booking } = await sandbox.control.book();
    expect(sandbox.deliveries.map(({ bookingUid }) => bookingUid)).toEqual([booking.uid]);
    expect(sandbox.control.state().deliveries.map(({ fault }) => fault)).toEqual(['drop', null]);
  });

  test('a duplicate has the same bytes', async () => {
    sandbox.control.setFaults({ webhooks: { duplicate: 1 } });
    await sandbox.control.book();
    expect(sandbox.deliveries).toHaveLength(2);
    expect(sandbox.deliveries[0]?.body).toBe(sandbox.deliveries[1]?.body);
  });

  test('a held one comes after the next, or when the faults are cleared', async () => {
    sandbox.control.setFaults({ webhooks: { reorder: 1 } });
    const { booking: first } = await sandbox.control.book();
    expect(sandbox.deliveries).toEqual([]);
    const { booking: second } = await sandbox.control.book();
    expect(sandbox.deliveries.map(({ bookingUid }) => bookingUid)).toEqual([second.uid, first.uid]);
    sandbox.control.setFaults({ webhooks: { reorder: -1 } });
    await sandbox.control.book();
    await sandbox.control.clearFaults();
    expect(sandbox.deliveries).toHaveLength(3);
  });

  test('a wrong secret signs differently, once', async () => {
    sandbox.control.setFaults({ webhooks: { wrongSecret: 1 } });
    await sandbox.control.book();
    await sandbox.control.book();
    expect(sandbox.deliveries.map(signedRight)).toEqual([false, true]);
  });

  test('a receiver that fails does not harm the booking, and is not asked again', async () => {
    const deaf = testSandbox({
      deliver: async () => {
        throw new Error('refused');
      },
    });
    const { uid } = await deaf.book(1, '2026-12-07T09:00:00Z');
    expect(await deaf.get(uid)).toMatchObject({ status: 'accepted' });
    expect(deaf.control.state().deliveries).toMatchObject([{ status: null, fault: null }]);
  });
});

describe('faults of the API', () => {
  const api = testSandbox();
  afterEach(() => api.control.clearFaults());
  const me = () => api.request('GET', '/v2/me', { headers: { authorization: OLGA } });

  test('429 and 500 for as many as asked, then well again', async () => {
    api.control.setFaults({ api: { tooManyRequests: 1, serverError: 1 } });
    expect((await me()).status).toBe(429);
    expect(await me()).toMatchObject({ status: 500, body: { statusCode: 500 } });
    expect((await me()).status).toBe(200);
  });

  test('without a limit no answer counts calls, however many there are', async () => {
    const limited = testSandbox({ rateLimit: true });
    const ask = () => limited.request('GET', '/v2/me', { headers: { authorization: OLGA } });
    expect((await ask()).headers).toHaveProperty('x-ratelimit-remaining-default', '119');
    limited.control.setFaults({ api: { unlimited: true } });
    for (let calls = 0; calls < 130; calls += 1) expect((await ask()).headers).not.toHaveProperty('x-ratelimit-remaining-default');
    limited.control.setFaults({ api: { unlimited: false } });
    expect((await ask()).headers).toHaveProperty('x-ratelimit-remaining-default', '118');
  });

  test('an answer that never comes leaves the booking behind', async () => {
    api.control.setFaults({ api: { commitThenTimeout: 1 } });
    await expect(api.book(1, '2026-12-07T09:00:00Z')).rejects.toThrow('socket hang up');
    const { body } = await api.bookings('GET', '?attendeeEmail=ann@example.com');
    expect(body).toMatchObject({ data: [{ status: 'accepted' }] });
  });

  test('down until it is up again', async () => {
    api.control.setFaults({ api: { down: true } });
    await expect(me()).rejects.toThrow('socket hang up');
    api.control.setFaults({ api: { down: false } });
    expect((await me()).status).toBe(200);
  });
});

describe('over the socket', () => {
  let listening: Listening;
  const served = createSandbox({ seed: 'clinic', random: seededRandom(3), deliver: async () => 200 });
  beforeEach(async () => {
    listening = await served.listen(0);
  });
  afterEach(() => served.close());
  const post = (name: string, body: string) => fetch(`${listening.url}/_control/${name}`, { method: 'POST', body });

  test('the page, the state and an action are served to anybody on this machine', async () => {
    expect(await (await fetch(`${listening.url}/_control`)).text()).toContain('Make something happen');
    expect(await (await post('book', '{}')).json()).toMatchObject({ booking: { attendees: [{}] } });
    expect(await (await fetch(`${listening.url}/_control/state`)).json()).toMatchObject({ users: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    expect(await (await fetch(`${listening.url}/health`)).text()).toBe('OK');
  });

  test('a page of another origin cannot drive it', async () => {
    const answer = await fetch(`${listening.url}/_control/book`, {
      method: 'POST',
      body: '{}',
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(answer.status).toBe(403);
  });

  test('malformed, unknown and oversized bodies are refused', async () => {
    expect((await post('book', '{')).status).toBe(400);
    expect((await post('book', '{"foo":1}')).status).toBe(400);
    expect((await post('nothing', '{}')).status).toBe(404);
    expect((await post('book', JSON.stringify({ reason: 'x'.repeat(2_000_000) }))).status).toBe(413);
  });
});

test('the same clock and the same randomness give the same history', async () => {
  const history = async (): Promise<string[]> => {
    const run = testSandbox({ seed: 'clinic', random: seededRandom(42), now: () => START });
    await run.control.burst({ count: 40 });
    return run.deliveries.map(({ body }) => body);
  };
  expect(await history()).toEqual(await history());
});

test('a caller that names a booking of nobody is told so', async () => {
  expect(dataOf(await sandbox.bookings('GET', '', undefined, 'cal_sandbox_anna_0000000000000000'))).not.toEqual([]);
  await expect(sandbox.control.cancel({ uid: 'nothing' })).rejects.toThrow('There is no booking with this uid.');
});
