/**
 * Slots as Cal.com computed them, for seconds: identical questions at the same moment are one call, and while Cal.com is
 * away the last known answer is given, marked stale. A booking changes all event types of its clinician.
 */
import { LRUCache } from 'lru-cache';
import type { CalcomFailure, UpstreamSlot } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import { ok, type Result } from '../kernel/result.ts';

export interface SlotQuestion {
  eventTypeId: number;
  clinicianId: string;
  from: number;
  to: number;
  durationMinutes: number | null;
  bookingUidToReschedule: string | null;
}

export interface SlotAnswer {
  slots: UpstreamSlot[];
  stale: boolean;
  /** When Cal.com was asked, Unix ms. */
  asOf: number;
}

export interface SlotCache {
  ask(question: SlotQuestion, upstream: () => Promise<Result<UpstreamSlot[], CalcomFailure>>): Promise<Result<SlotAnswer, CalcomFailure>>;
  /** A booking of this event type was seen: what is known of its clinician is out of date. */
  invalidate(eventTypeId: number): void;
}

const FRESH_MS = 10_000;
/** A last known answer older than this helps nobody. */
const STALE_MS = 3_600_000;
const MOST_QUESTIONS = 2_000;

interface Entry {
  slots: UpstreamSlot[];
  asOf: number;
  clinicianId: string;
  /** False after `invalidate`: usable only while Cal.com is away. */
  fresh: boolean;
}

export function createSlotCache(clock: Clock): SlotCache {
  const entries = new LRUCache<string, Entry>({ max: MOST_QUESTIONS });
  const running = new Map<string, Promise<Result<SlotAnswer, CalcomFailure>>>();
  const clinicianOf = new LRUCache<number, string>({ max: 10_000 });
  /** Rises with every invalidation, so that an answer asked for before it is not kept as fresh. */
  let generation = 0;

  return {
    ask(question, upstream) {
      const key = JSON.stringify(question);
      clinicianOf.set(question.eventTypeId, question.clinicianId);
      const entry = entries.get(key);
      const now = clock.now().getTime();
      if (entry?.fresh === true && now - entry.asOf < FRESH_MS)
        return Promise.resolve(ok({ slots: entry.slots, stale: false, asOf: entry.asOf }));
      const already = running.get(key);
      if (already !== undefined) return already;

      const askedAt = generation;
      const answer = upstream()
        .then((result): Result<SlotAnswer, CalcomFailure> => {
          if (result.ok) {
            entries.set(key, { slots: result.value, asOf: now, clinicianId: question.clinicianId, fresh: askedAt === generation });
            return ok({ slots: result.value, stale: false, asOf: now });
          }
          const away = result.failure.kind === 'Unreachable' || result.failure.kind === 'RateLimited';
          if (away && entry !== undefined && now - entry.asOf < STALE_MS) return ok({ slots: entry.slots, stale: true, asOf: entry.asOf });
          return result;
        })
        .finally(() => {
          if (running.get(key) === answer) running.delete(key);
        });
      running.set(key, answer);
      return answer;
    },

    invalidate(eventTypeId) {
      generation += 1;
      running.clear();
      const clinicianId = clinicianOf.get(eventTypeId);
      for (const entry of entries.values()) if (clinicianId === undefined || entry.clinicianId === clinicianId) entry.fresh = false;
    },
  };
}
