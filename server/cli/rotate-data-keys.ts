/** `cli rotate-keys`: everything that is stored encrypted gets the first of DATA_KEYS, so that the others can be retired. */
import type { Core } from '../core.ts';
import { rotateKeys, type RotationProgress, type RotationReport } from '../database/rotate-keys.ts';
import { CommandFailure } from './command-failure.ts';
import { recordOperatorAudit } from './operator-audit.ts';

export async function rotateDataKeys(
  { services, encryption }: Pick<Core, 'services' | 'encryption'>,
  onProgress: (progress: RotationProgress) => void = () => {},
): Promise<RotationReport> {
  const { pool, config } = services;
  const [first] = config.dataKeys;
  if (first === undefined) throw new CommandFailure('There are no DATA_KEYS.');
  await recordOperatorAudit(pool, 'cli.rotate-keys', null, null);
  return await rotateKeys({ pool, encryption, keyId: first.id, onProgress });
}

/** What to do next, in sentences. */
export function rotationLines({ rotated, unreadable }: RotationReport, keyIds: readonly string[]): string[] {
  const [first, ...others] = keyIds;
  const lines = [`${rotated} values encrypted again with the key "${first}".`];
  for (const { column, count } of unreadable)
    lines.push(`✘ ${column}: ${count} cannot be decrypted with any of DATA_KEYS. Add the key that they name, or set them anew.`);
  if (unreadable.length === 0 && others.length > 0)
    lines.push(
      `Nothing needs ${others.map((id) => `"${id}"`).join(', ')} any more: take it out of DATA_KEYS when every gateway has restarted with "${first}" first.`,
    );
  return lines;
}
