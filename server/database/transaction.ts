/**
 * One PostgreSQL transaction on the shared pool. The write doors require a `Transaction`, so that they cannot be called
 * outside of one. No network call belongs inside.
 */
import type pg from 'pg';

declare const brand: unique symbol;
export type Transaction = Pick<pg.ClientBase, 'query'> & { readonly [brand]: 'Transaction' };

/** Runs `work` in READ COMMITTED; commits when it returns, rolls back when it throws. */
export async function inTransaction<Value>(pool: pg.Pool, work: (tx: Transaction) => Promise<Value>): Promise<Value> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const value = await work(client as unknown as Transaction);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    }
    throw error;
  } finally {
    client.release(broken);
  }
}
