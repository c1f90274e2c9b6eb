/** The words of a comparison with Cal.com: which bookings, how, and what came of it. */
import type { CalcomCredential, CalcomFailure } from '../calcom/calcom-client.ts';
import type { UserId } from '../kernel/ids.ts';

/** `recent`: what changed since the last look. `window`: every booking that starts in a range, field by field. */
export type SweepKind = { kind: 'recent' } | { kind: 'window'; span: 'near' | 'full' | 'custom'; from: Date; to: Date };

export type SweepSpan = 'RECENT' | 'NEAR' | 'FULL' | 'CUSTOM' | 'LISTED';
/** REPORT looks and changes nothing. */
export type SweepMode = 'REPORT' | 'REPAIR';

export const DRIFT_CLASSES = ['MISSING', 'MOVED', 'STALE', 'GHOST', 'UNKNOWN_HOST'] as const;
export type DriftClass = (typeof DRIFT_CLASSES)[number];
export type DriftCounts = Record<DriftClass, number>;

/** A credential and who Cal.com said that its owner is. */
export interface SweepOwner extends CalcomCredential {
  calcomUserId?: number | null;
  /** Lower case. */
  calcomEmail?: string | null;
}

/** A failure of Cal.com, or one of the sweep's own. */
export interface SweepFailure {
  kind: CalcomFailure['kind'] | SweepTrouble;
  message: string;
}

export type SweepTrouble =
  /** More bookings than any clinician has: an upstream fault. */
  | 'TooManyPages'
  /** So many of ours are gone upstream at once that a person must look first. */
  | 'TooManyGone'
  /** Cal.com is not (or is not proven to be) the one that our bookings are from. */
  | 'OtherInstance'
  /** The gateway stops, or lost its lock; the next sweep goes on. */
  | 'Interrupted';

export interface SweepReport {
  /** Of the stored report; null when there was nothing worth storing. */
  id: string | null;
  span: SweepSpan;
  mode: SweepMode;
  /** Every listing was read to its end, and nothing changed while it was read. */
  complete: boolean;
  /** Clinicians whose bookings were compared. */
  owners: number;
  /** Clinicians left out because another sweep of theirs was running. */
  busy: number;
  seen: number;
  /** Bookings that a person would call different, by class. */
  counts: DriftCounts;
  /** Bookings of which something was unknown or different here, also what nobody sees. */
  differing: number;
  /** Rows of the change log written. */
  changes: number;
  /** Of hosts that are not ours. */
  foreign: number;
  unreadable: number;
  failures: SweepFailure[];
}

export interface SweepProgress {
  ownerId: UserId | null;
  /** Of this clinician, so far. */
  seen: number;
  /** As Cal.com says at the beginning; null before it was asked. */
  total: number | null;
}

export const noDrift = (): DriftCounts => ({ MISSING: 0, MOVED: 0, STALE: 0, GHOST: 0, UNKNOWN_HOST: 0 });

export function emptyReport(id: string, span: SweepSpan, mode: SweepMode): SweepReport {
  return {
    id,
    span,
    mode,
    complete: false,
    owners: 0,
    busy: 0,
    seen: 0,
    counts: noDrift(),
    differing: 0,
    changes: 0,
    foreign: 0,
    unreadable: 0,
    failures: [],
  };
}

export const DAY_MS = 86_400_000;

/** Everything that starts between yesterday and two weeks ahead: what a board can show. */
export function nearWindow(now: Date): SweepKind {
  return { kind: 'window', span: 'near', from: new Date(now.getTime() - DAY_MS), to: new Date(now.getTime() + 15 * DAY_MS) };
}

/** Two months back to more than a year ahead: farther than any booking window of a clinic reaches. */
export function fullWindow(now: Date): SweepKind {
  return { kind: 'window', span: 'full', from: new Date(now.getTime() - 60 * DAY_MS), to: new Date(now.getTime() + 400 * DAY_MS) };
}

export function spanOf(kind: SweepKind): SweepSpan {
  if (kind.kind === 'recent') return 'RECENT';
  return ({ near: 'NEAR', full: 'FULL', custom: 'CUSTOM' } as const)[kind.span];
}
