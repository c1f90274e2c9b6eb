/**
 * Makes the registration at Cal.com right: one webhook per owner for our address, none on event types. Safe to repeat and
 * to run twice at once: what is right is left alone, and a lost race is read again.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { CalcomClient, CalcomFailure } from '../calcom/calcom-client.ts';
import type { UpstreamWebhook } from '../calcom/rest-contract.ts';
import { wantedTriggers } from '../calcom/webhook-contract.ts';
import { type EventTypeId, eventTypeId, type UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { ClinicianCredential } from '../users/calcom-credentials.ts';
import { isOurs, registrationProblems, webhookProblems, type WebhookProblem, type WebhookWish } from './webhook-state.ts';

export interface Registration {
  ownerId: UserId;
  /** FAILED: of several, when others could be registered. */
  outcome: 'CREATED' | 'REPAIRED' | 'UNCHANGED' | 'FAILED';
  /** Superfluous ones taken away, those of event types included. */
  removed: number;
}

export interface WebhookOptions {
  pool: pg.Pool;
  client: Pick<
    CalcomClient,
    'webhooks' | 'createWebhook' | 'updateWebhook' | 'deleteWebhook' | 'eventTypeWebhooks' | 'deleteEventTypeWebhook'
  >;
}

type Outcome<Value> = Promise<Result<Value, CalcomFailure>>;

/** More event types than that are not looked at: each costs a call. */
const MOST_EVENT_TYPES = 100;

export function webhookWish(endpoint: string, secret: string): WebhookWish {
  return { endpoint, secretSha256: createHash('sha256').update(secret).digest('hex'), triggers: wantedTriggers };
}

/** What is wrong at one owner's; our table is brought up to date on the way. */
export async function inspectWebhooks(options: WebhookOptions, owner: ClinicianCredential, wish: WebhookWish): Outcome<WebhookProblem[]> {
  const listed = await options.client.webhooks(owner);
  if (!listed.ok) return listed;
  const present = listed.value.map((webhook) => webhook.id);
  await remember(options.pool, owner.ownerId, ours(listed.value, wish), present);
  const onEventTypes = await ofEventTypes(options, owner, wish);
  return ok(webhookProblems(listed.value, onEventTypes.length, wish));
}

/** `secret` is sent whenever something is written. */
export async function registerWebhook(
  options: WebhookOptions,
  owner: ClinicianCredential,
  wish: WebhookWish,
  secret: string,
): Outcome<Registration> {
  const { client, pool } = options;
  const listed = await client.webhooks(owner);
  if (!listed.ok) return listed;
  const known = await rememberedIds(pool, owner.ownerId);
  // One of ours under an address of before is moved, not left behind.
  const mine = listed.value
    .filter((webhook) => isOurs(webhook.subscriberUrl, wish.endpoint) || known.has(webhook.id))
    .sort((a, b) => wrongs(a, wish) - wrongs(b, wish));
  const kept = mine.find((webhook) => !webhook.hasTemplate);
  let removed = 0;
  for (const webhook of mine) {
    if (webhook === kept) continue;
    const gone = await client.deleteWebhook(owner, webhook.id);
    if (!gone.ok) return gone;
    removed += 1;
  }
  const written = await write(options, owner, wish, secret, kept ?? null);
  if (!written.ok) return written;
  for (const { eventType, id } of await ofEventTypes(options, owner, wish)) {
    const gone = await client.deleteEventTypeWebhook(owner, eventType, id);
    if (!gone.ok) return gone;
    removed += 1;
  }
  await remember(pool, owner.ownerId, [written.value.webhook], [written.value.webhook.id]);
  return ok({ ownerId: owner.ownerId, outcome: written.value.outcome, removed });
}

/** The one with the least to mend is kept. */
function wrongs(webhook: UpstreamWebhook, wish: WebhookWish): number {
  return registrationProblems(webhook, wish).length + (isOurs(webhook.subscriberUrl, wish.endpoint) ? 0 : 10);
}

