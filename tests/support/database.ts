/** Real PostgreSQL for tests: a migrated database per test file, or a cluster of its own for those that disturb others. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { inject } from 'vitest';
import { createPool } from '../../server/database/pool.ts';
import { createPrisma } from '../../server/database/prisma.ts';
import type { PrismaClient } from '../../server/generated/prisma/client.ts';
import { silentLog } from '../../server/kernel/log.ts';
import { type ClusterOptions, startCluster } from './cluster.ts';
import { createTemplate, databaseUrl, runAsAdmin, type TemplateDatabase } from './database-broker.ts';

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  prisma: PrismaClient;
  /** Ends pool and client and drops the database. */
  drop(): Promise<void>;
}

export interface TestCluster {
  /** Of the database `postgres`. */
  url: string;
  dataDir: string;
  createDatabase(): Promise<TestDatabase>;
  /** Every connection ends; it comes back at the same address. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
  /** kill -9 of all its processes; `revive` starts it again at the same address. */
  kill(): Promise<void>;
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/** An empty migrated database of its own, in the cluster of the test run. Call `drop()` in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const response = await fetch(inject('databaseBroker'));
  if (!response.ok) throw new Error(`The test database did not start:\n${await response.text()}`);
  return await copyOf((await response.json()) as TemplateDatabase);
}

/**
 * A cluster of its own: for tests that hold a transaction open (it holds back every change log of the cluster), restart
 * PostgreSQL, or restore into another cluster.
 */
export async function createTestCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  const cluster = await startCluster(options);
  const template = await createTemplate(cluster.url);
  return { ...cluster, createDatabase: () => copyOf(template) };
}

async function copyOf({ adminUrl, template }: TemplateDatabase): Promise<TestDatabase> {
  const name = `fintan_test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await runAsAdmin(adminUrl, `CREATE DATABASE "${name}" TEMPLATE "${template}"`);
  const url = databaseUrl(adminUrl, name);
  const pool = createPool({ url, size: 10, log: silentLog });
  const prisma = createPrisma(pool);
  return {
    url,
    pool,
    prisma,
    async drop() {
      await prisma.$disconnect();
      await pool.end();
      await runAsAdmin(adminUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    },
  };
}
