/**
 * POSITION and RESYNC, as updates. Ten thousand heartbeats name the same position: they are one object with one signed cursor, so
 * that what is executed for it is executed once for each group (shared-execution).
 */
import type { LiveUpdate } from '../services.ts';
import type { LogPosition } from './change-log.ts';
import { comparePositions } from './log-position.ts';

export interface Marks {
  position(at: LogPosition): LiveUpdate;
  resync(at: LogPosition): LiveUpdate;
}

export function createMarks(cursorOf: (position: LogPosition) => string): Marks {
  function newest(kind: 'POSITION' | 'RESYNC'): (at: LogPosition) => LiveUpdate {
    let last: { at: LogPosition; update: LiveUpdate } | null = null;
    return (at) => {
      if (last === null || last.at.timeline !== at.timeline || comparePositions(last.at, at) !== 0) {
        last = { at, update: markOf(kind, cursorOf(at)) };
      }
      return last.update;
    };
  }
  return { position: newest('POSITION'), resync: newest('RESYNC') };
}

function markOf(kind: 'POSITION' | 'RESYNC', cursor: string): LiveUpdate {
  return {
    kind,
    cursor,
    appointmentId: null,
    version: null,
    appointment: null,
    changedFields: [],
    previous: null,
    cause: null,
    trace: null,
  };
}
