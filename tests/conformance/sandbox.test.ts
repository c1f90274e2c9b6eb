/** Every recording of the real server, replayed in order against the sandbox with the same users, event types and clock. */
import { createHmac } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createSandbox, type Delivery, type Sandbox, type SandboxAnswer, seededRandom } from '../../sandbox/sandbox.ts';
import { differences, settleTies } from './compare.ts';
import { createIdMap, isRecord } from './id-map.ts';
import { NOT_COMPARED_DELIVERIES, NOT_REPLAYED } from './not-replayed.ts';
import { loadDeliveries, loadRecordings, type Recording } from './recordings.ts';

const recordings = loadRecordings();
const recordedDeliveries = loadDeliveries();
const ids = createIdMap();
const replayed = new Set<string>();
const compared = new Set<number>();

let now = 0;
let caught: Delivery[] = [];
const sandbox: Sandbox = createSandbox({
  seed: 'recorded',
  // Webhooks are listed by uuid: a seed under which ours sort as the recorded ones did (053, 054).
  random: seededRandom(4),
  now: () => now,
  deliver: async (delivery) => {
    caught.push(delivery);
    const path = new URL(delivery.url).pathname;
    if (path === '/drop') throw new Error('socket hang up');
    return path === '/fail' ? 500 : 200;
  },
});

/** Calls that happened between two recordings without one of their own; their traces are in the later ones. */
const BEFORE: Record<string, () => Promise<string[]>> = {
  '225-event-type-create-window': async () => [
    ...(await race(66, '2026-12-17T09:00:00Z', 5, (index) => ({ name: `Race ${index}`, email: `race${index}@example.com` }))),
    ...(await race(67, '2026-12-17T10:00:00Z', 3, () => ({ name: 'Twin', email: 'twin@example.com' }))),
  ],
  '242-absent-host': async () => {
    const uid = ids.translate('m1oXij3fNzMLT8URe7xdhd');
    caught = [];
    await sandbox.control.meeting({ uid, which: 'ENDED' });
    const found = deliveryDifferences(75, caught[0]);
    await sandbox.control.silentMove({ uid, start: '2026-10-23T09:00:00Z' });
    return found;
  },
};

describe('the sandbox answers as the real server did', () => {
  test.for(recordings.filter(({ name }) => NOT_REPLAYED[name] === undefined))('$name', async (recording) => {
    now = Date.parse(recording.recordedAt) - recording.response.durationMs;
    expect((await BEFORE[recording.name]?.()) ?? []).toEqual([]);
    expect(await replay(recording)).toEqual([]);
  });
});

describe('nothing recorded is left out silently', () => {
  test('a booking made after the last recording is told as it was then', async () => {
    now = Date.parse('2026-11-22T17:17:15.000Z');
    caught = [];
    await book('2027-01-05T09:00:00Z', { name: 'Meet 2', email: 'meet2@example.com' }, { k: 'v' });
    expect(deliveryDifferences(87, caught[0])).toEqual([]);
  });

  test('each recording was replayed or is listed with its reason', () => {
    const left = recordings.filter(({ name }) => !replayed.has(name) && (NOT_REPLAYED[name] ?? '') === '');
    expect(left.map(({ name }) => name)).toEqual([]);
  });

  test('each recorded delivery was compared or is listed with its reason', () => {
    const left = [...recordedDeliveries.values()].filter(({ n, file }) => !compared.has(n) && (NOT_COMPARED_DELIVERIES[file] ?? '') === '');
    expect(left.map(({ file }) => file)).toEqual([]);
  });
});

afterAll(async () => {
  const lines = Object.entries({ ...NOT_REPLAYED, ...NOT_COMPARED_DELIVERIES }).map(([name, reason]) => `  ${name}: ${reason}`);
  process.stdout.write(
    `conformance: ${replayed.size} of ${recordings.length} recordings and ${compared.size} of ${recordedDeliveries.size} deliveries replayed; left out:\n${lines.join('\n')}\n`,
  );
  await sandbox.close();
});

