/** Repeats an effect that must happen sooner or later (a read of the log while PostgreSQL restarts) until it works. */
import { setTimeout as delay } from 'node:timers/promises';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/**
 * Waits 50 ms, then twice as long each time up to 5 s. `failed` is called after each failure, with how many there have been.
 * Rejects when `signal` is aborted, and with the last error after `attempts` (none given: never).
 */
export async function keepTrying<Value>(
  effect: () => Promise<Value>,
  options: { signal: AbortSignal; failed: (error: unknown, failures: number) => void; attempts?: number },
): Promise<Value> {
  for (let failures = 1; ; failures++) {
    options.signal.throwIfAborted();
    try {
      return await effect();
    } catch (error) {
      options.signal.throwIfAborted();
      options.failed(error, failures);
      if (failures === options.attempts) throw error;
      await delay(Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS), undefined, { signal: options.signal });
    }
  }
}
