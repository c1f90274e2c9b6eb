import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../kernel/log.ts';
import type { Health } from './health.ts';
import { createSandboxProxy } from './sandbox-proxy.ts';
import { createHttpServer, type HttpServer } from './server.ts';
import { createStaticClient } from './static-client.ts';

const health: Health = {
  status: 'degraded',
  problems: ['Cal.com does not answer.'],
  database: { reachable: true, latencyMs: 1 },
  calcom: { reachable: false },
  reconnect: null,
  reconciliation: null,
  inbox: null,
  refused: { count: 0, lastMsAgo: null },
  live: null,
};
const received: Buffer[] = [];
let folder: string;
let sandbox: http.Server;
let server: HttpServer;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'fintan-static-'));
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<p>the app</p>');
  writeFileSync(path.join(folder, 'assets/main-a1b2c3d4.js'), 'let shown = 1;');
  writeFileSync(path.join(folder, '..', `${path.basename(folder)}-outside.txt`), 'not for the web');
  sandbox = http.createServer((request, response) => response.end(`${request.method} ${request.url}`));
  await new Promise<void>((resolve) => sandbox.listen(0, '127.0.0.1', resolve));
  server = createHttpServer(
    {
      graphql: (request, response) => {
        request.resume().on('end', () => response.end('graphql'));
      },
      webhooks: (rawBody) => {
        received.push(rawBody);
        if (rawBody.equals(Buffer.from('unstorable'))) return Promise.resolve({ status: 503, body: {} });
        return Promise.resolve({ status: 200, body: { received: true } });
      },
      health: () => Promise.resolve(health),
      metrics: null,
      calcomCallback: (_request, response) => {
        response.writeHead(404).end();
        return Promise.resolve();
      },
      client: createStaticClient(folder),
      sandbox: createSandboxProxy(`http://127.0.0.1:${(sandbox.address() as AddressInfo).port}`),
    },
    silentLog,
  );
  ({ url } = await server.listen('127.0.0.1', 0));
});

afterAll(async () => {
  await server.close();
  sandbox.close();
  sandbox.closeAllConnections();
  rmSync(folder, { recursive: true });
  rmSync(`${folder}-outside.txt`);
});

test('a webhook reaches the receiver as the bytes that were sent', async () => {
  const bytes = Buffer.from('{ "triggerEvent":"BOOKING_CREATED",\u00a0"x": "é" }\n');
  const response = await fetch(`${url}/api/calcom/webhooks`, { method: 'POST', body: bytes });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ received: true });
  expect(received.at(-1)?.equals(bytes)).toBe(true);
});

test('a webhook that could not be stored is told when to come again', async () => {
  const response = await fetch(`${url}/api/calcom/webhooks`, { method: 'POST', body: 'unstorable' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
});

test('an answer to a webhook is for a program: nosniff, never cached, and no headers for pages', async () => {
  const { headers } = await fetch(`${url}/api/calcom/webhooks?from=cal`, { method: 'POST', body: '{}' });
  expect([headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual(['nosniff', 'no-store']);
  expect(headers.get('content-security-policy')).toBeNull();
});

test('a webhook over 1 MiB is refused, announced or not', async () => {
  const body = Buffer.alloc(1024 * 1024 + 1, 'a');
  const before = received.length;
  expect((await fetch(`${url}/api/calcom/webhooks`, { method: 'POST', body })).status).toBe(413);
  const stream = new Blob([body]).stream();
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream, duplex: 'half' };
  expect((await fetch(`${url}/api/calcom/webhooks`, init)).status).toBe(413);
  expect((await fetch(`${url}/graphql`, { method: 'POST', body })).status).toBe(413);
  expect(received.length).toBe(before);
});

test('a wrong method is told the right one', async () => {
  const webhooks = await fetch(`${url}/api/calcom/webhooks`);
  expect([webhooks.status, webhooks.headers.get('allow')]).toEqual([405, 'POST']);
  const read = await fetch(`${url}/api/calcom/health`, { method: 'POST' });
  expect([read.status, read.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await fetch(`${url}/board`, { method: 'DELETE' })).status).toBe(405);
});

test('health is 200 whatever it says', async () => {
  const response = await fetch(`${url}/api/calcom/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(health);
});

test('a page of the app is index.html, asked for again each time', async () => {
  const response = await fetch(`${url}/board/today?day=2026-03-02`);
  expect(await response.text()).toBe('<p>the app</p>');
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self';");
  expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  const etag = response.headers.get('etag') ?? '';
  expect((await fetch(`${url}/`, { headers: { 'if-none-match': etag } })).status).toBe(304);
});

test('a file named by its content is cached for ever', async () => {
  const response = await fetch(`${url}/assets/main-a1b2c3d4.js`);
  expect(await response.text()).toBe('let shown = 1;');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
});

test('nothing outside the client folder is served', async () => {
  const outside = `${path.basename(folder)}-outside.txt`;
  for (const attempt of [`/../${outside}`, `/..%2f${outside}`, `/%2e%2e/${outside}`, `/assets/..%5c..%5c${outside}`, '/%00.txt', '/%zz']) {
    expect(await rawGet(attempt)).toMatch(/^HTTP\/1\.1 404 /);
  }
});

test('an unknown address of the API or of a file is 404, not the app', async () => {
  for (const address of ['/api/unknown', '/missing.js']) {
    const response = await fetch(`${url}${address}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: { code: 'NOT_FOUND', message: 'There is nothing at this address.' } });
  }
});

test('the sandbox is reached through localhost, and only from pages of the gateway', async () => {
  expect(await (await fetch(`${url}/sandbox/clock?x=1`, { method: 'PUT' })).text()).toBe('PUT /_control/clock?x=1');
  expect((await fetch(`${url}/sandbox/clock`, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403);
  expect(await rawGet('/sandbox/clock', 'rebound.example')).toMatch(/^HTTP\/1\.1 403 /);
});

/** A request as it stands, because fetch tidies paths and sets Host. */
async function rawGet(address: string, host = 'localhost'): Promise<string> {
  const { port } = new URL(url);
  return await new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(Number(port), '127.0.0.1', () =>
      socket.write(`GET ${address} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`),
    );
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(answer)).on('error', reject);
  });
}
