/**
 * Slots as Cal.com computed them, for seconds: identical questions at the same moment are one call, and while Cal.com is
 * slow or away the last known answer is given, marked stale. With Redis the instances share what they know. A booking, a
 * hold or a change of working hours ends what is known of its clinician.
 */
import { LRUCache } from 'lru-cache';
import type { UpstreamSlot } from '../calcom/slot-calls.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { Clock } from '../kernel/clock.ts';
import { ok, type Result } from '../kernel/result.ts';
import { within } from './patience.ts';
import type { KnownSlots, SharedSlots } from './shared-slots.ts';

/** Everything that changes the answer. Instants are Unix ms, `to` is not included. */
export interface SlotQuestion {
  eventTypeId: number;
  clinicianId: string;
  from: number;
  to: number;
  /** Also the event type's own length: it makes the grid. */
  durationMinutes: number;
  bookingUidToReschedule: string | null;
}

export interface SlotAnswer {
  slots: readonly UpstreamSlot[];
  /** The last known answer, because Cal.com did not give one in time. */
  stale: boolean;
  /** When Cal.com was asked, Unix ms. */
  asOf: number;
}

/** `repeat` false: a failed attempt is not repeated, because there is something else to answer with. */
export type AskCalcom = (options: { repeat: boolean }) => Promise<Result<UpstreamSlot[], CalcomFailure>>;

export interface SlotCache {
  ask(question: SlotQuestion, upstream: AskCalcom): Promise<Result<SlotAnswer, CalcomFailure>>;
  /** What is known of this clinician is out of date: here and, with Redis, in every instance. */
  invalidate(clinicianId: string): void;
  /**
   * An answer of this event type was wrong. Like `invalidate`, unless Cal.com was asked again after `asOf`: of many who
   * were misled by one answer, the first is enough.
   */
  refute(eventTypeId: number, asOf: number): void;
  invalidateAll(): void;
}

/** `fresh`: known here. `shared`: another question was already on its way. `asked`: Cal.com or another instance. `stale`: the last known one. */
export type SlotSource = 'fresh' | 'shared' | 'asked' | 'stale' | 'failed';

export interface SlotCacheOptions {
  clock: Clock;
  /** How long a person waits for Cal.com when there is a last known answer. */
  patienceMs: number;
  /** Null without Redis. */
  shared: SharedSlots | null;
  /** Told of each answer, for the metrics. */
  answered?: (source: SlotSource) => void;
}

/** Also how long an instance without Redis may not know of what another one did. */
export const FRESH_MS = 10_000;
/** A last known answer older than this helps nobody. */
export const STALE_MS = 3_600_000;
/** Of all answers together; a busy month has some 800. */
const MOST_SLOTS = 400_000;
const MOST_CLINICIANS = 10_000;

interface Entry extends KnownSlots {
  clinicianId: string;
  /** False after an invalidation: usable only while Cal.com is slow or away. */
  fresh: boolean;
}

interface Flight {
  clinicianId: string;
  askedAt: number;
  answer: Promise<Result<SlotAnswer, CalcomFailure>>;
}

