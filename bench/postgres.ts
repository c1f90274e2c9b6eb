/** A PostgreSQL with its usual durability, for the time of a benchmark: a 200 must cost what it costs in life. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { embeddedHome } from '../server/database/embedded-home.ts';
import { deployMigrations } from '../server/database/migrations.ts';
import { startCluster } from '../tests/support/cluster.ts';
import { registered } from './running.ts';

export interface BenchDatabase {
  url: string;
  /** Of the postmaster; its children are the server's backends. */
  pid: number;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<BenchDatabase> {
  const server = await startCluster({ settings: { fsync: 'on', full_page_writes: 'on' } });
  const stop = registered(() => server.stop());
  try {
    await deployMigrations(server.url);
    const pid = Number(readFileSync(path.join(embeddedHome(server.dataDir).cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return { url: server.url, pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
