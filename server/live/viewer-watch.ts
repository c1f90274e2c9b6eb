/**
 * Ends the streams of people whose account was disabled, deleted or given another role: one query for all connected viewers
 * every few seconds. A token is checked when it is presented; this is for what happens afterwards.
 */
import type pg from 'pg';
import { effectiveRole } from '../auth/authorize.ts';
import type { Role, Viewer } from '../auth/viewer.ts';
import type { UserId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';

export interface ViewerWatch {
  stop(): void;
}

interface Account {
  id: UserId;
  role: Role;
  disabled: boolean;
}

/**
 * `viewers`: everybody connected now. `lost` is called for each that may no longer be served as they were. A viewer's role may be
 * lower than the account's (a token's claim lowers it), so the account must still allow it, and stay what it was at the first look.
 */
export function watchViewers(options: {
  pool: Pick<pg.Pool, 'query'>;
  everyMs: number;
  viewers: () => Iterable<Viewer>;
  lost: (viewer: Viewer) => void;
  log: Log;
}): ViewerWatch {
  const seen = new WeakMap<Viewer, Role>();
  let looking = false;

  async function look(): Promise<void> {
    const viewers = [...options.viewers()];
    if (viewers.length === 0) return;
    const result = await options.pool.query<Account>(
      `SELECT "id", "role"::text AS role, "disabledAt" IS NOT NULL AS disabled FROM "User" WHERE "id" = ANY($1::uuid[])`,
      [[...new Set(viewers.map((viewer) => viewer.userId))]],
    );
    const accounts = new Map(result.rows.map((account) => [account.id, account]));
    for (const viewer of viewers) {
      const account = accounts.get(viewer.userId);
      if (account === undefined || account.disabled || !isSame(viewer, account.role)) options.lost(viewer);
    }
  }

  function isSame(viewer: Viewer, role: Role): boolean {
    const before = seen.get(viewer);
    seen.set(viewer, role);
    return (before === undefined || before === role) && effectiveRole(role, viewer.role) === viewer.role;
  }

  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) =>
        options.log.warn('live.viewer-watch-failed', { message: error instanceof Error ? error.message : String(error) }),
      )
      .finally(() => {
        looking = false;
      });
  }, options.everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
