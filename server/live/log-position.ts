/** The order of positions within one timeline of the change log. */
import type { LogPosition } from './change-log.ts';

/** Negative when `a` is before `b`, 0 when they are the same place; both of one timeline. */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  return compareDecimals(a.xid, b.xid) || compareDecimals(a.id, b.id);
}

export function laterPosition(a: LogPosition, b: LogPosition): LogPosition {
  return comparePositions(a, b) >= 0 ? a : b;
}

/** Decimal strings without sign or leading zeros, compared as numbers: xid8 exceeds a double. */
function compareDecimals(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
