/** From something that happened to deliveries: one per subscriber, in parallel, each with its own `createdAt`, through the faults asked for. */
import { type Faults, strikes } from '../control/faults.ts';
import { isoMs } from '../engine/instant.ts';
import type { MeetingTriggerRow, WebhookRow } from '../engine/records.ts';
import type { WebhookNotice, World } from '../engine/world.ts';
import { type Deliver, type Delivery, signatureOf } from './deliver.ts';
import { subscribersOf } from './subscribers.ts';
import { fillTemplate } from './template.ts';

/** What became of one delivery, for the control page. */
export interface DeliveryRecord {
  at: string;
  triggerEvent: string;
  bookingUid: string | null;
  /** HTTP status; null when nothing answered or nothing was sent. */
  status: number | null;
  fault: 'drop' | 'duplicate' | 'reorder' | 'wrongSecret' | null;
}

export interface Dispatcher {
  notify(notice: WebhookNotice): Promise<void>;
  /** Sends what waited for the clock. */
  sendMeeting(row: MeetingTriggerRow, enveloped: boolean): Promise<void>;
  /** Sends what `reorder` still holds back. */
  release(): Promise<void>;
  recent(): DeliveryRecord[];
}

const REMEMBERED = 100;
const HELD_AT_MOST = 1_000;

export function createDispatcher(world: () => World, faults: Faults, deliver: Deliver): Dispatcher {
  const records: DeliveryRecord[] = [];
  let held: Prepared[] = [];

  const record = (delivery: Delivery, status: number | null, fault: DeliveryRecord['fault']): void => {
    const { triggerEvent, bookingUid } = delivery;
    records.push({ at: isoMs(world().clock.now()), triggerEvent, bookingUid, status, fault });
    if (records.length > REMEMBERED) records.shift();
  };

  /** Any failure is noted and forgotten: no retry, and the booking stands (MEASURED x-subscriber-*). */
  const send = async (delivery: Delivery, fault: DeliveryRecord['fault']): Promise<void> => {
    try {
      record(delivery, (await deliver(delivery)) ?? null, fault);
    } catch {
      record(delivery, null, fault);
    }
  };

  const release = async (): Promise<void> => {
    const waiting = held;
    held = [];
    for (const { delivery } of waiting) await send(delivery, 'reorder');
  };

  const dispatch = async (prepared: Prepared): Promise<void> => {
    const { delivery, wrongSecret } = prepared;
    const active = faults.webhooks;
    if (strikes(active, 'drop')) return record(delivery, null, 'drop');
    if (active.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, active.delayMs));
    if (held.length < HELD_AT_MOST && strikes(active, 'reorder')) {
      held.push(prepared);
      return;
    }
    const twice = strikes(active, 'duplicate');
    await send(delivery, twice ? 'duplicate' : wrongSecret ? 'wrongSecret' : null);
    if (twice) await send(delivery, 'duplicate');
    await release();
  };

  const build = (webhook: WebhookRow, event: { trigger: string; bookingUid: string }, body: string, contentType: string): Prepared => {
    const wrongSecret = strikes(faults.webhooks, 'wrongSecret');
    const headers = {
      'Content-Type': contentType,
      'X-Cal-Signature-256': signatureOf(body, wrongSecret ? 'not-the-secret' : webhook.secret),
      'user-agent': 'node',
    };
    return {
      delivery: { url: webhook.subscriberUrl, headers, body, triggerEvent: event.trigger, bookingUid: event.bookingUid },
      wrongSecret,
    };
  };

  return {
    notify: async (notice) => {
      const deliveries = subscribersOf(world(), notice).map((webhook) => {
        const createdAt = isoMs(world().clock.stamp());
        const { trigger, payload } = notice;
        if (webhook.payloadTemplate === null) {
          return build(webhook, notice, JSON.stringify({ triggerEvent: trigger, createdAt, payload }), 'application/json');
        }
        const { body, contentType } = fillTemplate(webhook.payloadTemplate, { ...payload, triggerEvent: trigger, createdAt });
        return build(webhook, notice, body, contentType);
      });
      await Promise.all(deliveries.map(dispatch));
    },
    sendMeeting: async (row, enveloped) => {
      // The address was stored with the row, the secret is read when sending (CONTRACT 7).
      const webhook = world().store.get('webhooks', row.webhookId);
      if (!webhook?.active) return;
      const body = enveloped
        ? { triggerEvent: row.trigger, createdAt: isoMs(world().clock.stamp()), payload: row.body }
        : { triggerEvent: row.trigger, ...row.body };
      await dispatch(build({ ...webhook, subscriberUrl: row.subscriberUrl }, row, JSON.stringify(body), 'application/json'));
    },
    release,
    recent: () => [...records],
  };
}

interface Prepared {
  delivery: Delivery;
  wrongSecret: boolean;
}
