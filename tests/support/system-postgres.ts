/** A PostgreSQL that is installed on this machine, with the tools that dump and restore, which the embedded one lacks. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEEDED = ['initdb', 'pg_ctl', 'postgres', 'pg_dump', 'pg_restore', 'psql'];
/** Debian keeps each major version in a folder of its own. */
const DEBIAN = '/usr/lib/postgresql';
/** The oldest that the gateway runs on. */
const OLDEST = 15;

/** The folder of its binaries, of the newest if there are several; null when there is none that the gateway runs on. */
export function systemPostgres(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(Number) : [];
  const folders = versions
    .filter((version) => version >= OLDEST)
    .toSorted((a, b) => b - a)
    .map((version) => path.join(DEBIAN, String(version), 'bin'));
  return folders.find((folder) => NEEDED.every((tool) => existsSync(path.join(folder, tool)))) ?? null;
}

/** Runs one of the tools; rejects with what it said. */
export async function runTool(binaries: string, tool: 'pg_dump' | 'pg_restore' | 'psql', args: string[]): Promise<void> {
  await run(path.join(binaries, tool), args, { env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
}
