/** Who hears of an event: active webhooks with that trigger, of the organizer or of the event type; the same URL twice is two deliveries (258). */
import type { WebhookRow } from '../engine/records.ts';
import type { WebhookNotice, World } from '../engine/world.ts';

export function subscribersOf(world: World, event: Pick<WebhookNotice, 'trigger' | 'organizerId' | 'eventTypeId'>): WebhookRow[] {
  return world.store
    .all('webhooks')
    .filter(
      (webhook) =>
        webhook.active &&
        webhook.triggers.includes(event.trigger) &&
        (webhook.userId === event.organizerId || (webhook.eventTypeId !== null && webhook.eventTypeId === event.eventTypeId)),
    );
}
