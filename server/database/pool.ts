/** The one pool of an instance, shared by our SQL, Prisma and graphile-worker. */
import pg from 'pg';
import type { Log } from '../kernel/log.ts';

/**
 * Our write transactions are short. A transaction forgotten open holds the change log back for everybody
 * (ARCHITECTURE, decision 2), so the server ends it.
 */
const IDLE_IN_TRANSACTION_MS = 15_000;
const STATEMENT_MS = 30_000;
const CONNECT_MS = 10_000;

export function createPool(options: { url: string; size: number; log: Log; applicationName?: string }): pg.Pool {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.size,
    connectionTimeoutMillis: CONNECT_MS,
    // Its idle timers outlive end() and would hold the process for ten seconds.
    allowExitOnIdle: true,
    application_name: options.applicationName ?? 'fintan-gateway',
    // What was answered is on the disk, whatever the database's default: a webhook is not sent twice.
    options: `-c synchronous_commit=on -c timezone=UTC -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS} -c statement_timeout=${STATEMENT_MS}`,
  });
  // Without these an ended connection (a restart of PostgreSQL) is an unhandled 'error' event and ends the process.
  pool.on('error', (error) => options.log.warn('database.connection-lost', { message: error.message }));
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