/** What differs between the recorded and the sandbox's answer, headers and webhooks included. */
async function replay(recording: Recording): Promise<string[]> {
  const { request, response } = recording;
  caught = [];
  const actual = await sandbox.request(request.method, ids.translate(request.path), {
    headers: request.headers,
    body: ids.translate(request.body),
  });
  const delivered = caught;
  replayed.add(recording.name);
  if (actual.status !== response.status) return [`status: ${response.status} became ${actual.status} ${JSON.stringify(actual.body)}`];
  ids.learn(response.body, actual.body);
  return [
    ...differences(settleTies(ids.translate(response.body)), settleTies(actual.body)),
    ...differences(comparableHeaders(response.headers), comparableHeaders(actual.headers), 'headers'),
    ...deliveriesDifferences(recording.webhookDeliveries ?? [], delivered, recording.webhookDeliveries !== undefined),
  ];
}

/** Which headers there are, and those whose value is a rule. */
const comparableHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, ['content-type', 'x-ratelimit-limit-default'].includes(name) ? value : 'any']),
  );

/** Subscribers are told in any order: matched by address, trigger and secret. */
function deliveriesDifferences(recorded: NonNullable<Recording['webhookDeliveries']>, delivered: Delivery[], all: boolean): string[] {
  const left = [...delivered];
  const found = recorded.flatMap(({ n, url, triggerEvent }) => {
    const index = left.findIndex(
      (delivery) =>
        new URL(delivery.url).pathname === url &&
        (triggerEvent === undefined || delivery.triggerEvent === triggerEvent) &&
        secretOf(recordedDeliveries.get(n)) === secretOf({ rawBody: delivery.body, headers: lowerCase(delivery.headers) }),
    );
    if (index === -1) return [`delivery ${n}: no ${triggerEvent ?? 'template'} to ${url}`];
    return deliveryDifferences(n, left.splice(index, 1)[0]);
  });
  return [...found, ...(all ? left.map((delivery) => `delivery of ${delivery.triggerEvent} to ${delivery.url}: added`) : [])];
}

function deliveryDifferences(n: number, actual: Delivery | undefined): string[] {
  const recorded = recordedDeliveries.get(n);
  if (!recorded || !actual) return [`delivery ${n}: not recorded or not sent`];
  const wanted: unknown = JSON.parse(recorded.rawBody);
  const body: unknown = JSON.parse(actual.body);
  ids.learn(wanted, body);
  compared.add(n);
  return [
    ...differences(ids.translate(wanted), body, `delivery ${n}`),
    ...differences(keyOrder(wanted), keyOrder(body), `delivery ${n}, order of keys`),
    ...differences(recorded.headers['content-type'], actual.headers['Content-Type'], `delivery ${n}, content type`),
  ];
}

/** The recorded secret that signed it; for an unsigned one the literal in the header. */
function secretOf(delivery: { headers: Record<string, string>; rawBody: string } | undefined): string | undefined {
  const signature = delivery?.headers['x-cal-signature-256'];
  const signedWith = (secret: string): boolean =>
    createHmac('sha256', secret)
      .update(delivery?.rawBody ?? '')
      .digest('hex') === signature;
  return ['whsec-test', 'other-secret'].find(signedWith) ?? signature;
}

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Keys of the body and of its payload, in the order of the wire. */
const keyOrder = (body: unknown): string[][] =>
  isRecord(body) ? [Object.keys(body), ...(isRecord(body['payload']) ? [Object.keys(body['payload'])] : [])] : [];

/** Several at once for one slot: one wins, the others get 409 and use up an id each. */
async function race(
  n: number,
  start: string,
  count: number,
  person: (index: number) => { name: string; email: string },
): Promise<string[]> {
  caught = [];
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => book(start, person(index))));
  const lost = answers.filter((answer) => answer.status === 409);
  return [
    ...differences(count - 1, lost.length, 'losers of the race'),
    ...differences({ statusCode: 409, message: 'booking_conflict_error' }, lost[0]?.body, 'answer to a loser'),
    ...deliveryDifferences(n, caught[0]),
  ];
}

function book(start: string, person: { name: string; email: string }, metadata: Record<string, string> = {}): Promise<SandboxAnswer> {
  return sandbox.request('POST', '/v2/bookings', {
    headers: { 'cal-api-version': '2024-08-13' },
    body: { start, eventTypeId: 1, attendee: { ...person, timeZone: 'America/New_York', language: 'en' }, metadata },
  });
}
