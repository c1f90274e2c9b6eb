/**
 * The read-only part of the recordings against a real Cal.com:
 * `CALCOM_API_URL=https://… CALCOM_API_KEY=cal_… npm run test:conformance`.
 * What is skipped there is printed with its reason. Without those variables the sandbox stands in, over a socket, so that
 * this way of asking is itself tested.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { OLGA } from '../../sandbox/testing.ts';
import { isRecord } from './id-map.ts';
import { loadRecordings, type Recording } from './recordings.ts';
import { adapted, type Instance, reasonToSkip } from './safe-subset.ts';
import { shapeDifferences } from './shape.ts';

let origin = process.env['CALCOM_API_URL']?.replace(/\/$/, '') ?? '';
let apiKey = process.env['CALCOM_API_KEY'] ?? '';
const configured = origin !== '' && apiKey !== '';

let standIn: Sandbox | null = null;
beforeAll(async () => {
  if (configured) return;
  process.stdout.write(
    'conformance: no real instance is asked, the sandbox stands in; set CALCOM_API_URL and CALCOM_API_KEY to compare one.\n',
  );
  standIn = createSandbox({ seed: 'recorded', rateLimit: false });
  origin = (await standIn.listen(0)).url;
  apiKey = OLGA;
});
afterAll(() => standIn?.close());

test('an instance answers in the recorded form', { timeout: 300_000 }, async () => {
  const instance = await describeInstance();
  const recordings = loadRecordings();
  const skipped: string[] = [];
  const wrong: Record<string, string[]> = {};
  for (const recording of recordings) {
    const reason = reasonToSkip(recording, instance);
    if (reason !== undefined) skipped.push(`  ${recording.name}: ${reason}`);
    else {
      const found = await ask(recording, instance);
      if (found.length > 0) wrong[recording.name] = found;
    }
  }
  const count = recordings.length - skipped.length;
  process.stdout.write(`conformance: ${count} of ${recordings.length} recordings asked of the instance; skipped:\n${skipped.join('\n')}\n`);
  expect(wrong).toEqual({});
});

async function ask(recording: Recording, instance: Instance): Promise<string[]> {
  const { path, headers } = adapted(recording, instance);
  const response = await fetch(`${origin}${path}`, { headers });
  const body: unknown = await response.json();
  const wanted = recording.response.status;
  if (response.status !== wanted) return [`status: ${wanted} became ${response.status}`];
  return shapeDifferences(recording.response.body, body);
}

/** Asks the instance who the key belongs to and which event type may stand for the recorded one. */
async function describeInstance(): Promise<Instance> {
  const headers = { authorization: `Bearer ${apiKey}`, 'cal-api-version': '2024-06-14' };
  const me = await dataOf(await fetch(`${origin}/v2/me`, { headers }));
  const username = isRecord(me) && typeof me['username'] === 'string' ? me['username'] : undefined;
  if (username === undefined) throw new Error('CALCOM_API_KEY is not accepted by CALCOM_API_URL: GET /v2/me names no user.');
  const list = await dataOf(await fetch(`${origin}/v2/event-types?username=${encodeURIComponent(username)}`, { headers }));
  const plain = (item: unknown): boolean =>
    isRecord(item) && isRecord(item['seats']) && item['seats']['disabled'] === true && item['recurrence'] === null;
  const own: unknown = Array.isArray(list) ? list.find(plain) : undefined;
  return {
    apiKey,
    username,
    eventTypeId: isRecord(own) && typeof own['id'] === 'number' ? own['id'] : undefined,
    eventTypeSlug: isRecord(own) && typeof own['slug'] === 'string' ? own['slug'] : undefined,
  };
}

async function dataOf(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return isRecord(body) ? body['data'] : undefined;
}
