/** `cli webhooks register`: one webhook for each clinician with a credential, created or repaired. */
import type { Core } from '../core.ts';
import { CommandFailure } from './command-failure.ts';
import { recordOperatorAudit } from './operator-audit.ts';

export interface RegistrationLine {
  text: string;
  failed: boolean;
}

/** A line for each clinician; throws a CommandFailure when it cannot be done. */
export async function registerWebhooks(core: Core): Promise<RegistrationLine[]> {
  const registered = await core.instance.register(null);
  if (!registered.ok) throw new CommandFailure(registered.failure.message);
  await recordOperatorAudit(core.services.pool, 'cli.webhooks-register', null, null);
  const names = new Map((await core.credentials.all()).map(({ ownerId, calcomUsername }) => [ownerId, calcomUsername]));
  if (registered.value.length === 0) throw new CommandFailure('No clinician has a credential of Cal.com yet: `npm run cli -- user add`.');
  return registered.value.map(({ ownerId, outcome, removed }) => {
    const superfluous = removed > 0 ? `, ${removed} superfluous removed` : '';
    return { text: `${names.get(ownerId) ?? ownerId}: ${WORDS[outcome]}${superfluous}`, failed: outcome === 'FAILED' };
  });
}

const WORDS = {
  CREATED: 'registered',
  REPAIRED: 'repaired',
  UNCHANGED: 'was right',
  FAILED: 'FAILED, `npm run cli -- doctor` says why',
} as const;
