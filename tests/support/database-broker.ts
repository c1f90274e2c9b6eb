/**
 * Vitest's global set-up: one PostgreSQL for the whole run, embedded or DATABASE_URL, with one migrated template.
 * Started at the first question, so that a run of pure tests does not pay for it. Workers are processes of their own:
 * they ask over HTTP.
 */
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { deployMigrations } from '../../server/database/migrations.ts';
import { type Cluster, startCluster } from './cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    databaseBroker: string;
  }
}

/** What the broker answers. */
export interface TemplateDatabase {
  adminUrl: string;
  template: string;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Cluster | undefined;
  let starting: Promise<TemplateDatabase> | undefined;

  async function start(): Promise<TemplateDatabase> {
    const given = process.env.DATABASE_URL;
    if (given === undefined || given === '') cluster = await startCluster();
    return await createTemplate(cluster?.url ?? given ?? '');
  }

  const server = http.createServer((_request, response) => {
    starting ??= start();
    starting.then(
      (template) => response.end(JSON.stringify(template)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.stack : String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  project.provide('databaseBroker', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);

  return async () => {
    server.close();
    server.closeAllConnections();
    const template = await starting?.catch(() => undefined);
    if (cluster !== undefined) await cluster.stop();
    else if (template !== undefined) await runAsAdmin(template.adminUrl, `DROP DATABASE IF EXISTS "${template.template}" WITH (FORCE)`);
  };
}

/** A migrated database that others are copied from; nobody connects to it afterwards. */
export async function createTemplate(adminUrl: string): Promise<TemplateDatabase> {
  const template = `fintan_test_${randomUUID().replaceAll('-', '').slice(0, 12)}_template`;
  await runAsAdmin(adminUrl, `CREATE DATABASE "${template}"`);
  await deployMigrations(databaseUrl(adminUrl, template));
  return { adminUrl, template };
}

export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function runAsAdmin(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
