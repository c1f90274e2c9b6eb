/**
 * What stands before the instances: the webhooks of Cal.com go to one of those that are in, in turn. What breaks before a byte was
 * answered is tried at the other one; a 5xx goes back to Cal.com, which forgets it.
 */
import type { Delivery } from '../../../sandbox/sandbox.ts';
import type { Which } from './clinic.ts';

export interface Balancer {
  deliver(delivery: Delivery): Promise<number>;
  /** No webhook goes there any more, and those that wait there are sent to the other one: its health check has failed. */
  takeOut(which: Which): void;
  putIn(which: Which): void;
  /** Resolves when `count` more have been answered 200. */
  acknowledged(count: number): Promise<void>;
}

export function createBalancer(urlOf: (which: Which) => string): Balancer {
  /** Those that are in; aborted when taken out. */
  const inService = new Map<Which, AbortController>([0, 1].map((which) => [which as Which, new AbortController()]));
  let turn = 0;
  let acknowledged = 0;
  let waiting: { from: number; resolve: () => void }[] = [];

  function count(): void {
    acknowledged += 1;
    const due = waiting.filter((one) => one.from <= acknowledged);
    waiting = waiting.filter((one) => one.from > acknowledged);
    for (const one of due) one.resolve();
  }

  async function post(which: Which, { body, headers }: Delivery, { signal }: AbortController): Promise<number> {
    const response = await fetch(`${urlOf(which)}/api/calcom/webhooks`, { method: 'POST', headers, body, signal });
    await response.body?.cancel();
    return response.status;
  }

  return {
    async deliver(delivery) {
      turn += 1;
      const order: Which[] = turn % 2 === 0 ? [0, 1] : [1, 0];
      for (const which of order) {
        const taking = inService.get(which);
        if (taking === undefined) continue;
        try {
          const status = await post(which, delivery, taking);
          if (status === 200) count();
          return status;
        } catch {
          // The connection broke: killed, not there yet, or taken out.
        }
      }
      return 502;
    },
    takeOut(which) {
      inService.get(which)?.abort();
      inService.delete(which);
    },
    putIn: (which) => void inService.set(which, new AbortController()),
    acknowledged: (more) => new Promise((resolve) => waiting.push({ from: acknowledged + more, resolve })),
  };
}
