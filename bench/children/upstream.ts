/** The sandbox Cal.com as the upstream of a benchmark: as slow as it is told to be, away when it is told to, and counting. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox } from '../../sandbox/sandbox.ts';
import { announce } from '../child.ts';

/** `POST /_bench` sets them; `GET /_bench` answers with them and the number of slot questions so far. */
const state = { delayMs: 0, mode: 'up' as 'up' | 'down' | 'silent', slotCalls: 0 };
const sandbox = createSandbox({ seed: 'clinic', timetable: false, rateLimit: false, deliver: async () => 200 });

const server = http.createServer((request, response) => void serve(request, response));
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
server.keepAliveTimeout = 60_000;

async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const url = request.url ?? '/';
  if (url === '/_bench') {
    if (request.method === 'POST') Object.assign(state, JSON.parse(body));
    response.end(JSON.stringify(state));
    return;
  }
  const isSlots = url.startsWith('/v2/slots?');
  if (isSlots) state.slotCalls += 1;
  if (state.mode === 'down') return void request.socket.destroy();
  if (state.mode === 'silent') return;
  if (isSlots && state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs));
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const answer = await sandbox.request(request.method ?? 'GET', url, { headers, body });
  response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
}
