/** The gateway's schemas against every recorded answer of a real Cal.com: nothing it was seen to say is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describe, expect, test } from 'vitest';
import { failureFromAnswer, type CalcomFailureKind } from '../../server/calcom/errors.ts';
import { observationFromApi } from '../../server/calcom/rest-booking.ts';
import * as contract from '../../server/calcom/rest-contract.ts';

const FOLDER = join(import.meta.dirname, '../payloads/recordings');

interface Recording {
  name: string;
  request: { method: string; path: string; headers: Record<string, string> };
  response: { status: number; body: unknown };
}

const recordings = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Recording);

/** Resources that the gateway does not use, and requests without the version it always sends. */
function isOurs({ request }: Recording): boolean {
  const path = request.path.split('?')[0] ?? '';
  if (path.startsWith('/v2/schedules') || path.startsWith('/api/v2') || /^\/v2\/event-types\/\d+\/webhooks/.test(path)) return false;
  if (request.method !== 'GET' && path.startsWith('/v2/event-types')) return false;
  const version = request.headers['cal-api-version'];
  if (path.startsWith('/v2/bookings')) return version === contract.API_VERSION.bookings;
  if (path.startsWith('/v2/slots')) return version === contract.API_VERSION.slots;
  if (path.startsWith('/v2/event-types')) return version === contract.API_VERSION.eventTypes;
  return true;
}

const bookingOrSeries = z.union([z.array(contract.booking), contract.booking]);

/** Which schema the client reads this answer with. */
function schemaOf({ request }: Recording): z.ZodType | null {
  const path = request.path.split('?')[0] ?? '';
  const call = `${request.method} ${path}`;
  if (call === 'GET /v2/me') return contract.me;
  if (call === 'GET /v2/event-types') return z.array(contract.eventType);
  if (/^GET \/v2\/event-types\/\w+$/.test(call)) return contract.eventType;
  if (call === 'GET /v2/slots') return contract.slotDays;
  if (/^(GET|POST|PATCH) \/v2\/slots\/reservations/.test(call)) return contract.reservation;
  if (call.startsWith('DELETE ')) return z.unknown();
  if (call === 'GET /v2/bookings') return z.array(contract.booking);
  if (/^(GET|POST) \/v2\/bookings/.test(call)) return bookingOrSeries;
  if (call === 'GET /v2/webhooks') return z.array(contract.webhook);
  if (/^(GET|POST|PATCH) \/v2\/webhooks/.test(call)) return contract.webhook;
  return null;
}

const ours = recordings.filter(isOurs);
const succeeded = ours.filter(({ response }) => response.status < 300);
const failed = recordings.filter(({ response }) => response.status >= 400);

test('there is something to hold the schemas against', () => {
  expect(succeeded.length).toBeGreaterThan(100);
  expect(failed.length).toBeGreaterThan(50);
});

describe('a successful answer is read by the schema of its call', () => {
  test.each(succeeded.map((recording) => [recording.name, recording] as const))('%s', (_name, recording) => {
    const schema = schemaOf(recording);
    if (schema === null) throw new Error(`No schema reads ${recording.request.method} ${recording.request.path}.`);
    const envelope = contract.success.parse(recording.response.body);
    const read = schema.safeParse(envelope.data);
    expect(read.error?.issues ?? []).toEqual([]);
  });
});

test('every recorded booking becomes an observation with the fields that an appointment needs', () => {
  const bookings = succeeded
    .filter(({ request }) => request.path.startsWith('/v2/bookings'))
    .flatMap(({ response }) => {
      const { data } = contract.success.parse(response.body);
      return z.array(contract.booking).parse(Array.isArray(data) ? data : [data]);
    });
  expect(bookings.length).toBeGreaterThan(150);
  const lacking = bookings
    .map((booking) => observationFromApi(booking, 1))
    .filter(
      (seen) =>
        seen.status === undefined ||
        typeof seen.hosts?.[0]?.calcomUserId !== 'number' ||
        (seen.endsAt ?? 0) <= (seen.startsAt ?? 0) ||
        seen.attendees?.some((attendee) => attendee.name === '') !== false ||
        (seen.rescheduledToUid == null) !== (seen.status !== 'MOVED'),
    );
  expect(lacking).toEqual([]);
});

describe('a recorded failure says what to do', () => {
  const expected: Record<string, CalcomFailureKind> = {
    '003': 'Unauthorized',
    '004': 'Unauthorized',
    '016': 'NotFound',
    '062': 'SlotTaken',
    '063': 'SlotTaken',
    '066': 'SlotTaken',
    '067': 'InPast',
    '073': 'MissingField',
    '077': 'NotFound',
    '082': 'Unauthorized',
    '090': 'SeatsFull',
    '092': 'MissingField',
    '098': 'NotFound',
    '105': 'Forbidden',
    '121': 'SlotTaken',
    '122': 'OutcomeUnknown',
    '126': 'AlreadyRescheduled',
    '131': 'NotFound',
    '132': 'ReasonRequired',
    '133': 'AlreadyCancelled',
    '148': 'NotTheHost',
    '151': 'Refused',
    '212': 'AlreadyCancelled',
    '226': 'OutsideWindow',
    '236': 'SlotTaken',
  };
  test.each(failed.map((recording) => [recording.name, recording] as const))('%s', (name, { request, response }) => {
    const failure = failureFromAnswer(response.status, response.body, request.method !== 'GET', null);
    expect(failure.message).not.toBe('');
    expect(failure.message).not.toMatch(/[\w.+-]+@[\w-]+\.\w+|cal_[0-9a-f]{8}|\b(?=\w*\d)\w{20,}\b/);
    expect(failure.kind).toBe(expected[name.slice(0, 3)] ?? failure.kind);
  });

  test('the booking that replaced a moved one is named', () => {
    const recording = recordings.find(({ name }) => name.startsWith('126-'));
    const failure = failureFromAnswer(400, recording?.response.body, true, null);
    expect(failure.movedToUid).toMatch(/^\w{10,}$/);
    expect(failure.message).not.toContain(failure.movedToUid);
  });
});
