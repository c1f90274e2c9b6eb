/**
 * The bell: "there is something new in the log", and nothing else. It is Yoga's pub/sub, within the process, and across
 * instances through Redis when there is one. A lost ring does no harm (the tail also polls), so nothing here throws or waits.
 */
import { createRedisEventTarget } from '@graphql-yoga/redis-event-target';
import { createPubSub, type PubSub, SlidingBuffer } from 'graphql-yoga';
import { Redis } from 'ioredis';
import type { Log } from '../kernel/log.ts';

export interface Bell {
  /** All rings of one tick are one. */
  ring(): void;
  /** Calls back at each ring, of any instance; answers how to stop that. */
  onRing(callback: () => void): () => void;
  /** For health; `none` when there is no Redis. */
  redis(): 'none' | 'up' | 'down';
  stop(): void;
}

const CHANNEL = 'fintan-gateway:bell';
const LONGEST_RECONNECT_WAIT_MS = 2_000;

type Rings = { [CHANNEL]: [] };

export function createBell(options: { redisUrl: string | null; log: Log }): Bell {
  const listeners = new Set<() => void>();
  const here = createPubSub<Rings>({ repeaterBuffer: new SlidingBuffer(1) });
  const line = options.redisUrl === null ? null : openLine(options.redisUrl, options.log, () => here.publish(CHANNEL));
  const stopHere = listen(here, () => {
    for (const listener of listeners) listener();
  });

  let rung = false;
  return {
    ring() {
      if (rung) return;
      rung = true;
      queueMicrotask(() => {
        rung = false;
        here.publish(CHANNEL);
        line?.ring();
      });
    },
    onRing(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
    redis: () => line?.state() ?? 'none',
    stop() {
      listeners.clear();
      stopHere();
      line?.stop();
    },
  };
}

function listen(pubSub: PubSub<Rings>, heard: () => void): () => void {
  const rings = pubSub.subscribe(CHANNEL);
  const loop = async () => {
    for await (const _ of rings) heard();
  };
  void loop();
  return () => void rings.return();
}

/** The bell's wire to the other instances. `heard` is also called after each reconnect: rings may have been missed. */
function openLine(redisUrl: string, log: Log, heard: () => void) {
  const retryStrategy = (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_WAIT_MS);
  // A ring while Redis is away is dropped at once; the subscription waits for as long as it takes.
  const publisher = new Redis(redisUrl, { retryStrategy, enableOfflineQueue: false, maxRetriesPerRequest: 0 });
  const subscriber = new Redis(redisUrl, { retryStrategy, maxRetriesPerRequest: null });
  let up: boolean | null = null;
  const turned = (now: boolean) => {
    if (up === now) return;
    up = now;
    log[now ? 'info' : 'warn'](now ? 'bell.redis-up' : 'bell.redis-down');
  };
  // ioredis reports every failed attempt to connect; one line for each change is enough.
  for (const client of [publisher, subscriber]) {
    client.on('error', () => turned(false));
    client.on('close', () => turned(false));
  }
  subscriber.on('ready', () => {
    turned(true);
    heard();
  });

  const pubSub = createPubSub<Rings>({
    eventTarget: createRedisEventTarget({
      publishClient: withoutRejections(publisher),
      subscribeClient: withoutRejections(subscriber),
    }),
    repeaterBuffer: new SlidingBuffer(1),
  });
  const stopListening = listen(pubSub, heard);
  return {
    ring: () => pubSub.publish(CHANNEL),
    state: (): 'up' | 'down' => (up === true ? 'up' : 'down'),
    stop() {
      stopListening();
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

/** The event target drops the promises of its clients, so a rejection (Redis is away) would end the process. */
function withoutRejections(client: Redis): Redis {
  return new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        return result instanceof Promise ? result.catch(() => undefined) : result;
      };
    },
  });
}
