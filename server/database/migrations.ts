/**
 * Schema migrations: `prisma/migrations` applied, compared and written, through the schema engine. Used by the start of
 * the gateway, by the tests and by scripts/migrate.ts.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { withSchemaEngine } from './schema-engine.ts';
import { StartFailure } from './start-failure.ts';

const root = path.resolve(import.meta.dirname, '../..');
const schemaPath = path.join(root, 'prisma/schema.prisma');
const migrationsPath = path.join(root, 'prisma/migrations');
const filters = { externalTables: [], externalEnums: [] };

interface Migration {
  name: string;
  sql: string;
}

/**
 * Applies what is missing and answers the names of it. Instances that start together wait for each other.
 * Throws what the engine says when a migration fails or a migration that was applied has been edited.
 */
export async function deployMigrations(url: string): Promise<string[]> {
  const migrations = await readMigrations();
  const client = new pg.Client({ connectionString: url });
  await client.connect().catch((error: unknown) => {
    throw new StartFailure(
      `The database cannot be reached: ${error instanceof Error ? error.message : String(error)}. Check DATABASE_URL (host, port, user, password, database).`,
    );
  });
  try {
    await client.query(`SELECT pg_advisory_lock(hashtextextended('fintan-migrations', 0))`);
    // Loading the engine takes half a second, which a start with nothing to do need not pay.
    if (await allApplied(client, migrations)) return [];
    const list = await migrationsList(migrations);
    const applied = await withSchemaEngine(url, await datamodel(), (engine) => engine.applyMigrations({ migrationsList: list, filters }));
    return applied.appliedMigrationNames;
  } finally {
    await client.end();
  }
}

/** Sentences about the state of the database against `prisma/migrations`; empty when they agree. */
export async function migrationProblems(url: string): Promise<string[]> {
  const list = await migrationsList(await readMigrations());
  const state = await withSchemaEngine(url, await datamodel(), (engine) =>
    engine.diagnoseMigrationHistory({ migrationsList: list, optInToShadowDatabase: false, filters }),
  );
  const problems = [
    ...state.failedMigrationNames.map((name) => `${name} failed half-way.`),
    ...state.editedMigrationNames.map((name) => `${name} was edited after it was applied.`),
  ];
  if (state.history === null) return problems;
  const { history } = state;
  if ('unappliedMigrationNames' in history) problems.push(...history.unappliedMigrationNames.map((name) => `${name} is not applied yet.`));
  if ('unpersistedMigrationNames' in history)
    problems.push(...history.unpersistedMigrationNames.map((name) => `${name} was applied but is not in prisma/migrations.`));
  return problems;
}

/** The SQL that leads from `prisma/migrations` to prisma/schema.prisma; null when they agree. Needs the right to create a database. */
export async function pendingSql(url: string): Promise<string | null> {
  const schema = await datamodel();
  const migrations = await readMigrations();
  return await inScratchDatabase(url, async (scratch) => {
    // The wasm engine has no shadow database of its own: the history is replayed in a scratch database.
    const list = await migrationsList(migrations);
    const difference = await withSchemaEngine(scratch, schema, async (engine) => {
      if (migrations.length > 0) await engine.applyMigrations({ migrationsList: list, filters });
      return await engine.diff({
        from: { tag: 'schemaDatasource', files: [schema], configDir: path.dirname(schemaPath) },
        to: { tag: 'schemaDatamodel', files: [schema] },
        script: true,
        exitCode: true,
        filters,
      });
    });
    return difference.exitCode === 0 ? null : (difference.stdout ?? '');
  });
}

/** Writes the pending SQL as a new migration and answers its name; null when there is nothing to write. */
export async function createMigration(url: string, title: string, now: Date): Promise<string | null> {
  const sql = await pendingSql(url);
  if (sql === null) return null;
  const stamp = now.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const name = `${stamp}_${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;
  await mkdir(path.join(migrationsPath, name), { recursive: true });
  await writeFile(path.join(migrationsPath, name, 'migration.sql'), sql);
  await writeFile(path.join(migrationsPath, 'migration_lock.toml'), 'provider = "postgresql"\n');
  return name;
}

/** Drops everything in the database, then applies all migrations. */
export async function resetDatabase(url: string): Promise<string[]> {
  await withSchemaEngine(url, await datamodel(), (engine) => engine.reset({ filter: filters }));
  return await deployMigrations(url);
}

async function datamodel(): Promise<{ path: string; content: string }> {
  return { path: schemaPath, content: await readFile(schemaPath, 'utf8') };
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(migrationsPath, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return await Promise.all(
    names.toSorted().map(async (name) => ({ name, sql: await readFile(path.join(migrationsPath, name, 'migration.sql'), 'utf8') })),
  );
}

async function migrationsList(migrations: Migration[]) {
  const lock = await readFile(path.join(migrationsPath, 'migration_lock.toml'), 'utf8').catch(() => null);
  return {
    baseDir: migrationsPath,
    lockfile: { path: 'migration_lock.toml', content: lock },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
    })),
  };
}

/** Whether exactly these migrations, with these contents, are in `_prisma_migrations`. */
async function allApplied(client: pg.Client, migrations: Migration[]): Promise<boolean> {
  const exists = await client.query<{ found: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`);
  if (exists.rows[0]?.found !== true) return false;
  const applied = await client.query<{ key: string }>(
    `SELECT migration_name || ' ' || checksum AS key FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  const known = new Set(applied.rows.map((row) => row.key));
  const checksum = (sql: string) => createHash('sha256').update(sql).digest('hex');
  return known.size === migrations.length && migrations.every(({ name, sql }) => known.has(`${name} ${checksum(sql)}`));
}

async function inScratchDatabase<Value>(url: string, work: (scratchUrl: string) => Promise<Value>): Promise<Value> {
  const name = `scratch_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE "${name}"`);
    const scratchUrl = new URL(url);
    scratchUrl.pathname = `/${name}`;
    return await work(scratchUrl.href);
  } finally {
    await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await client.end();
  }
}
