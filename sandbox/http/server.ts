/** The port: the API at `/v2`, the control page and its API at `/_control`. Loopback only, node:http only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { ControlFailure } from '../control/failure.ts';
import type { Faults } from '../control/faults.ts';
import { controlPage } from '../control/page.ts';
import type { Control } from '../sandbox.ts';
import { answerThroughFaults } from './faulty.ts';
import type { HandleRequest } from './handle.ts';

export interface Listening {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

export interface ServerOptions {
  port: number;
  api: HandleRequest;
  faults: Faults;
  control: Control;
  tick: () => Promise<void>;
  /** The server's clock, Unix ms; answers carry it in `Date`. */
  now: () => number;
}

const BODY_LIMIT = 1024 * 1024;
const TICK_MS = 10_000;
/** A request that gets no answer on purpose is dropped in the end. */
const SILENCE_MS = 120_000;

export async function listen(options: ServerOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent)
        send(response, 500, { 'content-type': 'application/json' }, '{"statusCode":500,"message":"Internal server error"}');
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  const timer = setInterval(() => void options.tick().catch(() => {}), TICK_MS);
  timer.unref();
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      clearInterval(timer);
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(options: ServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/';
  const body = await readBody(request);
  if (body === undefined)
    return send(response, 413, { 'content-type': 'application/json' }, '{"statusCode":413,"message":"request entity too large"}');
  if (/^\/_control(?:[/?]|$)/.test(url)) {
    if (!isLocal(request))
      return send(response, 403, { 'content-type': 'application/json' }, '{"error":"Only pages of this machine may drive the sandbox."}');
    return serveControl(options.control, request.method ?? 'GET', url, body, response);
  }

  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
  const outcome = await answerThroughFaults(options.api, options.faults, {
    method: request.method ?? 'GET',
    url,
    headers,
    body,
    ip: request.socket.remoteAddress ?? '',
  });
  if (outcome === 'closed') request.socket.destroy();
  else if (outcome === 'silent') setTimeout(() => request.socket.destroy(), SILENCE_MS).unref();
  else send(response, outcome.status, { ...outcome.headers, date: new Date(options.now()).toUTCString() }, outcome.body);
}

/** No page of the internet drives it through somebody's browser: neither by its origin nor by a name bound to 127.0.0.1. */
function isLocal(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  const addresses = [`http://${host ?? '127.0.0.1'}`, ...(origin === undefined ? [] : [origin])];
  return addresses.every((address) => URL.canParse(address) && LOOPBACK.has(new URL(address).hostname));
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Undefined when it is larger than any real request. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function serveControl(control: Control, method: string, url: string, body: string, response: ServerResponse): Promise<void> {
  const name = url.replace(/^\/_control\/?/, '').replace(/\?.*$/, '');
  if (method === 'GET' && name === '') return send(response, 200, { 'content-type': 'text/html; charset=utf-8' }, controlPage());
  const answer = (status: number, value: unknown): void =>
    send(response, status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' }, JSON.stringify(value));
  const operation = OPERATIONS[`${method} ${name}`];
  if (!operation) return answer(404, { error: `There is no ${method} /_control/${name}.` });
  let input: unknown;
  try {
    input = body === '' ? {} : JSON.parse(body);
  } catch {
    return answer(400, { error: 'The body is not JSON.' });
  }
  try {
    // `never`: whatever it is, the operation parses it before it is used.
    answer(200, await operation(control, input as never));
  } catch (failure) {
    if (failure instanceof ControlFailure) return answer(failure.status, { error: failure.message });
    if (failure instanceof z.ZodError) return answer(400, { error: z.prettifyError(failure) });
    throw failure;
  }
}

/** Inputs are parsed by the operations themselves. */
const OPERATIONS: Record<string, (control: Control, body: never) => unknown> = {
  'GET state': (control) => control.state(),
  'POST book': (control, body) => control.book(body),
  'POST reschedule': (control, body) => control.reschedule(body),
  'POST cancel': (control, body) => control.cancel(body),
  'POST confirm': (control, body) => control.confirm(body),
  'POST decline': (control, body) => control.decline(body),
  'POST request-reschedule': (control, body) => control.requestReschedule(body),
  'POST no-show': (control, body) => control.noShow(body),
  'POST meeting': (control, body) => control.meeting(body),
  'POST pay': (control, body) => control.pay(body),
  'POST silent-move': (control, body) => control.silentMove(body),
  'POST silent-delete': (control, body) => control.silentDelete(body),
  'POST silent-reassign': (control, body) => control.silentReassign(body),
  'POST bulk': (control, body) => control.bulk(body),
  'POST out-of-office': (control, body) => control.outOfOffice(body),
  'POST back-in-office': (control, body) => control.backInOffice(body),
  'POST share': (control, body) => control.share(body),
  'POST burst': (control, body) => control.burst(body),
  'POST clock': (control, body) => control.clock(body),
  'GET grants': (control) => control.grants(),
  'POST expire-tokens': (control, body) => control.expireTokens(body),
  'POST revoke-grants': (control, body) => control.revokeGrants(body),
  'POST reset': (control) => control.reset(),
  'POST faults': (control, body) => control.setFaults(body),
  'DELETE faults': (control) => control.clearFaults(),
};

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
