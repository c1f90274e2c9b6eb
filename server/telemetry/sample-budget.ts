/** How many samples are kept: so many a second of one person, and so many of everybody who reports to this instance. */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../kernel/clock.ts';

export interface SampleBudget {
  /** Takes up to `wanted`; answers how many. */
  take(personId: string, wanted: number): number;
}

interface Bucket {
  left: number;
  at: number;
}

export interface SampleRates {
  /** Sustained, and how many may come at once. */
  person: { perSecond: number; burst: number };
  everybody: { perSecond: number; burst: number };
}

/** A board with a tab or two; and about seven thousand rows an hour at most, whatever the number of boards. */
export const SAMPLE_RATES: SampleRates = { person: { perSecond: 10, burst: 100 }, everybody: { perSecond: 2, burst: 200 } };
const MOST_PEOPLE = 10_000;

export function createSampleBudget(clock: Clock, rates: SampleRates = SAMPLE_RATES): SampleBudget {
  const people = new LRUCache<string, Bucket>({ max: MOST_PEOPLE });
  const everybody: Bucket = { left: rates.everybody.burst, at: clock.now().getTime() };

  function refill(bucket: Bucket, rate: { perSecond: number; burst: number }): number {
    const now = clock.now().getTime();
    bucket.left = Math.min(rate.burst, bucket.left + (Math.max(0, now - bucket.at) / 1000) * rate.perSecond);
    bucket.at = now;
    return Math.floor(bucket.left);
  }

  return {
    take(personId, wanted) {
      const own = people.get(personId) ?? { left: rates.person.burst, at: clock.now().getTime() };
      people.set(personId, own);
      const taken = Math.min(wanted, refill(own, rates.person), refill(everybody, rates.everybody));
      own.left -= taken;
      everybody.left -= taken;
      return taken;
    },
  };
}
