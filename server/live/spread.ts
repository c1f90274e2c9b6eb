/** One after the other at an even pace: ten thousand clients that are sent away in one instant come back in one instant. */
import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks at what is due. */
const STEP_MS = 20;

/** `act` for each, on average `everyMs` apart; 0: at once. Takes `items.length × everyMs`, also on a busy machine, which does more in each step. */
export async function spread<Item>(items: readonly Item[], everyMs: number, act: (item: Item) => void): Promise<void> {
  const startedAt = performance.now();
  let done = 0;
  while (done < items.length) {
    const due = everyMs > 0 ? Math.floor((performance.now() - startedAt) / everyMs) + 1 : items.length;
    for (const item of items.slice(done, due)) act(item);
    done = due;
    if (done < items.length) await delay(STEP_MS);
  }
}
