/**
 * "Whoever is free first": the free times of several event types as one list. Each costs what looking at it alone would
 * (shared with everybody who looks at the same moment), so there is a bound on how many are asked.
 */
import pLimit from 'p-limit';
import type pg from 'pg';
import { type Failure, invalidInput, notFound } from '../appointments/failure.ts';
import type { Viewer } from '../auth/viewer.ts';
import { lengthsOf } from '../event-types/event-type-group.ts';
import { type BookableEventType, eventTypesByIds, eventTypesOf } from '../event-types/event-type-store.ts';
import { maySeeHiddenEventTypes } from '../auth/authorize.ts';
import { type EventTypeId, eventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { SlotDesk } from '../services.ts';
import type { Slot } from './slot.ts';

/** Of one question; the rest is left out and counted. */
export const MOST_EVENT_TYPES = 25;
/** Two pieces of a question to Cal.com, at most three with the next free day. */
export const LONGEST_FIRST_FREE_DAYS = 28;
export const MOST_FIRST_FREE = 100;
const ASKED_AT_ONCE = 4;
const DAY_MS = 86_400_000;

export interface FirstFreeQuery {
  of: { slug: string } | { eventTypeIds: readonly EventTypeId[] };
  from: Date;
  to: Date;
  timeZone: string | null;
  /** Only event types that have this length; null: each with its usual one. */
  durationMinutes: number | null;
  /** How many times at most. */
  first: number;
}

export interface FreeTime {
  slot: Slot;
  eventType: BookableEventType;
}

export interface FirstFree {
  /** By start, then in the order of the event types. */
  times: FreeTime[];
  /** Could not be asked, or gone at Cal.com; `times` lacks theirs. */
  unavailable: BookableEventType[];
  /** Not asked, because there are too many. */
  leftOut: number;
  /** True when at least one answer was the last known one. */
  stale: boolean;
  /** The oldest answer in it. */
  asOf: Date;
  /** When there is none: where the earliest next free day begins; null when unknown. */
  nextFreeDay: Date | null;
}

export interface FirstFreeOptions {
  pool: Pick<pg.Pool, 'query'>;
  slots: Pick<SlotDesk, 'find'>;
}

export async function firstFree(
  { pool, slots }: FirstFreeOptions,
  viewer: Viewer | null,
  query: FirstFreeQuery,
): Promise<Result<FirstFree, Failure>> {
  if (query.to.getTime() - query.from.getTime() > LONGEST_FIRST_FREE_DAYS * DAY_MS)
    return fail(invalidInput({ path: 'to', message: `Ask for at most ${LONGEST_FIRST_FREE_DAYS} days at a time.` }));
  const meant = await eventTypesMeant(pool, viewer, query.of);
  if (meant.length === 0) return fail(notFound('The event type'));
  const { durationMinutes } = query;
  const fitting = meant.filter((eventType) => durationMinutes === null || lengthsOf(eventType).includes(durationMinutes));
  if (fitting.length === 0)
    return fail(invalidInput({ path: 'durationMinutes', message: 'Nobody offers this kind of appointment in that length.' }));

  const asked = fitting.slice(0, MOST_EVENT_TYPES);
  const { from, to, timeZone } = query;
  const limit = pLimit(ASKED_AT_ONCE);
  const answers = await limit.map(asked, async (eventType) => {
    const one = { eventTypeId: eventTypeId(eventType.id), from, to, timeZone, durationMinutes, rescheduling: null, holdId: null };
    return { eventType, answer: await slots.find(viewer, one) };
  });

  const times: (FreeTime & { rank: number })[] = [];
  const unavailable: BookableEventType[] = [];
  let stale = false;
  let asOf = Number.POSITIVE_INFINITY;
  let nextDay = Number.POSITIVE_INFINITY;
  let unanswered: Failure | null = null;
  for (const [rank, { eventType, answer }] of answers.entries()) {
    if (!answer.ok) {
      // One that Cal.com no longer has, or does not answer about, does not hide the others.
      if (answer.failure.kind !== 'CalcomUnavailable' && answer.failure.kind !== 'NotFound') return answer;
      if (unanswered?.kind !== 'CalcomUnavailable') unanswered = answer.failure;
      unavailable.push(eventType);
      continue;
    }
    stale ||= answer.value.stale;
    asOf = Math.min(asOf, answer.value.asOf.getTime());
    nextDay = Math.min(nextDay, answer.value.nextFreeDay?.getTime() ?? Number.POSITIVE_INFINITY);
    times.push(...answer.value.slots.map((slot) => ({ slot, eventType, rank })));
  }
  // "Could not be asked" is never an empty list.
  if (unanswered !== null && unavailable.length === asked.length) return fail(unanswered);
  times.sort((a, b) => a.slot.startsAt.getTime() - b.slot.startsAt.getTime() || a.rank - b.rank);
  return ok({
    times: times.slice(0, query.first).map(({ slot, eventType }) => ({ slot, eventType })),
    unavailable,
    leftOut: fitting.length - asked.length,
    stale,
    asOf: new Date(asOf),
    nextFreeDay: times.length > 0 || nextDay === Number.POSITIVE_INFINITY ? null : new Date(nextDay),
  });
}

/** A slug means what is offered to everybody; an id may also name a hidden one, for those who may see it. */
async function eventTypesMeant(
  pool: Pick<pg.Pool, 'query'>,
  viewer: Viewer | null,
  of: FirstFreeQuery['of'],
): Promise<BookableEventType[]> {
  if ('slug' in of) return (await eventTypesOf(pool, null, false)).filter(({ slug }) => slug === of.slug);
  const found = await eventTypesByIds(pool, [...new Set(of.eventTypeIds)]);
  const visible = found.filter((eventType) => eventType !== null && (!eventType.hidden || maySeeHiddenEventTypes(viewer)));
  return visible.filter((eventType) => eventType !== null);
}
