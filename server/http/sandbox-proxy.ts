/**
 * `/sandbox/*` is the sandbox's `/_control/*`: what the "make something happen" buttons call. The sandbox hands out
 * sign-in tokens and changes bookings without asking, so only pages of this gateway, on this machine, may reach it.
 */
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { refuse } from './respond.ts';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const TIMEOUT_MS = 30_000;
/** RFC 9110, 7.6.1. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export type SandboxProxy = (request: IncomingMessage, response: ServerResponse, pathAndQuery: string) => void;

/** `sandboxUrl`: where the sandbox listens, e.g. `http://127.0.0.1:41234`. */
export function createSandboxProxy(sandboxUrl: string): SandboxProxy {
  return (request, response, pathAndQuery) => {
    if (!isOurOwn(request.headers)) {
      refuse(response, 403, 'LOOPBACK_ONLY', 'The sandbox is driven from pages of this gateway, opened as localhost.');
      return;
    }
    const target = new URL(pathAndQuery.replace(/^\/sandbox/, '/_control'), sandboxUrl);
    const upstream = http.request(target, {
      method: request.method,
      headers: forwarded(request.headers, target.host),
      timeout: TIMEOUT_MS,
    });
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, forwarded(answer.headers));
      answer.pipe(response);
    });
    upstream.on('timeout', () => upstream.destroy());
    upstream.on('error', () => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, 'SANDBOX_DOWN', 'The sandbox Cal.com does not answer. Restarting the gateway starts it again.');
    });
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  };
}

/** A Host that names this machine (against DNS rebinding) and no other site as origin (against forged requests). */
function isOurOwn(headers: IncomingHttpHeaders): boolean {
  const { host, origin } = headers;
  if (host === undefined || !LOOPBACK.test(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

function forwarded(headers: IncomingHttpHeaders, host?: string): IncomingHttpHeaders {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
  return host === undefined ? kept : { ...kept, host };
}
