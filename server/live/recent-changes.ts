/**
 * The last changes that the tail has read, in memory: who comes back after a moment is served from here without a query,
 * and who replays from the database joins the tail here without a gap.
 */
import type { ChangeRow, LogPosition } from './change-log.ts';
import { comparePositions } from './log-position.ts';

export interface RecentChanges {
  /** Everything up to here has been added. */
  end(): LogPosition;
  add(changes: readonly ChangeRow[], upTo: LogPosition): void;
  /** Every change after `position`, up to `end()`; null when they are no longer all here. */
  after(position: LogPosition): ChangeRow[] | null;
}

export function createRecentChanges(from: LogPosition, capacity: number): RecentChanges {
  let start = from;
  let end = from;
  let changes: ChangeRow[] = [];
  return {
    end: () => end,
    add(added, upTo) {
      end = upTo;
      changes.push(...added);
      if (changes.length <= capacity) return;
      // Half at a time, so that a busy log does not move the array at each change.
      const dropped = changes.length - Math.floor(capacity / 2);
      start = changes[dropped - 1]?.position ?? start;
      changes = changes.slice(dropped);
    },
    after(position) {
      if (comparePositions(position, start) < 0) return null;
      const first = changes.findLastIndex((change) => comparePositions(change.position, position) <= 0) + 1;
      return changes.slice(first);
    },
  };
}
