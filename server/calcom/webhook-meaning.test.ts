import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addressOf } from './webhook-address.ts';
import { readWebhook } from './webhook-meaning.ts';
import type { WebhookMeaning } from './webhook-saying.ts';
import { removeSecrets } from './webhook-secrets.ts';

const PAYLOADS = join(import.meta.dirname, '../../tests/payloads');
const DELIVERIES = join(PAYLOADS, 'recordings/webhooks');
const RECEIVED = Date.UTC(2026, 10, 22, 18);

interface Body {
  triggerEvent: string;
  createdAt?: string;
  payload?: Record<string, unknown>;
}

const delivered = (name: string): unknown => {
  const file = readdirSync(DELIVERIES).find((one) => one.startsWith(name));
  if (file === undefined) throw new Error(`No delivery ${name}.`);
  const { rawBody } = JSON.parse(readFileSync(join(DELIVERIES, file), 'utf8')) as { rawBody: string };
  return JSON.parse(rawBody);
};
const sample = (name: string) => JSON.parse(readFileSync(join(PAYLOADS, 'webhooks', `${name}.json`), 'utf8')) as Body;
const read = (json: unknown) => readWebhook(json, RECEIVED);

function bookingOf(json: unknown): Extract<WebhookMeaning, { kind: 'BOOKING' }> {
  const { meaning } = read(json);
  if (meaning.kind !== 'BOOKING') throw new Error(`Not about a booking: ${JSON.stringify(meaning)}`);
  return meaning;
}

/** A copy of a sample with other payload fields; undefined removes one. */
function changed(body: Body, fields: Record<string, unknown>): Body {
  return {
    ...body,
    payload: Object.fromEntries(Object.entries({ ...body.payload, ...fields }).filter(([, value]) => value !== undefined)),
  };
}

describe('every recorded delivery', () => {
  const files = readdirSync(DELIVERIES).sort();
  test('there are some', () => expect(files.length).toBeGreaterThan(50));
  const templates = files.filter((file) => file.includes('TEMPLATE'));
  const pings = files.filter((file) => file.includes('PING'));
  const bookings = files.filter((file) => !templates.includes(file) && !pings.includes(file));
  test.each(bookings)('%s is about a booking', (file) => {
    const reading = read(delivered(file));
    expect(reading.triggerEvent).toBe(file.slice(4, -5));
    expect(reading.meaning.kind).toBe('BOOKING');
    expect(addressOf(delivered(file)).bookingUid).toMatch(/^\w+$/);
  });
  test.each(templates)('%s, made by a template, is invalid', (file) => {
    expect(read(delivered(file))).toMatchObject({ triggerEvent: null, meaning: { kind: 'INVALID' } });
  });
  test.each(pings)('%s is ignored', (file) => {
    expect(read(delivered(file)).meaning).toEqual({ kind: 'IGNORED', reason: 'NOT_ABOUT_AN_APPOINTMENT' });
  });
});

describe('every sample body', () => {
  const files = readdirSync(join(PAYLOADS, 'webhooks')).filter((file) => file !== 'signatures.json');
  test.each(files)('%s is read without a secret left in it', (file) => {
    const body = sample(file.replace('.json', ''));
    const before = read(structuredClone(body));
    removeSecrets(body);
    const reading = read(body);
    expect(reading).toEqual(before);
    expect(JSON.stringify(body)).not.toMatch(/REDACTED|"password"|"oneTimePassword"|downloadLink|connectAndJoinUrl/);
    const kind = /^(booking|meeting)-/.test(file) ? 'BOOKING' : file.startsWith('ooo-') ? 'TIME_OFF' : 'IGNORED';
    expect(reading.meaning.kind).toBe(file === 'template-broken.json' ? 'INVALID' : kind);
  });
});

test('time off names whose it is and when, and neither why nor who stands in', () => {
  const reading = read(sample('ooo-created'));
  expect(addressOf(sample('ooo-created'))).toMatchObject({ bookingUid: null, hostCalcomId: 41, hostEmail: 'amara.osei@lakeside.example' });
  expect(reading.meaning).toEqual({
    kind: 'TIME_OFF',
    timeOff: {
      upstreamUid: '5b0a7f0a-7a0d-4e0f-9a43-3b4d9c0b7f21',
      startsAt: Date.parse('2026-09-28T05:00:00Z'),
      endsAt: Date.parse('2026-10-03T04:59:59Z'),
      upstreamAt: Date.parse('2026-09-15T12:10:10.300Z'),
      host: { calcomUserId: 41, email: 'amara.osei@lakeside.example' },
    },
  });
});

