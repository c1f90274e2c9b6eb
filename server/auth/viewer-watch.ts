/**
 * Ends what a person may no longer have: the role and the disabled mark of everybody with an open stream are read again,
 * in one statement for all, and whoever changed is reported once. With the default interval a stream ends within 10 s.
 */
import type pg from 'pg';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Role, Viewer } from './viewer.ts';

export interface ViewerWatch {
  /** Calls `onChanged` at most once, when the account was disabled, removed or given another role. Returns how to stop. */
  watch(viewer: Viewer, onChanged: () => void): () => void;
  /** Reads at once; what the timer does. */
  check(): Promise<void>;
  /** Forgets everybody and stops the timer; waits for a read under way. */
  stop(): Promise<void>;
}

export interface ViewerWatchOptions {
  pool: Pick<pg.Pool, 'query'>;
  log: Log;
  /** Between the end of one read and the start of the next. */
  intervalMs?: number;
}

const INTERVAL_MS = 5000;

interface Watched {
  role: Role;
  onChanged: () => void;
}

export function createViewerWatch(options: ViewerWatchOptions): ViewerWatch {
  const intervalMs = options.intervalMs ?? INTERVAL_MS;
  const watched = new Map<UserId, Set<Watched>>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  const schedule = () => {
    if (stopped || timer !== null || watched.size === 0) return;
    timer = setTimeout(() => {
      timer = null;
      void check().finally(schedule);
    }, intervalMs);
    timer.unref();
  };

  const check = () => {
    running = running.then(read).catch((error: unknown) => {
      // A database that cannot be reached tells nothing about anybody: keep the streams, try again at the next turn.
      options.log.warn('auth.viewer-watch-failed', { message: error instanceof Error ? error.message : String(error) });
    });
    return running;
  };

  async function read(): Promise<void> {
    if (watched.size === 0) return;
    const asked = [...watched.keys()];
    const result = await options.pool.query<{ id: UserId; role: Role }>(
      `SELECT "id", "role"::text AS role FROM "User" WHERE "id" = ANY($1::uuid[]) AND "disabledAt" IS NULL`,
      [asked],
    );
    const roles = new Map(result.rows.map((row) => [row.id, row.role]));
    for (const id of asked) {
      for (const entry of watched.get(id) ?? []) if (roles.get(id) !== entry.role) end(id, entry);
    }
  }

  function end(id: UserId, entry: Watched): void {
    forget(id, entry);
    entry.onChanged();
  }

  function forget(id: UserId, entry: Watched): void {
    const entries = watched.get(id);
    entries?.delete(entry);
    if (entries?.size === 0) watched.delete(id);
  }

  return {
    watch(viewer, onChanged) {
      const entry: Watched = { role: viewer.accountRole ?? viewer.role, onChanged };
      const entries = watched.get(viewer.userId) ?? new Set();
      watched.set(viewer.userId, entries.add(entry));
      schedule();
      return () => forget(viewer.userId, entry);
    },
    check,
    async stop() {
      stopped = true;
      watched.clear();
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