interface Written {
  webhook: UpstreamWebhook;
  outcome: Registration['outcome'];
}

async function write(
  { client }: WebhookOptions,
  owner: ClinicianCredential,
  wish: WebhookWish,
  secret: string,
  kept: UpstreamWebhook | null,
): Outcome<Written> {
  const wanted = { subscriberUrl: wish.endpoint, triggers: [...wish.triggers], secret, active: true };
  if (kept !== null) {
    const right = isOurs(kept.subscriberUrl, wish.endpoint) && registrationProblems(kept, wish).length === 0;
    if (right) return ok({ webhook: kept, outcome: 'UNCHANGED' });
    const updated = await client.updateWebhook(owner, kept.id, wanted);
    return updated.ok ? ok({ webhook: updated.value, outcome: 'REPAIRED' }) : updated;
  }
  const created = await client.createWebhook(owner, wanted);
  if (created.ok) return ok({ webhook: created.value, outcome: 'CREATED' });
  // Somebody else was faster (409), or the answer was lost: what is there now decides.
  const again = await client.webhooks(owner);
  const [found] = again.ok ? ours(again.value, wish) : [];
  return found === undefined ? fail(created.failure) : ok({ webhook: found, outcome: 'CREATED' });
}

const ours = (webhooks: readonly UpstreamWebhook[], wish: WebhookWish) =>
  webhooks.filter((webhook) => isOurs(webhook.subscriberUrl, wish.endpoint));

/** Those with our address on event types of the owner; one that cannot be asked counts as having none. */
async function ofEventTypes(
  { client, pool }: WebhookOptions,
  owner: ClinicianCredential,
  wish: WebhookWish,
): Promise<{ eventType: EventTypeId; id: string }[]> {
  const { rows } = await pool.query<{ id: number }>(
    `SELECT "id" FROM "CalcomEventType" WHERE "clinicianId" = $1 AND "deletedAt" IS NULL ORDER BY "id" LIMIT ${MOST_EVENT_TYPES}`,
    [owner.ownerId],
  );
  const found = await Promise.all(
    rows.map(async (row) => {
      const eventType = eventTypeId(row.id);
      const listed = await client.eventTypeWebhooks(owner, eventType);
      return listed.ok ? ours(listed.value, wish).map(({ id }) => ({ eventType, id })) : [];
    }),
  );
  return found.flat();
}

async function rememberedIds(pool: pg.Pool, ownerId: UserId): Promise<Set<string>> {
  const { rows } = await pool.query<{ id: string }>(`SELECT "id" FROM "CalcomWebhook" WHERE "ownerId" = $1`, [ownerId]);
  return new Set(rows.map((row) => row.id));
}

/** Our table shows what is registered there now; rows of ours that are not `present` any more are forgotten. */
async function remember(pool: pg.Pool, ownerId: UserId, webhooks: readonly UpstreamWebhook[], present: readonly string[]): Promise<void> {
  await pool.query(`DELETE FROM "CalcomWebhook" WHERE "ownerId" = $1 AND "id" <> ALL($2::text[])`, [ownerId, present]);
  if (webhooks.length === 0) return;
  await pool.query(
    `INSERT INTO "CalcomWebhook" ("id","ownerId","subscriberUrl","triggers","active","checkedAt")
     SELECT "id", $1, "subscriberUrl", ARRAY(SELECT jsonb_array_elements_text("triggers")), "active", now()
     FROM jsonb_to_recordset($2::jsonb) AS w("id" text, "subscriberUrl" text, "triggers" jsonb, "active" boolean)
     ON CONFLICT ("id") DO UPDATE SET "ownerId" = EXCLUDED."ownerId", "subscriberUrl" = EXCLUDED."subscriberUrl",
       "triggers" = EXCLUDED."triggers", "active" = EXCLUDED."active", "checkedAt" = EXCLUDED."checkedAt"`,
    [ownerId, JSON.stringify(webhooks.map(({ id, subscriberUrl, triggers, active }) => ({ id, subscriberUrl, triggers, active })))],
  );
}
