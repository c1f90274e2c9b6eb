/** One delivery on the wire: signed, posted once, never followed, never repeated (MEASURED "Webhooks"). */
import { createHmac } from 'node:crypto';

export interface Delivery {
  url: string;
  headers: Record<string, string>;
  /** The exact bytes that were signed, as text. */
  body: string;
  triggerEvent: string;
  bookingUid: string | null;
}

/** Sends; resolves with the HTTP status when there was one. A rejection is a failed delivery, not an error of the sandbox. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- a capturing test double has nothing to return
export type Deliver = (delivery: Delivery) => Promise<number | void>;

/** Upstream sets no limit of its own; ours only keeps a hung receiver from holding a socket for ever. */
const LIMIT_MS = 120_000;

export const deliverByHttp: Deliver = async ({ url, headers, body }) => {
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: AbortSignal.timeout(LIMIT_MS) });
  await response.body?.cancel();
  return response.status;
};

/** Lower-case hex HMAC-SHA256 of the raw body; the literal that receivers must refuse when there is no secret. */
export const signatureOf = (body: string, secret: string | null): string =>
  secret === null ? 'no-secret-provided' : createHmac('sha256', secret).update(body).digest('hex');
