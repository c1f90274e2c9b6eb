/** `cli inbox`: webhook events that still need something, and `cli replay`: another try for some of them. */
import type { Core } from '../core.ts';
import { isUuid, webhookEventId } from '../kernel/ids.ts';
import { CommandFailure } from './command-failure.ts';
import { recordOperatorAudit } from './operator-audit.ts';

export interface InboxLine {
  id: string;
  receivedAt: string;
  trigger: string;
  outcome: string;
  attempts: number;
  lastError: string;
}

/** Newest first; nothing of the payload. */
export async function listInbox({ services }: Core, limit: number): Promise<InboxLine[]> {
  const { rows } = await services.pool.query<Omit<InboxLine, 'receivedAt'> & { createdAt: Date }>(
    `SELECT "id", "createdAt", COALESCE("triggerEvent", '(unreadable)') AS trigger, COALESCE("outcome"::text, 'NEW') AS outcome,
            "attempts", COALESCE("lastError", '') AS "lastError"
     FROM "CalcomWebhookEvent" WHERE "processed" = false ORDER BY "createdAt" DESC LIMIT $1`,
    [limit],
  );
  return rows.map(({ createdAt, ...row }) => ({ ...row, receivedAt: createdAt.toISOString() }));
}

/** Applies the events again, at once. Answers what became of each. */
export async function replayEvents(core: Core, ids: string[]): Promise<{ id: string; outcome: string }[]> {
  for (const id of ids) {
    if (!isUuid(id) || !(await core.inbox.replay(webhookEventId(id)))) throw new CommandFailure(`There is no event ${id} in the inbox.`);
    await recordOperatorAudit(core.services.pool, 'cli.replay', 'CalcomWebhookEvent', id);
  }
  await core.applier.leftovers();
  const { rows } = await core.services.pool.query<{ id: string; outcome: string }>(
    `SELECT "id", "outcome"::text AS outcome FROM "CalcomWebhookEvent" WHERE "id" = ANY($1::uuid[])`,
    [ids],
  );
  return rows;
}
