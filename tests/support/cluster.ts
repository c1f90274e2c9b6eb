/** A throw-away PostgreSQL cluster: no durability, its own folder, nothing left behind. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { holderOf, lockDirectory } from '../../server/database/directory-lock.ts';
import { startEmbedded, stopEmbedded } from '../../server/database/embedded.ts';

const PREFIX = 'fintan-test-';
const SETTLED_MS = 60_000;

export interface Cluster {
  /** Of the database `postgres`, as superuser. */
  url: string;
  /** As an operator does it: every connection ends, and after a moment without it it is there again, at the same address. */
  restart(): Promise<void>;
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
  return {
    url: server.url,
    async restart() {
      await server.stop();
      await startEmbedded({ ...options, port: Number(new URL(server.url).port) });
    },
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
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
