/**
 * One reader of the change log per instance: from its own position, in batches, after each ring of the bell and by a slow poll.
 * It reads only below the horizon, so nothing is skipped; while something committed is still held back by an open transaction,
 * it looks again soon, because no bell will ring when that transaction was not ours.
 */
import type pg from 'pg';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Bell } from './bell.ts';
import { type ChangeRow, type LogPosition, openTimeline, readChanges } from './change-log.ts';
import { readHorizon, surveyLog } from './horizon.ts';
import { keepTrying } from './keep-trying.ts';
import { comparePositions } from './log-position.ts';

export interface TailListener {
  /** Every change after the last batch, up to and including `upTo`. The next batch comes when this has resolved. */
  changes(changes: ChangeRow[], upTo: LogPosition): Promise<void>;
  /** The log is another one now (the database was restored): everything before `position` is unknown. */
  restarted(position: LogPosition): void;
}

export interface TailHealth {
  /** Everything up to here has been delivered. */
  position: LogPosition;
  /** Last successful read. */
  readAt: Date | null;
  /** Since when the log cannot be read; null while it can. */
  failingSince: Date | null;
  /** Since when what was read is being delivered; null while nothing is. */
  deliveringSince: Date | null;
  /** When the oldest committed change was applied that an open transaction holds back; null: none. `findBlocker` names the transaction. */
  heldBackSince: Date | null;
}

export interface Tail {
  health(): TailHealth;
  stop(): Promise<void>;
}

const BATCH = 500;
/** Waits between looks while something is held back; the last one repeats. */
const HELD_BACK_WAITS_MS = [10, 25, 50, 100, 250];

export function startTail(options: {
  pool: pg.Pool;
  bell: Pick<Bell, 'onRing'>;
  from: LogPosition;
  listener: TailListener;
  clock: Clock;
  log: Log;
  /** Wait between looks when no bell rings. Default 1000. */
  pollMs?: number;
}): Tail {
  const { pool, listener, clock, log } = options;
  const pollMs = options.pollMs ?? 1_000;
  const stopping = new AbortController();
  const health: TailHealth = { position: options.from, readAt: null, failingSince: null, deliveringSince: null, heldBackSince: null };

  let rung = false;
  let wake: (() => void) | null = null;
  const stopListening = options.bell.onRing(() => {
    rung = true;
    wake?.();
  });

  /** Resolves after `ms`, or at once when the bell rings or has rung since the last look. */
  async function ring(ms: number): Promise<void> {
    if (rung || stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    wake = null;
  }

  const persist = <Value>(effect: () => Promise<Value>) =>
    keepTrying(effect, {
      signal: stopping.signal,
      failed(error, failures) {
        health.failingSince ??= clock.now();
        if (failures === 1 || failures % 10 === 0) log.warn('live.tail-failed', { failures, message: messageOf(error) });
      },
    });

  async function read() {
    const batch = await readChanges(pool, health.position, BATCH);
    // The past of this database was restored.
    if (comparePositions(batch.horizon, health.position) < 0) await startAgain();
    if (health.failingSince !== null) log.info('live.tail-recovered');
    health.failingSince = null;
    health.readAt = clock.now();
    return batch;
  }

  async function survey(): Promise<void> {
    const found = await surveyLog(pool, health.position.timeline);
    health.heldBackSince = found.heldBackSince;
    if (!found.sameLog) await startAgain();
  }

  async function startAgain(): Promise<void> {
    health.position = await readHorizon(pool, await openTimeline(pool));
    log.warn('live.log-replaced');
    listener.restarted(health.position);
  }

  async function run(): Promise<void> {
    let looks = 0;
    while (!stopping.signal.aborted) {
      rung = false;
      const { changes, horizon } = await persist(read);
      const full = changes.length >= BATCH;
      const upTo = full ? (changes.at(-1)?.position ?? horizon) : horizon;
      if (comparePositions(upTo, health.position) > 0) {
        health.deliveringSince = clock.now();
        await listener.changes(changes, upTo);
        health.deliveringSince = null;
        health.position = upTo;
      }
      if (full || rung) continue;
      await persist(survey);
      looks = health.heldBackSince === null ? 0 : looks + 1;
      await ring(looks === 0 ? pollMs : (HELD_BACK_WAITS_MS[Math.min(looks, HELD_BACK_WAITS_MS.length) - 1] ?? pollMs));
      if (rung) looks = 0;
    }
  }

  const done = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });

  return {
    health: () => ({ ...health }),
    async stop() {
      stopListening();
      stopping.abort();
      wake?.();
      await done;
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
