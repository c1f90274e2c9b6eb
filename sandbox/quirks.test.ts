/** Behaviour of the real server that was measured, but not in a recording that can be replayed one by one. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type Data, dataOf, OTHER, START, testSandbox, type TestSandbox } from './testing.ts';

let sandbox: TestSandbox;
beforeEach(() => {
  sandbox = testSandbox();
});

describe('two requests at a time', () => {
  test('two reschedules of one booking both succeed and leave two live bookings; the old one names the first', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    const answers = await Promise.all([
      sandbox.bookings('POST', `/${uid}/reschedule`, { start: '2026-12-07T10:00:00Z' }),
      sandbox.bookings('POST', `/${uid}/reschedule`, { start: '2026-12-07T11:00:00Z' }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([201, 201]);
    const [first, second] = answers.map(dataOf);
    expect(await sandbox.get(uid)).toMatchObject({ status: 'cancelled', rescheduledToUid: first?.uid });
    expect(await sandbox.get(second?.uid ?? '')).toMatchObject({ status: 'accepted', rescheduledFromUid: uid });
  });

  test('two cancels both succeed and both tell', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    const cancel = () => sandbox.bookings('POST', `/${uid}/cancel`, { cancellationReason: 'x' });
    const answers = await Promise.all([cancel(), cancel()]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(sandbox.told()).toEqual([`BOOKING_CREATED ${uid}`, `BOOKING_CANCELLED ${uid}`, `BOOKING_CANCELLED ${uid}`]);
  });

  test('confirm and decline both succeed, and the booking ends accepted', async () => {
    const { uid } = await sandbox.book(2, '2026-12-07T09:00:00Z');
    const answers = await Promise.all([
      sandbox.bookings('POST', `/${uid}/confirm`),
      sandbox.bookings('POST', `/${uid}/decline`, { reason: 'x' }),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(sandbox.told().slice(1)).toEqual([`BOOKING_REJECTED ${uid}`, `BOOKING_CREATED ${uid}`]);
    expect(await sandbox.get(uid)).toMatchObject({ status: 'accepted' });
  });
});

describe('what is told, and when', () => {
  test('a cancellation is told before it is written: who asks back at once is answered "accepted"', async () => {
    const seen: unknown[] = [];
    const asking: TestSandbox = testSandbox({
      deliver: async ({ triggerEvent, bookingUid }) => {
        if (triggerEvent === 'BOOKING_CANCELLED') seen.push((await asking.get(bookingUid ?? '')).status);
      },
    });
    const { uid } = await asking.book(1, '2026-12-07T09:00:00Z');
    await asking.bookings('POST', `/${uid}/cancel`, { cancellationReason: 'x' });
    expect(seen).toEqual(['accepted']);
    expect(await asking.get(uid)).toMatchObject({ status: 'cancelled' });
  });

  test('a pending reschedule shows the end of the old booking only in BOOKING_REQUESTED.rescheduleUid', async () => {
    const { uid: old } = await sandbox.book(2, '2026-12-07T09:00:00Z');
    const moved = dataOf(await sandbox.bookings('POST', `/${old}/reschedule`, { start: '2026-12-07T10:00:00Z' }));
    await sandbox.bookings('POST', `/${moved.uid}/confirm`);
    const [, requested, created] = sandbox.deliveries.map(({ body }) => JSON.parse(body) as { payload: Record<string, unknown> });
    expect(requested?.payload['rescheduleUid']).toBe(old);
    expect(created?.payload).not.toHaveProperty('rescheduleUid');
  });

  test('the host’s own e-mail as rescheduledBy makes an approval unnecessary', async () => {
    const { uid } = await sandbox.book(2, '2026-12-07T09:00:00Z');
    const answer = await sandbox.bookings('POST', `/${uid}/reschedule`, {
      start: '2026-12-07T10:00:00Z',
      rescheduledBy: 'olga@example.com',
    });
    expect(dataOf(answer)).toMatchObject({ status: 'accepted', rescheduledByEmail: null });
    expect(sandbox.told()[1]).toMatch(/^BOOKING_RESCHEDULED /);
  });

  test('MEETING_* wait for the clock, the end before the start when both are due, and a cancelled booking sends none', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    const { uid: cancelled } = await sandbox.book(1, '2026-12-07T10:00:00Z');
    await sandbox.bookings('POST', `/${cancelled}/cancel`, { cancellationReason: 'x' });
    const before = sandbox.deliveries.length;
    await sandbox.control.clock({ now: '2026-12-07T12:00:00Z' });
    expect(sandbox.told().slice(before)).toEqual([`MEETING_ENDED ${uid}`, `MEETING_STARTED ${uid}`]);
    await sandbox.tick();
    expect(sandbox.deliveries).toHaveLength(before + 2);
  });
});

describe('what a booking keeps and loses', () => {
  test('a cancelled booking comes back to life when it is confirmed', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    await sandbox.bookings('POST', `/${uid}/cancel`, { cancellationReason: 'x' });
    expect(dataOf(await sandbox.bookings('POST', `/${uid}/confirm`))).toMatchObject({ status: 'accepted' });
  });

  test('a longer booking falls back to the usual length when it is rescheduled', async () => {
    const { uid } = await sandbox.book(3, '2026-12-07T09:00:00Z', 'Ann', { lengthInMinutes: 60 });
    expect(dataOf(await sandbox.bookings('POST', `/${uid}/reschedule`, { start: '2026-12-07T11:00:00Z' }))).toMatchObject({ duration: 30 });
  });

  test('a deleted event type leaves its bookings without one', async () => {
    const { uid } = await sandbox.book(1, '2026-12-07T09:00:00Z');
    const headers = { authorization: 'cal_0123456789abcdef0123456789abcdef', 'cal-api-version': '2024-06-14' };
    expect((await sandbox.request('DELETE', '/v2/event-types/1', { headers })).status).toBe(200);
    expect(await sandbox.get(uid)).toMatchObject({ eventTypeId: null, eventType: null });
  });

  test('updatedAt stays when a seat is added and when an attendee is marked absent, and moves when the host is', async () => {
    const first = await sandbox.book(5, '2026-12-07T09:00:00Z', 'Seat One');
    const second = await sandbox.book(5, '2026-12-07T09:00:00Z', 'Seat Two');
    expect(second).toMatchObject({ uid: first.uid, updatedAt: first['updatedAt'] });
    await sandbox.control.clock({ now: '2026-12-07T09:30:00Z' });
    const attendee = await sandbox.bookings('POST', `/${first.uid}/mark-absent`, {
      attendees: [{ email: 'seat.one@example.com', absent: true }],
    });
    expect(dataOf(attendee)['updatedAt']).toBe(first['updatedAt']);
    const host = await sandbox.bookings('POST', `/${first.uid}/mark-absent`, { host: true });
    expect(dataOf(host)['updatedAt']).not.toBe(first['updatedAt']);
  });
});

describe('seats and series', () => {
  const seats = async (): Promise<[Data, Data]> => [
    await sandbox.book(5, '2026-12-07T09:00:00Z', 'Seat One'),
    await sandbox.book(5, '2026-12-07T09:00:00Z', 'Seat Two'),
  ];

  test('one seat given up without a key: 404, nobody is told, yet the seat is free', async () => {
    const [group, second] = await seats();
    const answer = await sandbox.bookings('POST', `/${group.uid}/cancel`, { seatUid: second['seatUid'] }, null);
    expect(answer.status).toBe(404);
    expect(sandbox.told()).toHaveLength(2);
    expect((await sandbox.get(group.uid))['attendees']).toHaveLength(1);
  });

  test('a seat that moves opens another group; neither names the other, only the webhook does', async () => {
    const [group, second] = await seats();
    const answer = await sandbox.bookings(
      'POST',
      `/${group.uid}/reschedule`,
      { start: '2026-12-07T11:00:00Z', seatUid: second['seatUid'] },
      null,
    );
    const moved = dataOf(answer);
    expect(answer.status).toBe(201);
    expect(moved.uid).not.toBe(group.uid);
    for (const row of [moved, await sandbox.get(group.uid)]) {
      expect(row).not.toHaveProperty('rescheduledFromUid');
      expect(row).not.toHaveProperty('rescheduledToUid');
      expect(row['attendees']).toHaveLength(1);
    }
    const { triggerEvent, payload } = JSON.parse(sandbox.deliveries.at(-1)?.body ?? '{}') as { triggerEvent: string; payload: Data };
    expect(triggerEvent).toBe('BOOKING_RESCHEDULED');
    expect(payload).toMatchObject({ uid: moved.uid, rescheduleUid: group.uid, attendeeSeatId: second['seatUid'] });
    expect(payload).not.toHaveProperty('rescheduleId');
  });

  test('a series ends by its own id with one webhook that names it', async () => {
    const series = (await sandbox.book(4, '2026-12-08T12:00:00Z')) as unknown as Data[];
    const id = String(series[0]?.['recurringBookingUid']);
    const answer = await sandbox.bookings('POST', `/${id}/cancel`, { cancellationReason: 'over' });
    expect(dataOf(answer)).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }, { status: 'cancelled' }]);
    const told = sandbox.deliveries.slice(3).map(({ body }) => (JSON.parse(body) as { payload: Data }).payload);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ uid: series[0]?.uid, recurringEvent: { freq: 2, count: 3, interval: 1 } });
  });

  test('a weekly series keeps its hour on the wall when the clocks change', async () => {
    const series = (await sandbox.book(4, '2027-03-22T12:00:00Z')) as unknown as Data[];
    expect(series.map((row) => row['start'])).toEqual(['2027-03-22T12:00:00.000Z', '2027-03-29T11:00:00.000Z', '2027-04-05T11:00:00.000Z']);
  });
});

describe('the edges of the API', () => {
  test('the 121st request of a minute is refused, and the key stays blocked for a minute from then', async () => {
    let at = START;
    const limited = testSandbox({ now: () => at });
    const me = () => limited.request('GET', '/v2/me', { headers: { authorization: `Bearer ${OTHER}` } });
    for (let count = 0; count < 120; count += 1) expect((await me()).status).toBe(200);
    const refused = await me();
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({ 'x-ratelimit-remaining-default': '0', 'x-ratelimit-reset-default': '60' });
    expect(refused.headers).not.toHaveProperty('retry-after');
    at += 59_000;
    expect((await me()).status).toBe(429);
    at += 2_000;
    expect((await me()).status).toBe(200);
  });

  test('an unchanged GET is answered 304, and the client’s request id is ignored', async () => {
    const headers = { authorization: `Bearer ${OTHER}`, 'x-request-id': 'mine' };
    const first = await sandbox.request('GET', '/v2/me', { headers });
    expect(first.headers['x-request-id']).not.toBe('mine');
    const again = await sandbox.request('GET', '/v2/me', { headers: { ...headers, 'if-none-match': first.headers['etag'] ?? '' } });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  test('another resource’s version is a plain 404', async () => {
    const answer = await sandbox.request('GET', '/v2/bookings', {
      headers: { authorization: `Bearer ${OTHER}`, 'cal-api-version': '2024-09-04' },
    });
    expect(answer).toMatchObject({ status: 404, body: { error: { message: 'Cannot GET /v2/bookings' } } });
  });

  test('a page beyond the end is empty and says so', async () => {
    for (const hour of ['09', '10', '11']) await sandbox.book(1, `2026-12-07T${hour}:00:00Z`);
    const { body } = await sandbox.bookings('GET', '?skip=50');
    expect(body).toMatchObject({
      data: [],
      pagination: { totalItems: 3, currentPage: 1, remainingItems: 0, hasNextPage: false, hasPreviousPage: true },
    });
  });

  test('an override replaces the day’s hours, and one of no length closes it', async () => {
    const headers = { authorization: 'Bearer cal_0123456789abcdef0123456789abcdef', 'cal-api-version': '2024-06-11' };
    const overrides = [
      { date: '2026-12-07', startTime: '10:00', endTime: '11:00' },
      { date: '2026-12-08', startTime: '00:00', endTime: '00:00' },
    ];
    await sandbox.request('PATCH', '/v2/schedules/1', { headers, body: { overrides } });
    const slots = await sandbox.request('GET', '/v2/slots?eventTypeId=1&start=2026-12-07&end=2026-12-08', {
      headers: { 'cal-api-version': '2024-09-04' },
    });
    expect(slots.body).toEqual({
      data: { '2026-12-07': [{ start: '2026-12-07T09:00:00.000Z' }, { start: '2026-12-07T09:30:00.000Z' }] },
      status: 'success',
    });
  });
});
