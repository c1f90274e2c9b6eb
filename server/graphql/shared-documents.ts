/** Documents by hash in Redis, so that what was left at one instance is known at the others. Redis away costs clients one more request. */
import { Redis } from 'ioredis';
import type { Log } from '../kernel/log.ts';
import type { SharedDocuments } from './persisted-operations.ts';

const PREFIX = 'fintan-gateway:document:';
const KEPT_MS = 7 * 86_400_000;
const SLOWEST_MS = 30;
const LONGEST_RECONNECT_WAIT_MS = 2_000;

export function createSharedDocuments({ redisUrl, log }: { redisUrl: string; log: Log }): SharedDocuments & { stop(): void } {
  const redis = new Redis(redisUrl, {
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_WAIT_MS),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: SLOWEST_MS,
  });
  // ioredis reports every failed attempt to connect; bell and slots say once that Redis is away.
  redis.on('error', (error: Error) => log.debug('documents.redis-error', { message: error.message }));
  return {
    read: (hash) => redis.get(PREFIX + hash).catch(() => null),
    write: (hash, text) => void redis.set(PREFIX + hash, text, 'PX', KEPT_MS).catch(() => null),
    stop: () => redis.disconnect(),
  };
}