test('a direct booking says everything, without guests among the attendees and without the video link among our metadata', () => {
  const [seen, ...others] = bookingOf(delivered('002-')).observations;
  expect(others).toEqual([]);
  expect(seen).toMatchObject({
    source: 'WEBHOOK',
    observedAt: RECEIVED,
    upstreamAt: Date.parse('2026-11-22T17:08:26.729Z'),
    status: 'CONFIRMED',
    startsAt: Date.parse('2026-12-07T09:00:00Z'),
    endsAt: Date.parse('2026-12-07T09:30:00Z'),
    metadata: { source: 'gateway', n: '1' },
    reason: 'hello',
    hosts: [{ calcomUserId: 1, email: 'olga@example.com', timeZone: 'Europe/Amsterdam' }],
    attendees: [{ name: 'Ann Guest', email: 'ann@example.com', timeZone: 'America/New_York', locale: 'en', seatUid: null }],
    guests: ['guest@example.com'],
    seated: false,
  });
  expect(bookingOf(sample('booking-created')).observations[0]?.metadata).toEqual({ patientRef: 'pt_7Q2', appointmentId: 'apt_0f31' });
});

test('the reason is the notes, else the field that speaks of a reason', () => {
  expect(bookingOf(sample('booking-created')).observations[0]?.reason).toBe('Follow-up on blood pressure readings');
});

test('our request id is found, and the host by id and e-mail', () => {
  const body = changed(sample('booking-created'), { metadata: { fintanRequestId: 'r-1' } });
  expect(addressOf(body)).toMatchObject({ requestId: 'r-1', hostCalcomId: 41, hostEmail: 'amara.osei@lakeside.example' });
});

test('a booking created by approval leaves what it has lost unsaid', () => {
  const [seen] = bookingOf(sample('booking-created.after-confirm')).observations;
  expect(seen).toMatchObject({ status: 'CONFIRMED', startsAt: Date.parse('2026-09-16T14:00:00Z') });
  for (const lost of ['metadata', 'reason', 'description', 'location', 'icsUid', 'rescheduledFromUid'] as const)
    expect(seen?.[lost]).toBeUndefined();
});

test('one occurrence of a series asks for the whole series', () => {
  const meaning = bookingOf(sample('booking-created.recurring'));
  expect(meaning.refetchSeriesOf).toBe('rN4xWbK7jVe1ZmHqLt6yCs');
  expect(meaning.observations[0]?.seriesId).toBeUndefined();
});

test('a seat says only its own person, nothing that names another, and asks for the booking', () => {
  const meaning = bookingOf(delivered('027-'));
  expect(meaning.refetch).toEqual(['tctGhty2RX1cEPX3ZZXQ8j']);
  const [seen] = meaning.observations;
  expect(seen).toMatchObject({
    seated: true,
    status: 'CONFIRMED',
    attendees: [{ seatUid: '5c322fd9-6b26-40dd-8eb3-e76bfedcb17d', name: 'Seat Two' }],
  });
  for (const shared of ['title', 'description', 'reason', 'metadata', 'icsUid'] as const) expect(seen?.[shared]).toBeUndefined();
});

test('a request is requested, and as a reschedule it ends the earlier booking', () => {
  expect(bookingOf(sample('booking-requested')).observations).toMatchObject([{ status: 'REQUESTED' }]);
  expect(bookingOf(sample('booking-requested.reschedule')).observations).toMatchObject([
    { uid: 'yQ3cMnP8kSd6VxJtWa1zHb', status: 'REQUESTED', rescheduledFromUid: 'pW5nYrG1bLh7XqCtSe3oKj' },
    { uid: 'pW5nYrG1bLh7XqCtSe3oKj', status: 'MOVED', rescheduledToUid: 'yQ3cMnP8kSd6VxJtWa1zHb' },
  ]);
});

test('a reschedule names both bookings and the old time', () => {
  expect(bookingOf(sample('booking-rescheduled')).observations).toMatchObject([
    { uid: 'mTq8HcF4gJx2WzPvKd6sUi', status: 'CONFIRMED', bookingId: 9044, rescheduledFromUid: 'kBd3QmX7pZs9VtLwRn2aYe' },
    {
      uid: 'kBd3QmX7pZs9VtLwRn2aYe',
      status: 'MOVED',
      bookingId: 9001,
      rescheduledToUid: 'mTq8HcF4gJx2WzPvKd6sUi',
      startsAt: Date.parse('2026-09-14T15:00:00Z'),
    },
  ]);
});

test('a seat that moves moves no booking: both are read, the seat uid is not taken for one', () => {
  const seatUid = '3be561a9-31f1-4b8e-aefc-9d9a085f0dd1';
  const group = changed(sample('booking-rescheduled'), { seatsPerTimeSlot: 12, attendeeSeatId: seatUid });
  expect(bookingOf(group)).toMatchObject({ observations: [], refetch: ['mTq8HcF4gJx2WzPvKd6sUi', 'kBd3QmX7pZs9VtLwRn2aYe'] });
  const bySeat = changed(sample('booking-rescheduled'), { attendeeSeatId: seatUid, rescheduleUid: seatUid, rescheduleId: undefined });
  expect(bookingOf(bySeat)).toMatchObject({ observations: [], refetch: ['mTq8HcF4gJx2WzPvKd6sUi'] });
});

