/**
 * A release of Cal.com that nobody has seen: every recorded booking and delivery with a field more, less, null or of
 * another type, at every place in it. Nothing throws, nothing is misread, and what is new is told.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BookingObservation } from '../../server/calcom/booking.ts';
import { oddWebhook } from '../../server/calcom/odd-webhook.ts';
import { readBooking } from '../../server/calcom/read-booking.ts';
import { readSlots } from '../../server/calcom/read-slots.ts';
import { API_VERSION } from '../../server/calcom/rest-contract.ts';
import { knownTriggers } from '../../server/calcom/webhook-contract.ts';
import { readWebhook } from '../../server/calcom/webhook-meaning.ts';

type Json = Record<string, unknown>;
const FOLDER = join(import.meta.dirname, '../payloads');
const load = (folder: string) =>
  readdirSync(join(FOLDER, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(FOLDER, folder, name), 'utf8')) as Json);

interface Recording {
  request: { path: string; headers: Record<string, string> };
  response: { status: number; body: { data?: unknown } };
}

const bookings = (load('recordings') as unknown as Recording[])
  .filter(({ request, response }) => request.path.startsWith('/v2/bookings') && response.status < 300)
  .filter(({ request }) => request.headers['cal-api-version'] === API_VERSION.bookings)
  .flatMap(({ response: { body } }) => (Array.isArray(body.data) ? body.data : [body.data]) as Json[])
  .filter((one) => typeof one['uid'] === 'string');

const deliveries = [
  ...load('recordings/webhooks').flatMap(({ rawBody }) => (typeof rawBody === 'string' ? [rawBody] : [])),
  ...load('webhooks').map((body) => JSON.stringify(body)),
].flatMap((body): Json[] => {
  try {
    const json: unknown = JSON.parse(body);
    return typeof json === 'object' && json !== null && 'triggerEvent' in json ? [json] : [];
  } catch {
    return [];
  }
});

const ODD: readonly unknown[] = [null, 42, 'a later word', true, [], {}, [null], { id: null }];

/** Every place in a value, outermost first. */
function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  const keys: (string | number)[] = Array.isArray(value) ? value.slice(0, 2).map((_one, index) => index) : Object.keys(value);
  return keys.flatMap((key) => [[...path, key], ...placesIn((value as Record<string | number, unknown>)[key], [...path, key])]);
}

/** A copy with another value at the place; undefined takes it away. */
function changed(value: Json, path: readonly (string | number)[], to: unknown): Json {
  const copy = structuredClone(value);
  let inner = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) inner = inner[key] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (to === undefined) delete inner[last];
  else inner[last] = to;
  return copy;
}

/** One of each kind is enough: the shape decides, not the person. */
function distinct(all: readonly Json[]): Json[] {
  const shape = (one: Json) => `${String(one['triggerEvent'])} ${String(one['status'])} ${placesIn(one).map(String).join(' ')}`;
  return [...new Map(all.map((one) => [shape(one), one])).values()];
}

test('there is something to change', () => {
  expect(distinct(bookings).length).toBeGreaterThan(15);
  expect(distinct(deliveries).length).toBeGreaterThan(40);
});

test('every recorded answer and delivery is read without a surprise', () => {
  const told = bookings.flatMap((one) => readBooking(one, 1).oddities);
  expect(told).toEqual([]);
  const known = deliveries.filter(({ triggerEvent }) => (knownTriggers as readonly unknown[]).includes(triggerEvent));
  expect(known.flatMap((json) => oddWebhook(json, readWebhook(json, 1)))).toEqual([]);
});

describe('an answer about a booking', () => {
  const NEEDED = new Set(['uid', 'start', 'end']);

  test('with anything odd, or nothing, at any place is read, apart from what it cannot be without', () => {
    const lost: string[] = [];
    for (const booking of distinct(bookings)) {
      for (const place of placesIn(booking)) {
        for (const odd of [undefined, ...ODD]) {
          const { observation, oddities } = readBooking(changed(booking, place, odd), 1);
          if (observation === null && (!NEEDED.has(String(place[0])) || oddities.length === 0))
            lost.push(`${place.join('.')} = ${JSON.stringify(odd)}`);
        }
      }
    }
    expect(lost).toEqual([]);
  });

  test('with an odd detail still says everything else as before', () => {
    for (const booking of distinct(bookings)) {
      const before = readBooking(booking, 1).observation;
      for (const field of ['title', 'hosts', 'createdAt', 'icsUid', 'location', 'rating']) {
        if (!(field in booking)) continue;
        const { observation, oddities } = readBooking({ ...booking, [field]: 42 }, 1);
        expect(rest(observation, field)).toEqual(rest(before, field));
        if (field !== 'rating') expect(oddities).toContainEqual({ kind: 'VALUE', subject: `booking.${field}` });
      }
    }
  });

  test('with null people leaves those known; it does not take them away', () => {
    for (const booking of distinct(bookings)) {
      const { observation } = readBooking({ ...booking, attendees: null, hosts: null }, 1);
      expect(observation).not.toHaveProperty('attendees');
      expect(observation).not.toHaveProperty('hosts');
      expect(observation).not.toHaveProperty('guests');
    }
  });

  test('with a status of a later release says no status, and tells', () => {
    for (const booking of distinct(bookings)) {
      const { observation, oddities } = readBooking({ ...booking, status: 'on_hold' }, 1);
      expect(observation?.status).toBeUndefined();
      expect(observation?.startsAt).toBe(Date.parse(String(booking['start'])));
      expect(oddities).toEqual([{ kind: 'STATUS', subject: 'on_hold' }]);
    }
  });

  test('with a new field says the same, and tells its name, never its value', () => {
    for (const booking of distinct(bookings)) {
      const { observation, oddities } = readBooking({ ...booking, insurance: { number: '123-45-678' } }, 1);
      expect(observation).toEqual(readBooking(booking, 1).observation);
      expect(oddities).toEqual([{ kind: 'FIELD', subject: 'booking.insurance' }]);
    }
  });

  test('whose new field is named by a person is told without the name', () => {
    const { oddities } = readBooking({ ...bookings[0], 'Ann <ann@example.com>': 1 }, 1);
    expect(oddities).toEqual([{ kind: 'FIELD', subject: '(unnameable)' }]);
  });
});

