/**
 * Encrypts again, with the first of DATA_KEYS, whatever another key has encrypted: in small steps beside a running gateway,
 * each complete in itself. What was done stays done, so it may be interrupted and repeated.
 */
import type pg from 'pg';
import { type EncryptedColumn, encryptedColumns } from './encrypted-columns.ts';
import type { Encryption } from './encryption.ts';

type Database = Pick<pg.Pool, 'query'>;

export interface RotationProgress {
  /** Values that the first key did not encrypt when it began. */
  total: number;
  /** Of them looked at so far. */
  seen: number;
}

export interface RotationReport {
  rotated: number;
  /** Their key is not among DATA_KEYS, or they were changed: left as they are. `User.calcomApiKey` and how many. */
  unreadable: { column: string; count: number }[];
}

export interface RotationOptions {
  pool: Database;
  encryption: Encryption;
  /** Id of the first of DATA_KEYS. */
  keyId: string;
  onProgress?: (progress: RotationProgress) => void;
  /** Looked at between steps. */
  signal?: AbortSignal;
  /** Values a step. */
  step?: number;
}

const STEP = 200;

interface Sealed {
  key: string;
  value: string;
}

/** Rejects with the signal's reason when it was stopped. */
export async function rotateKeys(options: RotationOptions): Promise<RotationReport> {
  const { pool, keyId } = options;
  const progress: RotationProgress = { total: 0, seen: 0 };
  for (const column of encryptedColumns) progress.total += await countOld(pool, column, keyId);
  options.onProgress?.({ ...progress });
  const report: RotationReport = { rotated: 0, unreadable: [] };
  for (const column of encryptedColumns) {
    let unreadable = 0;
    let after: string | null = null;
    for (;;) {
      options.signal?.throwIfAborted();
      const batch = await oldValues(pool, column, keyId, after, options.step ?? STEP);
      const last = batch.at(-1);
      if (last === undefined) break;
      after = last.key;
      const fresh = batch.flatMap((one) => sealedAgain(options.encryption, column, one) ?? []);
      report.rotated += await replace(pool, column, fresh);
      unreadable += batch.length - fresh.length;
      progress.seen += batch.length;
      options.onProgress?.({ ...progress });
    }
    if (unreadable > 0) report.unreadable.push({ column: `${column.table}.${column.column}`, count: unreadable });
  }
  return report;
}

async function countOld(pool: Database, { table, column }: EncryptedColumn, keyId: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM "${table}" WHERE "${column}" IS NOT NULL AND NOT starts_with("${column}", $1)`,
    [`${keyId}:`],
  );
  return rows[0]?.count ?? 0;
}

async function oldValues(
  pool: Database,
  { table, key, keyType, column }: EncryptedColumn,
  keyId: string,
  after: string | null,
  step: number,
): Promise<Sealed[]> {
  const { rows } = await pool.query<Sealed>(
    `SELECT "${key}"::text AS key, "${column}" AS value FROM "${table}"
     WHERE "${column}" IS NOT NULL AND NOT starts_with("${column}", $1) AND ($2::${keyType} IS NULL OR "${key}" > $2::${keyType})
     ORDER BY "${key}" LIMIT $3`,
    [`${keyId}:`, after, step],
  );
  return rows;
}

function sealedAgain(encryption: Encryption, { purpose }: EncryptedColumn, { key, value }: Sealed): (Sealed & { fresh: string }) | null {
  try {
    return { key, value, fresh: encryption.encrypt(encryption.decrypt(value, purpose), purpose) };
  } catch {
    return null;
  }
}

/** Only where the old value still stands: a token that was renewed meanwhile is newer than ours. */
async function replace(
  pool: Database,
  { table, key, keyType, column }: EncryptedColumn,
  values: readonly (Sealed & { fresh: string })[],
): Promise<number> {
  if (values.length === 0) return 0;
  const { rowCount } = await pool.query(
    `UPDATE "${table}" t SET "${column}" = r.fresh FROM jsonb_to_recordset($1::jsonb) AS r(key ${keyType}, value text, fresh text)
     WHERE t."${key}" = r.key AND t."${column}" = r.value`,
    [JSON.stringify(values)],
  );
  return rowCount ?? 0;
}
