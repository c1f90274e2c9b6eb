/** Asks again when the rate limit allows it: sweeps wait, people do not. */
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import { fail, type Result } from '../kernel/result.ts';
import type { SweepFailure } from './sweep.ts';

const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 2 * 60_000;
/** An hour of waiting for one answer at most. */
const MOST_WAITS = 60;

/** The budget of a credential is used up: the sweep waits, people do not. */
export async function patiently<Value>(
  call: () => Promise<Result<Value, CalcomFailure>>,
  broken: () => SweepFailure | null,
  pause: (ms: number) => Promise<void>,
): Promise<Result<Value, SweepFailure>> {
  let answer = await call();
  for (let waits = 0; waits < MOST_WAITS && !answer.ok && answer.failure.kind === 'RateLimited'; waits += 1) {
    const wait = Math.min(Math.max(answer.failure.retryAfterMs ?? LONGEST_WAIT_MS, SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
    try {
      await pause(wait);
    } catch {
      // Aborted: said below.
    }
    const end = broken();
    if (end !== null) return fail(end);
    answer = await call();
  }
  return answer;
}
