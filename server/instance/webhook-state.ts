/** Whether one owner's webhooks are as they must be: exactly one of ours, at user level, complete. Pure. */
import type { UpstreamWebhook } from '../calcom/rest-contract.ts';

export type WebhookProblem =
  /** None has our address. */
  | 'MISSING'
  | 'INACTIVE'
  /** Some triggers that concern an appointment are not asked for. */
  | 'TRIGGERS'
  /** Another secret than WEBHOOK_SECRET, or none: every delivery is refused. */
  | 'SECRET'
  /** A custom payload cannot be read. */
  | 'TEMPLATE'
  /** Several have our address: the same event comes several times. */
  | 'DUPLICATE'
  /** An event type has one of its own with our address: the same event comes twice. */
  | 'EVENT_TYPE';

/** How it must be registered. */
export interface WebhookWish {
  endpoint: string;
  secretSha256: string;
  triggers: readonly string[];
}

/** The same address, whatever the letter case of its host and a slash at its end. */
export function isOurs(subscriberUrl: string, endpoint: string): boolean {
  return normal(subscriberUrl) === normal(endpoint);
}

function normal(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/+$/, '')}`;
}

/** What is wrong with the one registration itself. */
export function registrationProblems(webhook: UpstreamWebhook, wish: WebhookWish): WebhookProblem[] {
  const problems: WebhookProblem[] = [];
  if (!webhook.active) problems.push('INACTIVE');
  if (wish.triggers.some((trigger) => !webhook.triggers.includes(trigger))) problems.push('TRIGGERS');
  if (webhook.secretSha256 !== undefined && webhook.secretSha256 !== wish.secretSha256) problems.push('SECRET');
  if (webhook.hasTemplate) problems.push('TEMPLATE');
  return problems;
}

/** `ofUser`: all that the owner has. `ofEventTypes`: how many on event types have our address. */
export function webhookProblems(ofUser: readonly UpstreamWebhook[], ofEventTypes: number, wish: WebhookWish): WebhookProblem[] {
  const [first, ...more] = ofUser.filter((webhook) => isOurs(webhook.subscriberUrl, wish.endpoint));
  return [
    ...(first === undefined ? (['MISSING'] as const) : registrationProblems(first, wish)),
    ...(more.length > 0 ? (['DUPLICATE'] as const) : []),
    ...(ofEventTypes > 0 ? (['EVENT_TYPE'] as const) : []),
  ];
}
