/**
 * A PostgreSQL that restarts or fails over is away for a second or two. Cal.com sends a webhook once, so its request waits
 * that long instead of being refused. A database that stays away is asked once by each, and refuses each at once.
 */
import { setTimeout } from 'node:timers/promises';

export interface OutlastOptions {
  /** How long after the first failure it is still tried again. */
  patienceMs: number;
  betweenMs: number;
  /** Whether another try could end differently. */
  mayPass: (error: unknown) => boolean;
}

/** The same function, tried again while the failure is young. It must be harmless when run twice. */
export function outlastRestart<Input, Output>(
  work: (input: Input) => Promise<Output>,
  { patienceMs, betweenMs, mayPass }: OutlastOptions,
): (input: Input) => Promise<Output> {
  /** Since when nothing has worked; of the monotonic clock. */
  let awaySince: number | null = null;
  return async (input) => {
    for (;;) {
      const startedAt = performance.now();
      try {
        const output = await work(input);
        awaySince = null;
        return output;
      } catch (error) {
        if (!mayPass(error)) throw error;
        awaySince ??= startedAt;
        if (performance.now() + betweenMs - awaySince > patienceMs) throw error;
      }
      await setTimeout(betweenMs);
    }
  };
}
