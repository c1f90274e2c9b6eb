/** A throw-away PostgreSQL cluster: no durability, its own folder, nothing left behind. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { holderOf, lockDirectory } from '../../server/database/directory-lock.ts';
import { embeddedHome } from '../../server/database/embedded-home.ts';
import { startEmbedded, stopEmbedded } from '../../server/database/embedded.ts';

const PREFIX = 'fintan-test-';
const SETTLED_MS = 60_000;

export interface Cluster {
  /** Of the database `postgres`, as superuser. */
  url: string;
  dataDir: string;
  /** As an operator does it: every connection ends, and after a moment without it it is there again, at the same address. `meanwhile`: done without it. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** kill -9 of all its processes, as a machine that dies; resolves when none is left. Linux only. */
  kill(): Promise<void>;
  /** After `kill`: it recovers and is there again, at the same address. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  settings?: Record<string, string>;
  /** Of another PostgreSQL than the embedded one. */
  binaries?: string;
}

export async function startCluster({ settings, binaries }: ClusterOptions = {}): Promise<Cluster> {
  await removeLeftovers();
  const dataDir = mkdtempSync(path.join(os.tmpdir(), PREFIX));
  chmodSync(dataDir, 0o755); // root's PostgreSQL runs as another user
  lockDirectory(dataDir);
  const options = {
    dataDir,
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '300', ...settings },
    ...(binaries === undefined ? {} : { binaries }),
  };
  const server = await startEmbedded(options);
  const revive = async () => void (await startEmbedded({ ...options, port: Number(new URL(server.url).port) }));
  return {
    url: server.url,
    dataDir,
    async restart(meanwhile) {
      await server.stop();
      await meanwhile?.();
      await revive();
    },
    kill: () => killServer(dataDir),
    revive,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function killServer(dataDir: string): Promise<void> {
  const [postmaster] = readFileSync(path.join(embeddedHome(dataDir).cluster, 'postmaster.pid'), 'utf8')
    .split('\n')
    .map(Number);
  if (postmaster === undefined) throw new Error('PostgreSQL does not run.');
  const processes = [postmaster, ...childrenOf(postmaster)];
  for (const pid of processes) if (parentOf(pid) !== null) process.kill(pid, 'SIGKILL');
  // Until they are buried, too: PostgreSQL takes an unburied one for alive.
  while (processes.some((pid) => parentOf(pid) !== null)) await setTimeout(5);
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

/** The fourth field of `stat`, after the name in brackets; null when it has ended meanwhile. */
function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

/** Clusters of test runs that were killed. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(os.tmpdir())) {
    const dataDir = path.join(os.tmpdir(), name);
    if (!name.startsWith(PREFIX) || holderOf(dataDir) !== null) continue;
    const age = Date.now() - (statSync(dataDir, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age < SETTLED_MS) continue;
    await stopEmbedded(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  }
}