export function createSlotCache({ clock, patienceMs, shared, answered = () => {} }: SlotCacheOptions): SlotCache {
  const entries = new LRUCache<string, Entry>({
    maxSize: MOST_SLOTS,
    sizeCalculation: (entry) => entry.slots.length + 1,
  });
  const flights = new Map<string, Flight>();
  /** Rises with every invalidation, so that an answer asked for before it is not kept as fresh. */
  const generations = new LRUCache<string, number>({ max: MOST_CLINICIANS });
  let everybody = 0;
  const clinicianOf = new LRUCache<number, string>({ max: MOST_CLINICIANS });
  /** When this instance itself invalidated, Unix ms. */
  const changedAt = new LRUCache<string, number>({ max: MOST_CLINICIANS });
  /** Clinicians whose slots last came late or not at all: nobody waits for them where an answer is known. */
  const late = new LRUCache<string, true>({ max: MOST_CLINICIANS });

  const now = () => clock.now().getTime();
  const generationOf = (clinicianId: string) => everybody + (generations.get(clinicianId) ?? 0);
  const isUsable = (entry: Entry | undefined): entry is Entry => entry !== undefined && now() - entry.asOf < STALE_MS;

  function forget(clinicianId: string): void {
    generations.set(clinicianId, (generations.get(clinicianId) ?? 0) + 1);
    for (const entry of entries.values()) if (entry.clinicianId === clinicianId) entry.fresh = false;
    for (const [key, flight] of flights) if (flight.clinicianId === clinicianId) flights.delete(key);
  }

  function forgetAll(): void {
    everybody += 1;
    for (const entry of entries.values()) entry.fresh = false;
    flights.clear();
  }

  function invalidate(clinicianId: string): void {
    forget(clinicianId);
    changedAt.set(clinicianId, now());
    shared?.invalidate(clinicianId);
  }

  function invalidateAll(): void {
    forgetAll();
    shared?.invalidate(null);
  }

  shared?.onInvalidated((clinicianId) => (clinicianId === null ? forgetAll() : forget(clinicianId)));

  /** One call to Cal.com for everybody who asks this now, unless another instance knows the answer. */
  async function fly(key: string, question: SlotQuestion, upstream: AskCalcom): Promise<Result<SlotAnswer, CalcomFailure>> {
    const { clinicianId } = question;
    const generation = generationOf(clinicianId);
    const elsewhere = shared === null ? null : await shared.read(clinicianId, key);
    if (elsewhere?.known != null) {
      const { known } = elsewhere;
      // Redis may not have heard of our own invalidation.
      const current = elsewhere.current && known.asOf >= (changedAt.get(clinicianId) ?? 0) && generation === generationOf(clinicianId);
      const fresh = current && now() - known.asOf < FRESH_MS;
      if (fresh || known.asOf > (entries.get(key)?.asOf ?? 0)) entries.set(key, { ...known, clinicianId, fresh });
      if (fresh) return ok({ ...known, stale: false });
    }

    const asOf = now();
    const result = await upstream({ repeat: !isUsable(entries.get(key)) });
    if (result.ok) {
      entries.set(key, { slots: result.value, asOf, clinicianId, fresh: generation === generationOf(clinicianId) });
      shared?.write(key, { slots: result.value, asOf }, elsewhere);
      return ok({ slots: result.value, stale: false, asOf });
    }
    const away = result.failure.kind === 'Unreachable' || result.failure.kind === 'RateLimited';
    if (!away) return result;
    late.set(clinicianId, true);
    return lastKnown(key) ?? result;
  }

  function lastKnown(key: string): { ok: true; value: SlotAnswer } | null {
    const entry = entries.get(key);
    return isUsable(entry) ? ok({ slots: entry.slots, stale: true, asOf: entry.asOf }) : null;
  }

  function flightOf(key: string, question: SlotQuestion, upstream: AskCalcom): Flight {
    const already = flights.get(key);
    if (already !== undefined) return already;
    const startedAt = performance.now();
    const answer = fly(key, question, upstream)
      .then((result) => {
        if (result.ok && !result.value.stale && performance.now() - startedAt <= patienceMs) late.delete(question.clinicianId);
        return result;
      })
      .finally(() => {
        if (flights.get(key) === flight) flights.delete(key);
      });
    const flight: Flight = { clinicianId: question.clinicianId, askedAt: now(), answer };
    // It may end after everybody who waited has been given the last known answer.
    answer.catch(() => {});
    flights.set(key, flight);
    return flight;
  }

  return {
    async ask(question, upstream) {
      const key = JSON.stringify(Object.values(question));
      clinicianOf.set(question.eventTypeId, question.clinicianId);
      const entry = entries.get(key);
      if (entry?.fresh === true && now() - entry.asOf < FRESH_MS) {
        answered('fresh');
        return ok({ slots: entry.slots, stale: false, asOf: entry.asOf });
      }

      const source = flights.has(key) ? 'shared' : 'asked';
      const { answer } = flightOf(key, question, upstream);
      const patience = late.has(question.clinicianId) && lastKnown(key) !== null ? 0 : patienceMs;
      const inTime = await within(patience, answer);
      if (inTime === 'late') late.set(question.clinicianId, true);
      const given = inTime === 'late' ? (lastKnown(key) ?? (await answer)) : inTime;
      answered(!given.ok ? 'failed' : given.value.stale ? 'stale' : source);
      return given;
    },

    invalidate,

    refute(eventTypeId, asOf) {
      const clinicianId = clinicianOf.get(eventTypeId);
      if (clinicianId === undefined) return invalidateAll();
      const newer = [...entries.values()].some((entry) => entry.fresh && entry.clinicianId === clinicianId && entry.asOf > asOf);
      const asking = [...flights.values()].some((flight) => flight.clinicianId === clinicianId && flight.askedAt > asOf);
      if (!newer && !asking) invalidate(clinicianId);
    },

    invalidateAll,
  };
}
