/**
 * The door for webhooks: verify the raw bytes, record, answer, and only then apply. Cal.com's own booking call waits for
 * our answer (MEASURED, "Webhooks"), and it sends once: what is answered 200 is durable.
 */
import { SIGNATURE_HEADER, verifySignature } from '../calcom/signature.ts';
import { addressOf, type WebhookAddress } from '../calcom/webhook-address.ts';
import { removeSecrets } from '../calcom/webhook-secrets.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../kernel/clock.ts';
import type { WebhookEventId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Inbox } from './inbox.ts';

export interface ReceiverOptions {
  inbox: Inbox;
  secrets: Config['webhook'];
  clock: Clock;
  log: Log;
  /** Called after the answer is decided, with what was just recorded. Must not throw. */
  onRecorded: (event: RecordedEvent) => void;
}

export interface RecordedEvent {
  id: WebhookEventId;
  address: WebhookAddress;
  /** As parsed, secrets removed; undefined when it was not JSON. */
  body: unknown;
  receivedAt: Date;
  recordedAt: Date;
}

export interface WebhookAnswer {
  status: 200 | 401 | 503;
  body: { status: 'recorded' | 'refused' | 'try again'; message?: string };
}

export type Receiver = (rawBody: Buffer, headers: Record<string, string | string[] | undefined>) => Promise<WebhookAnswer>;

export function createReceiver({ inbox, secrets, clock, log, onRecorded }: ReceiverOptions): Receiver {
  return async (rawBody, headers) => {
    const receivedAt = clock.now();
    const header = headers[SIGNATURE_HEADER];
    const verdict = verifySignature(rawBody, typeof header === 'string' ? header : undefined, secrets);
    if (!verdict.trusted) {
      log.warn('webhook.refused', { why: verdict.reason, bytes: rawBody.length });
      return {
        status: 401,
        body: { status: 'refused', message: 'The X-Cal-Signature-256 header is missing or does not match WEBHOOK_SECRET.' },
      };
    }
    const body = parseJson(rawBody);
    removeSecrets(body);
    const address = addressOf(body);
    try {
      const recorded = await inbox.record({ rawBody, receivedAt, address, body });
      if (recorded === null) log.info('webhook.duplicate', { trigger: address.triggerEvent });
      else onRecorded({ ...recorded, address, body, receivedAt });
      return { status: 200, body: { status: 'recorded' } };
    } catch (error) {
      // Cal.com will not send it again; the sweep finds what it was about.
      log.error('webhook.not-recorded', { problem: error instanceof Error ? error.message : String(error) });
      return { status: 503, body: { status: 'try again', message: 'The event could not be stored.' } };
    }
  };
}

function parseJson(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
