/** Brings one subscriber from its cursor to the present, reading the log itself, and then into the hub. */
import type pg from 'pg';
import type { Clock } from '../kernel/clock.ts';
import { type LogPosition, readChanges } from './change-log.ts';
import { comparePositions } from './log-position.ts';
import type { Hub } from './hub.ts';
import { keepTrying } from './keep-trying.ts';
import { reachOf, type ReplayLimits } from './reach.ts';
import type { Subscriber } from './subscriber.ts';

export interface ReplayOptions {
  pool: pg.Pool;
  hub: Hub;
  clock: Clock;
  limits: ReplayLimits;
  /** Runs one statement; bounds how many replays ask the database at once. */
  inTurn: <Value>(statement: () => Promise<Value>) => Promise<Value>;
  /** Changes read at once; the subscriber's queue must hold them beside what is not yet taken. */
  batch: number;
}

/**
 * RESYNC as first event when the log no longer reaches the cursor, otherwise every change since, then a mark.
 * Live in either case. Resolves when that is done or the stream has ended; rejects only with what is not expected.
 */
export async function replay(subscriber: Subscriber, since: LogPosition, options: ReplayOptions): Promise<void> {
  const { pool, hub, batch } = options;
  const ask = <Value>(statement: () => Promise<Value>) =>
    keepTrying(() => options.inTurn(statement), { signal: subscriber.ended, failed: () => {} });
  try {
    const reach = await ask(() => reachOf(pool, since, options.limits, options.clock.now()));
    if (reach.kind !== 'REACHED') return subscriber.resync(hub.joinNow(subscriber, reach.present));
    let position = reach.following === 0 ? reach.present : since;
    // The mark that joining sends must mean the present of the log, which the hub may not have read yet.
    while (comparePositions(position, reach.present) < 0 || !hub.joinFrom(subscriber, position)) {
      if (hub.reached().timeline !== position.timeline) return subscriber.resync(hub.joinNow(subscriber));
      await subscriber.queue.drainedTo(batch);
      const from = position;
      const { changes, horizon } = await ask(() => readChanges(pool, from, batch));
      await hub.replay(subscriber, changes);
      position = changes.length < batch ? horizon : (changes.at(-1)?.position ?? horizon);
    }
  } catch (error) {
    if (!subscriber.over) throw error;
  }
}
