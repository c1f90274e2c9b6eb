/** Builds the client when its sources changed since it was built last; `npm test` has done so already. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export function buildClient(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/prepare.ts'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