test('a cancellation ends the booking and gives the reason', () => {
  const meaning = bookingOf(sample('booking-cancelled'));
  expect(meaning).toMatchObject({ refetch: [], refetchSeriesOf: null });
  expect(meaning.observations).toMatchObject([
    { status: 'CANCELLED', cancellationReason: 'Patient feels better', startsAt: Date.parse('2026-09-14T19:00:00Z') },
  ]);
  expect(meaning.observations[0]?.metadata).toBeUndefined();
});

test('the length of a booking is the time from its start to its end', () => {
  const [seen] = bookingOf(delivered('035-')).observations;
  expect(((seen?.endsAt ?? 0) - (seen?.startsAt ?? 0)) / 60_000).toBe(60);
});

test('a request to reschedule is a cancellation, although it has no status and its organizer no id', () => {
  const meaning = bookingOf(sample('booking-cancelled.request-reschedule'));
  expect(meaning.observations).toMatchObject([{ status: 'CANCELLED', cancellationReason: 'Please reschedule. Clinic closed that day' }]);
  expect(meaning.observations[0]?.hosts).toBeUndefined();
  expect(meaning.refetch).toEqual(['mTq8HcF4gJx2WzPvKd6sUi']);
});

test('a cancellation with seats is never believed, and one of a series asks for the series', () => {
  expect(bookingOf(sample('booking-cancelled.seat'))).toMatchObject({ observations: [], refetch: ['sJ6vDkA9fMz4RwBnTp8eGx'] });
  expect(bookingOf(delivered('065-')).observations).toEqual([]);
  expect(bookingOf(sample('booking-cancelled.recurring-all')).refetchSeriesOf).toBe('aF9tGkR2wQe7LzXbNs5mVc');
});

test('a rejection declines with its reason, whatever the labels are', () => {
  for (const name of ['booking-rejected', 'booking-rejected.plain-labels'])
    expect(bookingOf(sample(name)).observations).toMatchObject([
      { status: 'DECLINED', rejectionReason: 'Please book with our paediatric team instead.' },
    ]);
});

test('a payment that has begun is a request in spite of its status; a paid one is read', () => {
  expect(bookingOf(sample('booking-payment-initiated')).observations).toMatchObject([{ status: 'REQUESTED', payment: 'PENDING' }]);
  const paid = bookingOf(sample('booking-paid'));
  expect(paid.observations[0]).toMatchObject({ payment: 'PAID' });
  expect(paid.observations[0]?.status).toBeUndefined();
  expect(paid.refetch).toEqual(['dL7wZpT3xBq9HmKvRc5nYs']);
});

test('a no-show says who was absent and nothing else', () => {
  expect(bookingOf(sample('booking-no-show-updated')).observations).toEqual([
    {
      source: 'WEBHOOK',
      uid: 'kBd3QmX7pZs9VtLwRn2aYe',
      observedAt: RECEIVED,
      upstreamAt: Date.parse('2026-09-14T15:20:10.001Z'),
      absences: [{ email: 'jonah.reyes@example.com', absent: true }],
    },
  ]);
});

test.each(['meeting-started.legacy', 'meeting-started.legacy-after-confirm', 'meeting-ended.legacy', 'meeting-ended.enveloped'])(
  '%s is a snapshot: only that the meeting was due is taken from it',
  (name) => {
    const [seen] = bookingOf(sample(name)).observations;
    const said = Object.keys(seen ?? {}).filter((key) => !['source', 'uid', 'observedAt', 'upstreamAt'].includes(key));
    expect(said).toEqual([name.includes('started') ? 'meetingStartedAt' : 'meetingEndedAt']);
    expect(addressOf(sample(name)).sentAt === null).toBe(!name.includes('enveloped'));
  },
);

test('a status of a later release is not guessed: the booking is read', () => {
  const meaning = bookingOf(changed(sample('booking-created'), { status: 'HALF_ACCEPTED' }));
  expect(meaning.observations[0]?.status).toBeUndefined();
  expect(meaning.refetch).toEqual(['kBd3QmX7pZs9VtLwRn2aYe']);
});

test('an unknown trigger is ignored and still addressed', () => {
  const body = { ...sample('booking-created'), triggerEvent: 'BOOKING_REASSIGNED' };
  expect(read(body).meaning).toEqual({ kind: 'IGNORED', reason: 'UNKNOWN_TRIGGER' });
  expect(addressOf(body).bookingUid).toBe('kBd3QmX7pZs9VtLwRn2aYe');
});

test('a known trigger without what a booking needs is invalid, and the problem shows no value', () => {
  const { meaning } = read(changed(sample('booking-created'), { startTime: 'soon, says jonah.reyes@example.com', uid: undefined }));
  expect(meaning).toEqual({ kind: 'INVALID', problem: 'uid: invalid_type, startTime: invalid_format' });
});

test.each([
  [null],
  [false],
  [7],
  ['text'],
  [[]],
  [{}],
  [{ triggerEvent: 3 }],
  [{ triggerEvent: 'BOOKING_CREATED' }],
  [{ triggerEvent: 'BOOKING_PAID', payload: null }],
])('%j is invalid and does not throw', (json) => expect(read(json).meaning.kind).toBe('INVALID'));
