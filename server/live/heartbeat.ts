/** POSITION for every live stream at an even pace, a tenth of them at a time. */
import type { Hub } from './hub.ts';

const SLOTS = 10;

export function createHeartbeat(hub: Pick<Hub, 'members' | 'reached'>, everyMs: number): { stop(): void } {
  let beat = 0;
  const timer = setInterval(() => {
    const reached = hub.reached();
    beat = (beat + 1) % SLOTS;
    for (const subscriber of hub.members()) if (subscriber.number % SLOTS === beat) subscriber.heartbeat(reached);
  }, everyMs / SLOTS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
