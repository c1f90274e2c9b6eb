/**
 * Prisma's schema engine in its WebAssembly build: nothing has to be downloaded (the native engine is fetched at
 * install time, which fails on closed networks). Writes the same `_prisma_migrations` rows and checksums as
 * `prisma migrate deploy`.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

export type SchemaEngine = bindings.SchemaEngine;

/** Runs `work` with an engine connected to `url`, and closes the connections after it. */
export async function withSchemaEngine<Value>(
  url: string,
  datamodel: { path: string; content: string },
  work: (engine: SchemaEngine) => Promise<Value>,
): Promise<Value> {
  await loadWasm();
  const pool = catalogPool(url);
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  const engine = await bindings.SchemaEngine.new({ datamodels: [[datamodel.path, datamodel.content]] }, () => {}, adapter);
  try {
    return await work(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

let loading: Promise<void> | undefined;

function loadWasm(): Promise<void> {
  loading ??= instantiate();
  return loading;
}

/** The package's own entry imports the .wasm file as a module, which Node 22 does not do; its bindings are wired here. */
async function instantiate(): Promise<void> {
  // The engine reports panics here before it throws "unreachable"; without the registry the reason is lost.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message(message: string) {
        throw new Error(`The schema engine panicked: ${message}`);
      },
    },
  });
  const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = new WebAssembly.Module(await readFile(path.join(folder, 'schema_engine_bg.wasm')));
  const wired: Record<string, unknown> = { ...bindings };
  for (const [name, binding] of Object.entries(wired)) {
    if (name.startsWith('__wbg_setTimeout') && typeof binding === 'function') wired[name] = detached(binding as SetTimer);
  }
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map((entry) => [entry.module, wired as WebAssembly.ModuleImports]));
  const { exports } = new WebAssembly.Instance(module, imports);
  (bindings as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void }).__wbg_set_wasm(exports);
  const start = exports.__wbindgen_start;
  if (typeof start === 'function') start();
}

type SetTimer = (callback: () => void, ms: number) => NodeJS.Timeout;

/** The engine leaves the timer of its ten-second lock timeout behind, which would hold the process for as long. */
function detached(setTimer: SetTimer): SetTimer {
  return (callback, ms) => setTimer(callback, ms).unref();
}

/** OID of the internal one-byte type "char"; adapter-pg 7.10 cannot read it. */
const CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * A pool whose catalog answers the engine of Prisma 7.10 understands: "char" columns become text, and the letters that
 * it panics at are left out of pg_constraint (PostgreSQL 18 lists NOT NULL there; check and exclusion constraints are ours).
 */
function catalogPool(url: string): pg.Pool {
  // Its idle timers outlive end() and would hold the process for ten seconds.
  const pool = new pg.Pool({ connectionString: url, max: 2, allowExitOnIdle: true });
  pool.on('error', () => {});
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryResult>;
  const patched = async (...args: unknown[]): Promise<pg.QueryResult> => {
    const [config] = args;
    if (hasText(config))
      config.text = config.text.replace(`contype NOT IN ('p', 'u', 'f')`, `contype NOT IN ('p', 'u', 'f', 'n', 't', 'c', 'x')`);
    const result = await query(...args);
    for (const field of result.fields ?? []) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
    return result;
  };
  pool.query = patched as typeof pool.query;
  return pool;
}

function hasText(value: unknown): value is { text: string } {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';
}
