/**
 * When events are applied: at once in the process that received them, in order per booking, a few at a time; and whatever
 * is left for ten seconds by any instance. The database is the queue, memory only a shortcut, so nothing here can lose.
 */
import type { WebhookEventId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { ApplyEvent } from './apply-event.ts';
import type { Inbox, InboxEvent } from './inbox.ts';
import type { RecordedEvent } from './receive.ts';

export interface ApplierOptions {
  inbox: Inbox;
  apply: ApplyEvent;
  log: Log;
  /** How often leftovers are looked for. */
  pollMs?: number;
}

export interface Applier {
  start(): void;
  /** Hand over what was just recorded. */
  take(event: RecordedEvent): void;
  /** Applies what is due now; the number of events taken. */
  leftovers(): Promise<number>;
  /** Resolves when nothing handed over is waiting or running. */
  idle(): Promise<void>;
  /** Finishes what runs, takes nothing more. */
  stop(): Promise<void>;
}

const CONCURRENCY = 6;
/** Beyond this memory is not used: the rows are durable and will be found as leftovers. */
const MAX_IN_MEMORY = 2_000;
const CLAIM_BATCH = 50;
const LEASE_MS = 60_000;

export function createApplier({ inbox, apply, log, pollMs = 2_000 }: ApplierOptions): Applier {
  const chains = new Map<string, InboxEvent[]>();
  const ready: string[] = [];
  /** Waiting or running here. */
  const taken = new Set<WebhookEventId>();
  let pumping = false;
  let running = 0;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<number> | null = null;
  const idlers: (() => void)[] = [];

  function enqueue(event: InboxEvent): void {
    // A long queue: the database counts it among the leftovers, and it is about to be applied.
    if (taken.has(event.id)) return;
    taken.add(event.id);
    const chain = event.bookingUid ?? event.id;
    const queue = chains.get(chain);
    if (queue !== undefined) {
      queue.push(event);
      return;
    }
    chains.set(chain, [event]);
    ready.push(chain);
    pumpSoon();
  }

  /** Whoever waits for the answer that an event is recorded gets it first. */
  function pumpSoon(): void {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      pump();
    });
  }

  const next = () => (running < CONCURRENCY && !stopping ? ready.shift() : undefined);

  function pump(): void {
    for (let chain = next(); chain !== undefined; chain = next()) {
      running += 1;
      void runChain(chain);
    }
    if (running === 0 && taken.size === 0) for (const idler of idlers.splice(0)) idler();
  }

  async function runChain(chain: string): Promise<void> {
    const queue = chains.get(chain);
    const event = queue?.shift();
    if (event !== undefined) {
      await apply(event);
      taken.delete(event.id);
    }
    if (queue === undefined || queue.length === 0) chains.delete(chain);
    else ready.push(chain);
    running -= 1;
    pump();
  }

  async function poll(): Promise<number> {
    let claimed = 0;
    for (;;) {
      const events = await inbox.claim(CLAIM_BATCH, LEASE_MS);
      for (const event of events) enqueue(event);
      claimed += events.length;
      if (events.length < CLAIM_BATCH || taken.size > MAX_IN_MEMORY || stopping) break;
    }
    return claimed;
  }

  const applier: Applier = {
    start() {
      timer = setInterval(() => {
        polling ??= poll()
          .catch((error: unknown) => {
            log.warn('inbox.poll-failed', { problem: error instanceof Error ? error.message : String(error) });
            return 0;
          })
          .finally(() => {
            polling = null;
          });
      }, pollMs);
    },
    take({ id, address, body, receivedAt, recordedAt }) {
      if (stopping || taken.size >= MAX_IN_MEMORY) return;
      enqueue({
        id,
        triggerEvent: address.triggerEvent,
        bookingUid: address.bookingUid,
        attempts: 0,
        receivedAt,
        recordedAt,
        body,
      });
    },
    async leftovers() {
      const claimed = await poll();
      await applier.idle();
      return claimed;
    },
    idle() {
      return new Promise((resolve) => {
        idlers.push(resolve);
        pump();
      });
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await polling;
      // What waits in memory stays durable in the inbox.
      for (const event of [...chains.values()].flat()) taken.delete(event.id);
      chains.clear();
      ready.length = 0;
      if (running > 0 || taken.size > 0) await new Promise<void>((resolve) => void idlers.push(resolve));
    },
  };
  return applier;
}
