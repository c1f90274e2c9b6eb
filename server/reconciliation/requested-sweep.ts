/** Which comparison a stored wish means. */
import type { DriftReportRow } from './drift-reports.ts';
import { fullWindow, nearWindow, type SweepKind } from './sweep.ts';

/** Null: what an earlier report lists. */
export function requestedSweep(row: DriftReportRow, now: Date): SweepKind | null {
  switch (row.span) {
    case 'RECENT':
      return { kind: 'recent' };
    case 'NEAR':
      return nearWindow(now);
    case 'FULL':
      return fullWindow(now);
    case 'CUSTOM':
      return row.windowFrom === null || row.windowTo === null
        ? nearWindow(now)
        : { kind: 'window', span: 'custom', from: row.windowFrom, to: row.windowTo };
    case 'LISTED':
      return null;
  }
}
