/**
 * The one HTTP server: GraphQL, Cal.com's webhooks, health, the sandbox's control and the client, by path. It knows
 * sockets, limits and headers; what is answered is handed in.
 */
import { randomUUID } from 'node:crypto';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../kernel/log.ts';
import { redact } from '../kernel/log.ts';
import type { Health } from './health.ts';
import type { OAuthCallback } from './oauth-callback.ts';
import { boundBody, readRawBody } from './raw-body.ts';
import { refuse, respondJson } from './respond.ts';
import type { SandboxProxy } from './sandbox-proxy.ts';
import { setSecurityHeaders } from './security-headers.ts';
import type { StaticClient } from './static-client.ts';
import type { Metrics } from '../telemetry/metrics.ts';

const WEBHOOKS_PATH = '/api/calcom/webhooks';
const REQUEST_ID = 'x-request-id';
const BODY_BYTES = 1024 * 1024;
const HEADER_BYTES = 16 * 1024;
const HEADERS_MS = 10_000;
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
/** What is still being answered at a stop gets this long. */
const DRAIN_MS = 3000;

export interface HttpRoutes {
  /** Reads the body itself; answers GraphiQL to a browser. */
  graphql: (request: IncomingMessage, response: ServerResponse) => unknown;
  webhooks: (rawBody: Buffer, headers: IncomingHttpHeaders) => Promise<{ status: number; body: unknown }>;
  health: () => Promise<Health>;
  /** Null: there are no metrics. */
  metrics: Metrics | null;
  /** Answers a browser that comes back from Cal.com. */
  calcomCallback: OAuthCallback;
  client: StaticClient;
  sandbox: SandboxProxy | null;
}

export interface HttpServer {
  /** For the WebSocket part, which takes `upgrade` of /graphql. */
  readonly node: http.Server;
  /** Rejects with the system's error (EADDRINUSE, EACCES …). Port 0: a free one. */
  listen(host: string, port: number): Promise<{ url: string; port: number }>;
  /** Takes no more connections; what comes over those that are open is answered, and each ends with its answer. */
  refuse(): void;
  /** Takes no more, lets what runs end for 3 s, then cuts. */
  close(): Promise<void>;
}

export function createHttpServer(routes: HttpRoutes, log: Log): HttpServer {
  /** Resolves when the last connection has ended; null while new ones are taken. */
  let closed: Promise<void> | null = null;
  const node = http.createServer(
    { maxHeaderSize: HEADER_BYTES, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      if (closed !== null) response.setHeader('connection', 'close');
      const pathname = pathOf(request);
      // Before everything that is for browsers: Cal.com reads nothing but the status, and its booking call waits for it.
      const answered =
        pathname === WEBHOOKS_PATH ? answerWebhook(routes, request, response, log) : answerPage(routes, request, response, pathname);
      answered.catch((error: unknown) => {
        const requestId = String(response.getHeader(REQUEST_ID) ?? randomUUID());
        log.error('http.failed', {
          requestId,
          method: request.method,
          message: redact(error instanceof Error ? (error.stack ?? error.message) : String(error)),
        });
        if (response.headersSent) response.destroy();
        else
          refuse(response, 500, 'INTERNAL_SERVER_ERROR', `Something went wrong here. Request id: ${requestId}`, {
            [REQUEST_ID]: requestId,
          });
      });
    },
  );
  node.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  function takeNoMore(): Promise<void> {
    closed ??= new Promise((resolve) => (node.listening ? node.close(() => resolve()) : resolve()));
    node.closeIdleConnections();
    return closed;
  }
  return {
    node,
    refuse: () => void takeNoMore(),
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        node.once('error', reject);
        node.listen(port, host, () => {
          node.off('error', reject);
          const bound = (node.address() as AddressInfo).port;
          resolve({ url: `http://${shownHost(host)}:${bound}`, port: bound });
        });
      }),
    async close() {
      const cut = setTimeout(() => node.closeAllConnections(), DRAIN_MS);
      await takeNoMore();
      clearTimeout(cut);
    },
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

async function answerPage(routes: HttpRoutes, request: IncomingMessage, response: ServerResponse, pathname: string): Promise<void> {
  const pathAndQuery = request.url ?? '/';
  response.setHeader(REQUEST_ID, randomUUID());
  setSecurityHeaders(response, pathname === '/graphql' ? 'graphiql' : 'app');
  if (pathname === '/graphql' || pathname.startsWith('/graphql/')) {
    await answerGraphql(routes, request, response);
  } else if (pathname === '/api/calcom/health') {
    await answerHealth(routes, request, response);
  } else if (pathname === '/metrics' && routes.metrics !== null) {
    await answerMetrics(routes.metrics, request, response);
  } else if (pathname === '/api/calcom/callback') {
    await routes.calcomCallback(request, response, new URLSearchParams(pathAndQuery.split('?')[1] ?? ''));
  } else if (routes.sandbox !== null && (pathname === '/sandbox' || pathname.startsWith('/sandbox/'))) {
    routes.sandbox(request, response, pathAndQuery);
  } else {
    await routes.client(request, response, pathname);
  }
}

async function answerGraphql(routes: HttpRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const tooLarge = () => {
    if (!response.headersSent)
      refuse(response, 413, 'TOO_LARGE', `A GraphQL request has at most ${BODY_BYTES} bytes.`, { connection: 'close' });
    request.destroy();
  };
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES) {
    refuse(response, 413, 'TOO_LARGE', `A GraphQL request has at most ${BODY_BYTES} bytes.`, { connection: 'close' });
    return;
  }
  boundBody(request, BODY_BYTES, tooLarge);
  await routes.graphql(request, response);
}

async function answerWebhook(routes: HttpRoutes, request: IncomingMessage, response: ServerResponse, log: Log): Promise<void> {
  if (request.method !== 'POST') {
    refuse(response, 405, 'METHOD_NOT_ALLOWED', 'Cal.com sends webhooks with POST.', { allow: 'POST' });
    return;
  }
  const body = await readRawBody(request, BODY_BYTES);
  if (!body.ok) {
    // Neither is sent again: the sweep finds what it was about.
    log.warn('webhook.not-received', { why: body.failure });
    if (body.failure === 'TOO_LARGE') refuse(response, 413, 'TOO_LARGE', `A webhook has at most ${BODY_BYTES} bytes.`);
    return;
  }
  const answer = await routes.webhooks(body.value, request.headers);
  respondJson(response, answer.status, answer.body, answer.status === 503 ? { 'retry-after': '5' } : {});
}

async function answerHealth(routes: HttpRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'METHOD_NOT_ALLOWED', 'Health is read with GET.', { allow: 'GET, HEAD' });
    return;
  }
  respondJson(response, 200, await routes.health());
}

async function answerMetrics(metrics: Metrics, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'METHOD_NOT_ALLOWED', 'Metrics are read with GET.', { allow: 'GET, HEAD' });
    return;
  }
  const { status, contentType, body } = await metrics(request.headers.authorization);
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** What a person can open, for an address that was listened on. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