describe('a webhook', () => {
  test('with anything odd, or nothing, at any place is read, and what cannot be applied is said to be so', () => {
    const untold: string[] = [];
    // One of each trigger and set of fields: what is inside of them is looked at in each.
    const kinds = new Map(
      deliveries.map((one) => [
        `${String(one['triggerEvent'])} ${Object.keys((one['payload'] as Json | undefined) ?? one).join(' ')}`,
        one,
      ]),
    );
    for (const delivery of kinds.values()) {
      for (const place of placesIn(delivery).filter(({ length }) => length <= 3)) {
        for (const odd of place.length <= 2 ? [undefined, ...ODD] : [undefined, null, {}]) {
          const json = changed(delivery, place, odd);
          const reading = readWebhook(json, 1);
          const told = oddWebhook(json, reading);
          if (reading.meaning.kind === 'INVALID' && !told.some(({ kind }) => kind === 'UNREADABLE')) untold.push(place.join('.'));
        }
      }
    }
    expect(untold).toEqual([]);
  });

  test('with a trigger of a later release is ignored, and told', () => {
    for (const delivery of distinct(deliveries)) {
      const json = { ...delivery, triggerEvent: 'BOOKING_TELEPORTED' };
      const reading = readWebhook(json, 1);
      expect(reading.meaning).toEqual({ kind: 'IGNORED', reason: 'UNKNOWN_TRIGGER' });
      expect(oddWebhook(json, reading)).toEqual([{ kind: 'TRIGGER', subject: 'BOOKING_TELEPORTED' }]);
    }
  });

  test('with a status of a later release asks the API, and tells', () => {
    const created = deliveries.filter(({ triggerEvent, payload }) => triggerEvent === 'BOOKING_CREATED' && !isSeated(payload as Json));
    for (const delivery of distinct(created)) {
      const json = { ...delivery, payload: { ...(delivery['payload'] as Json), status: 'ON_HOLD' } };
      const reading = readWebhook(json, 1);
      expect(reading.meaning).toMatchObject({ kind: 'BOOKING', refetch: [(delivery['payload'] as Json)['uid']] });
      expect(oddWebhook(json, reading)).toEqual([{ kind: 'STATUS', subject: 'ON_HOLD' }]);
    }
  });

  test('that is no JSON object at all is told as unreadable', () => {
    for (const json of ['text', 7, null, [], {}]) {
      expect(oddWebhook(json, readWebhook(json, 1))).toEqual([{ kind: 'UNREADABLE', subject: 'webhook' }]);
    }
  });
});

describe('an answer about slots', () => {
  const slot = { start: '2026-12-07T09:00:00.000Z' };

  test('with an odd slot among them has the others', () => {
    const read = readSlots({ '2026-12-07': [slot, { begin: 1 }, null], '2026-12-08': null });
    expect(read?.slots).toEqual([{ startsAt: Date.parse(slot.start), seatsRemaining: null }]);
    expect(read?.oddities).toEqual([{ kind: 'UNREADABLE', subject: 'slots[]' }]);
  });

  test('of which nothing can be read is a failure, never an empty list', () => {
    expect(readSlots({ '2026-12-07': [{ begin: 1 }] })).toBeNull();
    expect(readSlots(null)).toBeNull();
    expect(readSlots({})).toEqual({ slots: [], oddities: [] });
  });
});

/** The observation without what the field tells. */
function rest(observation: BookingObservation | null, field: string): unknown {
  const told: Record<string, keyof BookingObservation> = {
    title: 'title',
    hosts: 'hosts',
    createdAt: 'createdAt',
    icsUid: 'icsUid',
    location: 'location',
  };
  const key = told[field];
  const copy = { ...observation };
  if (key !== undefined) delete copy[key];
  return copy;
}

function isSeated(payload: Json): boolean {
  return payload['seatsPerTimeSlot'] !== undefined || payload['attendeeSeatId'] !== undefined;
}
