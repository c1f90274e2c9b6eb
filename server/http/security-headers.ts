/**
 * What a browser may do with our pages. The app has no inline script; Mantine sets inline styles. GraphiQL is one page
 * with everything inline (it has to work offline), so it alone may run inline script, and it is never handed the app's token.
 */
import type { ServerResponse } from 'node:http';

const SHARED = ["base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"];

const APP = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  ...SHARED,
].join('; ');

const GRAPHIQL = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  'worker-src blob:',
  "connect-src 'self'",
  ...SHARED,
].join('; ');

export function setSecurityHeaders(response: ServerResponse, page: 'app' | 'graphiql'): void {
  response.setHeader('content-security-policy', page === 'app' ? APP : GRAPHIQL);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(self), microphone=(self), geolocation=()');
}
