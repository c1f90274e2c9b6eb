/** A webhook as answered by most calls (045), and by GET with an id, which shows the whole row (055). The secret is in clear. */
import { isoMs } from '../../engine/instant.ts';
import type { WebhookRow } from '../../engine/records.ts';

export function webhookView(webhook: WebhookRow): Record<string, unknown> {
  const { id, payloadTemplate, triggers, subscriberUrl, active, secret } = webhook;
  const owner = webhook.eventTypeId === null ? { userId: webhook.userId } : { eventTypeId: webhook.eventTypeId };
  return { id, payloadTemplate, triggers, subscriberUrl, active, secret, ...owner };
}

export const webhookRowView = (webhook: WebhookRow): Record<string, unknown> => ({
  id: webhook.id,
  userId: webhook.userId,
  teamId: null,
  eventTypeId: webhook.eventTypeId,
  subscriberUrl: webhook.subscriberUrl,
  payloadTemplate: webhook.payloadTemplate,
  createdAt: isoMs(webhook.createdAt),
  active: webhook.active,
  appId: null,
  secret: webhook.secret,
  platform: false,
  time: null,
  timeUnit: null,
  triggers: webhook.triggers,
  oAuthClientId: null,
});
