/** Waits before another attempt, with jitter: a restarted gateway must not meet every board at once. */
import type { PageSigns } from './page-signs.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;

/** `attempt` from 0. A network that is there again ends the wait. */
export function backOff(attempt: number, signs: Pick<PageSigns, 'onOnline'>): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, longest / 2 + (Math.random() * longest) / 2);
    const stop = signs.onOnline(done);
  });
}
