/**
 * SQL statements by who caused them. What runs beside (the tail of the change log, heartbeats, another request) is not counted:
 * work is followed through its promises, a request by a header, a borrowed connection until it is given back.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type pg from 'pg';

const HEADER = 'x-counted';

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface StatementCounter {
  /** Texts of the statements that `work` causes, in this process or by requests sent with `headers()`. */
  count(work: () => Promise<unknown>): Promise<string[]>;
  /** To send with a request of the work that is counted; empty outside of any. */
  headers(): Record<string, string>;
  /** A handler whose statements count for whoever sent the request. */
  serve(handler: Handler): Handler;
}

interface Counted {
  id: string;
  statements: string[];
}

/** Once per pool: its methods are replaced. Sees our own queries, Prisma's and transactions. */
export function createStatementCounter(pool: pg.Pool): StatementCounter {
  const work = new AsyncLocalStorage<Counted>();
  const underWay = new Map<string, Counted>();
  const lent = new WeakMap<object, Counted>();
  const seen = new WeakSet<object>();

  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  const connect = pool.connect.bind(pool) as (...args: unknown[]) => unknown;
  pool.on('release', (_error, client) => void lent.delete(client));

  function borrow(client: pg.PoolClient, counted: Counted): pg.PoolClient {
    lent.set(client, counted);
    if (seen.has(client)) return client;
    seen.add(client);
    const ask = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query(...args: unknown[]) {
        lent.get(client)?.statements.push(textOf(args[0]));
        return ask(...args);
      },
    });
    return client;
  }

  Object.assign(pool, {
    query(...args: unknown[]) {
      work.getStore()?.statements.push(textOf(args[0]));
      return query(...args);
    },
    connect(...args: unknown[]) {
      const counted = work.getStore();
      // With a callback it is the pool itself, on behalf of a query that is counted already.
      if (counted === undefined || args.length > 0) return connect(...args);
      return (connect() as Promise<pg.PoolClient>).then((client) => borrow(client, counted));
    },
  });

  return {
    async count(task) {
      const counted: Counted = { id: randomUUID(), statements: [] };
      underWay.set(counted.id, counted);
      try {
        await work.run(counted, task);
      } finally {
        underWay.delete(counted.id);
      }
      return counted.statements;
    },
    headers(): Record<string, string> {
      const counted = work.getStore();
      return counted === undefined ? {} : { [HEADER]: counted.id };
    },
    serve: (handler) => (request, response) => {
      const counted = underWay.get(String(request.headers[HEADER]));
      return counted === undefined ? handler(request, response) : work.run(counted, () => handler(request, response));
    },
  };
}

function textOf(asked: unknown): string {
  return typeof asked === 'string' ? asked : String((asked as { text?: string }).text);
}
