/** A PostgreSQL with its usual durability, for the time of a benchmark: a 200 must cost what it costs in life. */
import { mkdtempSync, chmodSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { embeddedHome } from '../server/database/embedded-home.ts';
import { startEmbedded } from '../server/database/embedded.ts';
import { deployMigrations } from '../server/database/migrations.ts';
import { registered } from './running.ts';

export interface BenchDatabase {
  url: string;
  /** Of the postmaster; its children are the server's backends. */
  pid: number;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchDatabase> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'fintan-bench-'));
  chmodSync(dataDir, 0o755); // root's PostgreSQL runs as another user
  const server = await startEmbedded({ dataDir });
  const stop = registered(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  try {
    await deployMigrations(server.url);
    const pid = Number(readFileSync(path.join(embeddedHome(dataDir).cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return { url: server.url, pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
