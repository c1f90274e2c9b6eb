/** The configuration of this process, complete or refused with everything that is wrong with it. */
import path from 'node:path';
import { type Config, parseConfig, wantsSandbox } from '../config.ts';
import { StartFailure } from '../database/start-failure.ts';
import { sandboxSecrets } from './sandbox-secrets.ts';

/** Paths are relative to the working directory. Makes the sandbox's secrets where it is the first to need them. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const resolve = (file: string) => path.resolve(file);
  const secrets = wantsSandbox(env) ? sandboxSecrets(resolve(env.DATA_DIR?.trim() || '.data')) : null;
  const config = parseConfig(env, secrets, resolve);
  if (config.ok) return config.value;
  throw new StartFailure(`The configuration is not complete:\n${config.failure.map((problem) => `    - ${problem}`).join('\n')}`);
}
