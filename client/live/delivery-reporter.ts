/**
 * Tells the gateway, for a few of many changes, when they arrived here and when they were on the screen: the last two
 * stages of the webhook-to-screen trace. A report that gets lost is not repeated, and nothing waits for it.
 */
import type { DeliverySampleInput } from '../generated/graphql.ts';
import type { LiveUpdate } from './appointment-change.ts';
import type { PageSigns } from './page-signs.ts';
import type { ServerClock } from './server-clock.ts';

export interface ArrivedUpdate {
  update: LiveUpdate;
  /** This device's clock, Unix ms. */
  arrivedAt: number;
}

export interface DeliveryReporter {
  /** Changes that were just put into the cache, live and not replayed. */
  readonly applied: (updates: readonly ArrivedUpdate[]) => void;
  readonly dispose: () => void;
}

export interface ReporterParts {
  clock: ServerClock;
  signs: Pick<PageSigns, 'visible' | 'afterPaint'>;
  /** Answers when the next report is welcome, ms; null when it did not get through. */
  send: (samples: DeliverySampleInput[]) => Promise<number | null>;
  /** Between reports, until the gateway says otherwise. */
  everyMs?: number;
}

const EVERY_MS = 10_000;
/** Of one report; of more changes a fair choice. The gateway takes 50. */
const MOST_SAMPLES = 20;
const SLOWEST_MS = 10 * 60_000;

export function createDeliveryReporter({ clock, signs, send, everyMs = EVERY_MS }: ReporterParts): DeliveryReporter {
  let samples: DeliverySampleInput[] = [];
  let offered = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let nextMs = everyMs;
  let disposed = false;

  /** Reservoir sampling: each change of the period has the same chance. */
  function offer(sample: DeliverySampleInput): void {
    offered += 1;
    if (samples.length < MOST_SAMPLES) samples.push(sample);
    else {
      const place = Math.floor(Math.random() * offered);
      if (place < MOST_SAMPLES) samples[place] = sample;
    }
    timer ??= setTimeout(() => void report(), nextMs);
  }

  async function report(): Promise<void> {
    const sent = samples;
    samples = [];
    offered = 0;
    const answer = await send(sent).catch(() => null);
    timer = undefined;
    nextMs = Math.min(Math.max(answer ?? everyMs, everyMs), SLOWEST_MS);
    if (samples.length > 0 && !disposed) timer = setTimeout(() => void report(), nextMs);
  }

  return {
    applied: (updates) => {
      // A hidden page paints nothing.
      if (disposed || updates.length === 0 || !signs.visible()) return;
      void clock.measure();
      signs.afterPaint(() => {
        const paintedAt = Date.now();
        const reading = clock.read();
        if (disposed || reading === null) return;
        const gatewayTime = (at: number): string => new Date(at + reading.offsetMs).toISOString();
        for (const { update, arrivedAt } of updates) {
          if (update.trace == null) continue;
          offer({
            cursor: update.cursor,
            publishedAt: update.trace.publishedAt,
            deliveredAt: gatewayTime(arrivedAt),
            paintedAt: gatewayTime(paintedAt),
            clockErrorMs: reading.errorMs,
          });
        }
      });
    },
    dispose: () => {
      disposed = true;
      clearTimeout(timer);
    },
  };
}
