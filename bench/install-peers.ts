/** The peers live in this folder's own node_modules, so that nobody who only runs the gateway downloads them. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const HERE = import.meta.dirname;
const LONGEST_MS = 600_000;

export type Installed = { ok: true } | { ok: false; reason: string };

/** Makes node_modules agree with package-lock.json. Without a network the reason is answered, and what needs no peer still runs. */
export function installPeers(say: (line: string) => void, folder = HERE): Installed {
  const stamp = path.join(folder, 'node_modules/.lock-installed');
  const lock = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return { ok: true };
  say('Installing the peers into bench/node_modules; the first time this takes a minute …');
  const result = npm(folder, ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']);
  if (result.status === 0) {
    writeFileSync(stamp, lock);
    return { ok: true };
  }
  // Half of an installation would be found before the gateway's own packages.
  rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
  return { ok: false, reason: reasonOf(result) };
}

function npm(folder: string, args: string[]) {
  const options = { cwd: folder, encoding: 'utf8', timeout: LONGEST_MS } as const;
  // The npm that runs this script, on its own Node; outside of `npm run` whichever is found.
  const { npm_node_execpath: node, npm_execpath: script } = process.env;
  if (node !== undefined && script !== undefined) return spawnSync(node, [script, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

function reasonOf({ error, stderr }: { error?: Error; stderr: string | null }): string {
  const lines = (stderr ?? '').split('\n').filter((line) => line.startsWith('npm error') && line.length > 'npm error '.length);
  return `npm ci failed: ${error?.message ?? lines[0]?.replace('npm error ', '') ?? 'without a message'}`;
}
