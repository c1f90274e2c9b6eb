/** A server that answers without an end, as a proxy gone wrong does: nobody keeps more of it than an answer can be long. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { fail } from '../kernel/result.ts';
import { createProbe } from './probe-transport.ts';
import { createTokenTransport } from './token-transport.ts';

const CHUNK = Buffer.alloc(64 * 1024, 'x');
const MEBIBYTE = 1024 * 1024;

let server: Server;
let url: string;
let sent: number;
let hungUp: Promise<void>;

beforeEach(async () => {
  sent = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  hungUp = promise;
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.on('close', resolve);
    const more = () => {
      for (let room = true; room && !response.destroyed; sent += CHUNK.length) room = response.write(CHUNK);
    };
    response.on('drain', more);
    more();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

// What lies in the buffers of two sockets comes on top of the limit.
test.each([
  ['tokens', 8 * MEBIBYTE, fail({ status: null, error: null }), () => createTokenTransport()({ method: 'POST', url, body: { form: {} } })],
  ['a look at the instance', 16 * MEBIBYTE, null, () => createProbe({ baseUrl: url, clock: systemClock })('/health')],
])('%s: hung up on, and no answer', async (_what, most, none, ask) => {
  const answer = await ask();
  await hungUp;
  expect(answer).toEqual(none);
  expect(sent).toBeLessThan(most);
});
