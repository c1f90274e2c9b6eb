/** A busy Cal.com: bookings, moves, cancellations, confirmations, absences, about as fast as the gateways apply them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clinic } from './clinic.ts';

export interface Load {
  /** Resolves when the last operation is over. */
  stop(): Promise<void>;
}

const AT_ONCE = 16;
/** Recorded and not yet applied; a real clinic is never further ahead of its gateway. */
const MOST_UNAPPLIED = 50;
const LOOK_MS = 50;

export function startLoad({ sandbox, database }: Clinic): Load {
  const stopped = new AbortController();
  let isAhead = false;

  /** What a killed or paused gateway leaves unapplied for a while must not end the load. */
  async function watchBacklog(): Promise<void> {
    for (; !stopped.signal.aborted; await delay(LOOK_MS)) {
      try {
        const { rows } = await database.pool.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM "CalcomWebhookEvent" WHERE NOT "processed" AND "createdAt" > now() - interval '2 seconds'`,
        );
        isAhead = (rows[0]?.count ?? 0) > MOST_UNAPPLIED;
      } catch {
        // PostgreSQL is away; Cal.com does not know that.
        isAhead = false;
      }
    }
  }

  async function work(): Promise<void> {
    while (!stopped.signal.aborted) {
      if (!isAhead) await sandbox.control.burst({ count: 1 });
      await delay(isAhead ? LOOK_MS : 1);
    }
  }

  const running = Promise.all([watchBacklog(), ...Array.from({ length: AT_ONCE }, work)]);
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
