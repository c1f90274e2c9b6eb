/**
 * What the instances of one gateway know of slots together, through Redis. It only saves calls to Cal.com: when Redis is
 * away or slow, every question is answered without it, and every instance trusts its own answers for seconds only.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { z } from 'zod';
import type { UpstreamSlot } from '../calcom/slot-calls.ts';
import type { Log } from '../kernel/log.ts';

export interface KnownSlots {
  slots: readonly UpstreamSlot[];
  /** When Cal.com was asked, Unix ms. */
  asOf: number;
}

/** What was read, with the number of the clinician's last invalidation at that moment. */
export interface SharedReading {
  generation: string;
  known: KnownSlots | null;
  /** Nothing of this clinician was invalidated since Cal.com was asked. */
  current: boolean;
}

export interface SharedSlots {
  /** Null: Redis does not answer, or not in time. Never rejects. */
  read(clinicianId: string, key: string): Promise<SharedReading | null>;
  /** `reading`: what `read` gave before Cal.com was asked; without it nothing is written. */
  write(key: string, known: KnownSlots, reading: SharedReading | null): void;
  /** Null: everybody. */
  invalidate(clinicianId: string | null): void;
  /** Tells what other instances invalidated; null after a time in which such news may have been missed. */
  onInvalidated(callback: (clinicianId: string | null) => void): void;
  stop(): void;
}

export interface SharedSlotsOptions {
  redisUrl: string;
  /** What this gateway is of: instances with the same words share, others do not see each other. */
  installation: string;
  keptMs: number;
  log: Log;
  /** An answer that takes longer is none, ms. Default 30: people wait for it. */
  slowestMs?: number;
}

const SLOWEST_MS = 30;
/** After a failure Redis is left alone for this long, so that a hanging one delays one question and not all. */
const PAUSE_MS = 2_000;
const LONGEST_RECONNECT_WAIT_MS = 2_000;
const EVERYBODY = '*';

/** Start and places left of each slot; -1 where there are no seats. */
const Stored = z.object({ generation: z.string(), asOf: z.number(), slots: z.array(z.tuple([z.number(), z.number()])) });
const News = z.object({ from: z.string(), clinicianId: z.string().nullable() });

export function createSharedSlots({ redisUrl, installation, keptMs, log, slowestMs = SLOWEST_MS }: SharedSlotsOptions): SharedSlots {
  const self = randomUUID();
  const prefix = `fintan-gateway:slots:${createHash('sha256').update(installation).digest('hex').slice(0, 16)}`;
  const channel = `${prefix}:invalidated`;
  const retryStrategy = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_WAIT_MS);
  const commands = new Redis(redisUrl, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: slowestMs });
  const subscriber = new Redis(redisUrl, { retryStrategy, maxRetriesPerRequest: null });
  const listeners = new Set<(clinicianId: string | null) => void>();
  let pausedUntil = 0;
  let works: boolean | null = null;

  function turned(now: boolean): void {
    if (works === now) return;
    works = now;
    log[now ? 'info' : 'warn'](now ? 'slots.redis-up' : 'slots.redis-down');
  }

  const failed = (): null => {
    pausedUntil = performance.now() + PAUSE_MS;
    turned(false);
    return null;
  };

  const tell = (clinicianId: string | null) => {
    for (const listener of listeners) listener(clinicianId);
  };

  // ioredis reports every failed attempt to connect; `turned` says it once.
  for (const client of [commands, subscriber]) client.on('error', () => turned(false));
  commands.on('ready', () => {
    pausedUntil = 0;
    turned(true);
  });
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).then(
      () => tell(null),
      () => {},
    );
  });
  subscriber.on('message', (_channel: string, text: string) => {
    const news = News.safeParse(parsed(text));
    if (news.success && news.data.from !== self) tell(news.data.clinicianId);
  });

  const entryKey = (key: string) => `${prefix}:answer:${createHash('sha256').update(key).digest('base64url')}`;
  const generationKey = (clinicianId: string | null) => `${prefix}:generation:${clinicianId ?? EVERYBODY}`;

  return {
    async read(clinicianId, key) {
      if (performance.now() < pausedUntil) return null;
      try {
        const [all, own, text] = await commands.mget(generationKey(null), generationKey(clinicianId), entryKey(key));
        const generation = `${all ?? 0}.${own ?? 0}`;
        const stored = text == null ? null : Stored.safeParse(parsed(text));
        if (stored?.success !== true) return { generation, known: null, current: false };
        const slots = stored.data.slots.map(([startsAt, seats]): UpstreamSlot => ({ startsAt, seatsRemaining: seats < 0 ? null : seats }));
        return { generation, known: { slots, asOf: stored.data.asOf }, current: stored.data.generation === generation };
      } catch {
        return failed();
      }
    },

    write(key, { slots, asOf }, reading) {
      if (reading === null || performance.now() < pausedUntil) return;
      const stored: z.input<typeof Stored> = {
        generation: reading.generation,
        asOf,
        slots: slots.map((slot) => [slot.startsAt, slot.seatsRemaining ?? -1]),
      };
      commands.set(entryKey(key), JSON.stringify(stored), 'PX', keptMs).catch(failed);
    },

    invalidate(clinicianId) {
      const news: z.input<typeof News> = { from: self, clinicianId };
      commands
        .multi()
        .incr(generationKey(clinicianId))
        .pexpire(generationKey(clinicianId), 2 * keptMs)
        .publish(channel, JSON.stringify(news))
        .exec()
        .catch(failed);
    },

    onInvalidated(callback) {
      listeners.add(callback);
    },

    stop() {
      listeners.clear();
      commands.disconnect();
      subscriber.disconnect();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
