/** `GET /metrics`: for whom, of what, and of whom not. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../server/config.ts';
import type { ChangeRow } from '../../server/live/change-log.ts';
import { createMeasures } from '../../server/telemetry/measures.ts';
import { ANNA, type ConnectionClinic, createConnectionClinic, MIA } from '../support/connection-clinic.ts';

const TOKEN = 'a-token-of-the-test-for-metrics';

let clinic: ConnectionClinic;
let url: string;

beforeAll(async () => {
  clinic = await createConnectionClinic({ env: { METRICS_TOKEN: TOKEN } });
  url = clinic.gateways[0]?.url ?? '';
  expect(await clinic.connect(ANNA, 'anna-de-vries')).toBe('connected');
});
afterAll(() => clinic.close());

const scrape = (authorization?: string): Promise<Response> =>
  fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } });

/** Samples by their name and labels. */
async function figures(): Promise<Map<string, number>> {
  const response = await scrape(`Bearer ${TOKEN}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

async function send(body: string, secret = 'a secret of the test'): Promise<number> {
  const response = await fetch(`${url}/api/calcom/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-cal-signature-256': createHmac('sha256', secret).update(body).digest('hex') },
    body,
  });
  return response.status;
}

test('only who sends the token reads them', async () => {
  expect((await scrape()).status).toBe(401);
  expect((await scrape('Bearer of bad news, as long as it is')).status).toBe(401);
  expect((await scrape(`Basic ${TOKEN}`)).status).toBe(401);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
});

test('webhooks are counted by how they were answered and what became of them', async () => {
  const before = await figures();
  const count = (after: Map<string, number>, name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  expect(await send(JSON.stringify({ triggerEvent: 'FORM_SUBMITTED', createdAt: '2026-11-23T08:00:00Z', payload: {} }))).toBe(200);
  expect(await send('not json')).toBe(200);
  expect(await send('{}', 'another secret')).toBe(401);
  await clinic.core.applier.idle();
  const after = await figures();
  expect(count(after, 'fintan_webhooks_answered_total{answer="recorded"}')).toBe(2);
  expect(count(after, 'fintan_webhooks_answered_total{answer="refused"}')).toBe(1);
  expect(count(after, 'fintan_webhooks_settled_total{outcome="IGNORED"}')).toBe(1);
  expect(count(after, 'fintan_webhooks_settled_total{outcome="DEAD"}')).toBe(1);
  expect(after.get('fintan_inbox_unprocessed{state="dead"}')).toBe(1);
});

test('calls of Cal.com are counted by operation and status, with what is left of the budget', async () => {
  const after = await figures();
  expect(after.get('fintan_calcom_calls_total{call="me",outcome="ok"}')).toBeGreaterThan(0);
  expect(after.get('fintan_calcom_call_seconds_count{call="me"}')).toBe(after.get('fintan_calcom_calls_total{call="me",outcome="ok"}'));
  expect(after.get('fintan_calcom_breaker_open')).toBe(0);
});

test('everything that is promised is there', async () => {
  const names = new Set([...(await figures()).keys()].map((name) => name.replace(/\{.*$/, '')));
  for (const name of [
    'fintan_streams',
    'fintan_stream_backlog',
    'fintan_stream_groups',
    'fintan_resyncs_total',
    'fintan_sockets',
    'fintan_socket_results_total',
    'fintan_tail_lag_seconds',
    'fintan_inbox_oldest_seconds',
    'fintan_clinicians_not_proven',
    'fintan_database_connections',
    'fintan_webhook_to_publish_seconds_count',
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
  ])
    expect(names, name).toContain(name);
});

test('nobody is named, and nothing that leads to somebody', async () => {
  const text = [...(await figures()).keys()].join('\n').toLowerCase();
  for (const secret of [ANNA, MIA, 'anna', 'mia', '@', 'cal_', 'bearer', TOKEN]) expect(text).not.toContain(secret);
});

test('a token that could be guessed is refused at the start', () => {
  const parsed = parseConfig(
    { METRICS_TOKEN: 'short' },
    { webhookSecret: 'x', jwtSecret: 'y'.repeat(32), dataKeys: `k1:${Buffer.alloc(32).toString('base64')}` },
    (path) => path,
  );
  expect(parsed.ok ? [] : parsed.failure).toEqual(['METRICS_TOKEN must have 16 to 512 characters without spaces: openssl rand -hex 24']);
});

test('the way of a change is measured in its parts and as a whole; of a change that was made here, only its own', async () => {
  const measures = createMeasures();
  const at = (ms: number) => new Date(1_700_000_000_000 + ms);
  const change = (times: Partial<ChangeRow>) => ({ receivedAt: null, recordedAt: null, appliedAt: at(40), ...times }) as ChangeRow;
  measures.published([change({ receivedAt: at(0), recordedAt: at(15) }), change({})], at(50));
  const text = await measures.registry.metrics();
  expect(text).toContain('fintan_webhook_to_publish_seconds_sum 0.05\n');
  expect(text).toContain('fintan_stage_seconds_sum{stage="record"} 0.015\n');
  expect(text).toContain('fintan_stage_seconds_sum{stage="apply"} 0.025\n');
  expect(text).toContain('fintan_stage_seconds_count{stage="publish"} 2\n');
});
