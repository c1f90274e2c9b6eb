/**
 * Calls that carry secrets in their bodies: codes, tokens, client secrets. One attempt each, and of an answer that is not
 * a success only its status and an OAuth error code (RFC 6749, 5.2) are kept: its text may echo what was sent.
 */
import { fail, ok, type Result } from '../kernel/result.ts';
import { boundedText } from './bounded-text.ts';

const TIMEOUT_MS = 15_000;
const MOST_BYTES = 64 * 1024;

export interface TokenRequest {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: { form: Record<string, string> } | { json: Record<string, unknown> };
}

export interface TokenRefusal {
  /** Null: no answer, or none that could be read. */
  status: number | null;
  /** `invalid_grant` and the like. */
  error: string | null;
}

export type SendTokenRequest = (request: TokenRequest) => Promise<Result<unknown, TokenRefusal>>;

export function createTokenTransport(options: { fetch?: typeof fetch; timeoutMs?: number } = {}): SendTokenRequest {
  const fetchIt = options.fetch ?? fetch;
  return async ({ method, url, headers, body }) => {
    try {
      const response = await fetchIt(url, {
        method,
        headers: { accept: 'application/json', ...contentType(body), ...headers },
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        ...(body === undefined ? {} : { body: 'form' in body ? new URLSearchParams(body.form).toString() : JSON.stringify(body.json) }),
      });
      const json = parsed(await boundedText(response, MOST_BYTES));
      return response.ok && json !== undefined ? ok(json) : fail({ status: response.ok ? null : response.status, error: errorCode(json) });
    } catch {
      return fail({ status: null, error: null });
    }
  };
}

function contentType(body: TokenRequest['body']): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': 'form' in body ? 'application/x-www-form-urlencoded' : 'application/json' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function errorCode(json: unknown): string | null {
  if (typeof json !== 'object' || json === null || !('error' in json)) return null;
  return typeof json.error === 'string' && /^[a-z_]{1,40}$/.test(json.error) ? json.error : null;
}
