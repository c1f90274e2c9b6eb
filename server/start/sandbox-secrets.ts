/** The sandbox's own secrets: random, made once, kept in DATA_DIR so that tokens and stored keys survive a restart. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { SandboxSecrets } from '../config.ts';
import { StartFailure } from '../database/start-failure.ts';

const Secrets = z.object({ webhookSecret: z.string().min(16), jwtSecret: z.string().min(32), dataKeys: z.string().min(1) });

export function sandboxSecrets(dataDir: string): SandboxSecrets {
  const file = path.join(dataDir, 'sandbox-secrets.json');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true });
    const made: SandboxSecrets = {
      webhookSecret: randomBytes(24).toString('base64url'),
      jwtSecret: randomBytes(48).toString('base64url'),
      dataKeys: `sandbox:${randomBytes(32).toString('base64')}`,
    };
    // 'wx': when two start at once, both use what the first one made.
    try {
      writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    } catch (error) {
      if (!existsSync(file)) throw error;
    }
  }
  const read = Secrets.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) throw new StartFailure(`${file} is damaged. Delete ${dataDir} to begin with a fresh sandbox.`);
  return read.data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
