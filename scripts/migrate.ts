/**
 * `npm run migrate`: deploy | create NAME | status | diff | reset, against DATABASE_URL, or against a throw-away embedded
 * PostgreSQL for the commands that only need a scratch database (create, diff).
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../server/database/embedded.ts';
import { createMigration, deployMigrations, migrationProblems, pendingSql, resetDatabase } from '../server/database/migrations.ts';

const [command = 'deploy', argument] = process.argv.slice(2);

switch (command) {
  case 'deploy': {
    const applied = await deployMigrations(databaseUrl());
    console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'Nothing to apply.');
    break;
  }
  case 'create': {
    if (argument === undefined) usage();
    const name = await withAnyServer((url) => createMigration(url, argument, new Date()));
    console.log(name === null ? 'The schema is unchanged.' : `Created prisma/migrations/${name}. Read it before you commit it.`);
    break;
  }
  case 'status': {
    const problems = await migrationProblems(databaseUrl());
    console.log(problems.length > 0 ? problems.join('\n') : 'The database is up to date.');
    process.exitCode = problems.length > 0 ? 1 : 0;
    break;
  }
  case 'diff': {
    const sql = await withAnyServer(pendingSql);
    console.log(sql ?? 'prisma/migrations lead to prisma/schema.prisma.');
    process.exitCode = sql === null ? 0 : 2;
    break;
  }
  case 'reset': {
    if (argument !== '--force') {
      console.error('reset drops everything in the database that DATABASE_URL names. Repeat it with --force.');
      process.exit(1);
    }
    const applied = await resetDatabase(databaseUrl());
    console.log(`Emptied the database and applied ${applied.join(', ')}.`);
    break;
  }
  default:
    usage();
}

function usage(): never {
  console.error('Usage: node scripts/migrate.ts deploy | create NAME | status | diff | reset --force');
  process.exit(1);
}

function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (url !== undefined && url !== '') return url;
  console.error('Set DATABASE_URL. (The embedded database is migrated by `npm start` itself.)');
  process.exit(1);
}

async function withAnyServer<Value>(work: (url: string) => Promise<Value>): Promise<Value> {
  const url = process.env.DATABASE_URL;
  if (url !== undefined && url !== '') return await work(url);
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'fintan-migrate-'));
  chmodSync(dataDir, 0o755);
  const server = await startEmbedded({ dataDir, settings: { fsync: 'off' } });
  try {
    return await work(server.url);
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
