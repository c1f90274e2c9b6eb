/** Webhook registrations of Cal.com's API v2. */
import { z } from 'zod';
import type { EventTypeId } from '../kernel/ids.ts';
import { type Answer, type Asking, askingToDelete, type Key, withoutUndefined } from './asking.ts';
import * as contract from './rest-contract.ts';
import type { CalcomRequest } from './transport.ts';

export interface NewWebhook {
  subscriberUrl: string;
  triggers: string[];
  secret: string;
  active: boolean;
}

export interface WebhookCalls {
  webhooks(key: Key): Answer<contract.UpstreamWebhook[]>;
  createWebhook(key: Key, webhook: NewWebhook): Answer<contract.UpstreamWebhook>;
  updateWebhook(key: Key, id: string, change: Partial<NewWebhook>): Answer<contract.UpstreamWebhook>;
  deleteWebhook(key: Key, id: string): Answer<null>;
  /** Registered on one event type: each is a second delivery of what the owner's webhook tells already (258). */
  eventTypeWebhooks(key: Key, eventTypeId: EventTypeId): Answer<contract.UpstreamWebhook[]>;
  deleteEventTypeWebhook(key: Key, eventTypeId: EventTypeId, id: string): Answer<null>;
}

export function createWebhookCalls(ask: Asking): WebhookCalls {
  const { asking } = ask;

  const webhookRequest = (
    name: string,
    method: CalcomRequest['method'],
    id: string | null,
    body?: Record<string, unknown>,
  ): CalcomRequest => ({
    name,
    method,
    path: id === null ? '/v2/webhooks' : `/v2/webhooks/${encodeURIComponent(id)}`,
    version: contract.API_VERSION.webhooks,
    ...(body === undefined ? {} : { body }),
  });

  return {
    async webhooks(key) {
      const list = await asking(
        key,
        { ...webhookRequest('webhooks', 'GET', null), query: { take: 250 } },
        z.array(contract.webhook),
        (data) => data,
      );
      return list;
    },

    createWebhook: (key, webhook) =>
      asking(
        key,
        webhookRequest('createWebhook', 'POST', null, { ...webhook, triggers: [...new Set(webhook.triggers)] }),
        contract.webhook,
        (data) => data,
      ),

    updateWebhook: (key, id, change) =>
      asking(key, webhookRequest('updateWebhook', 'PATCH', id, withoutUndefined({ ...change })), contract.webhook, (data) => data),

    deleteWebhook: (key, id) => askingToDelete(ask, key, webhookRequest('deleteWebhook', 'DELETE', id)),

    eventTypeWebhooks: (key, eventTypeId) =>
      asking(
        key,
        {
          name: 'eventTypeWebhooks',
          method: 'GET',
          path: `/v2/event-types/${eventTypeId}/webhooks`,
          version: contract.API_VERSION.webhooks,
          query: { take: 250 },
        },
        z.array(contract.webhook),
        (data) => data,
      ),

    deleteEventTypeWebhook: (key, eventTypeId, id) =>
      askingToDelete(ask, key, {
        name: 'deleteEventTypeWebhook',
        path: `/v2/event-types/${eventTypeId}/webhooks/${encodeURIComponent(id)}`,
        version: contract.API_VERSION.webhooks,
      }),
  };
}
