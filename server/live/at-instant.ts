/** Calls back at an instant however far away it is; answers how to prevent that. */
import type { Clock } from '../kernel/clock.ts';

/** The longest wait that a Node timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `instant` in Unix milliseconds of `clock`. In the past: calls back soon, never before this returns. */
export function atInstant(clock: Clock, instant: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = () => {
    const wait = instant - clock.now().getTime();
    timer = setTimeout(() => (clock.now().getTime() >= instant ? callback() : arm()), Math.min(Math.max(wait, 1), LONGEST_TIMER_MS));
    timer.unref();
  };
  arm();
  return () => clearTimeout(timer);
}
