/**
 * Free starts of one or several event types, merged by time.
 *
 * ```tsx
 * const slots = useCalcomAvailableSlots({ eventTypeIds, from, to, timeZone });
 * if (slots.phase === 'ready') slots.free[0].startsAt
 * ```
 * "None free" is `ready` with an empty list; "the calendar did not answer" is `failed`. `partial`: some of several
 * calendars did not answer. `stale`: they are the last known ones, as of `asOf`. Pass `rescheduling` so that the
 * appointment's own time counts as free, `holdId` so that your own hold does.
 */
import { skipToken, useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import type { CalcomAvailableSlotsQuery } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';

const AVAILABLE_SLOTS = graphql(`
  query CalcomAvailableSlots(
    $eventTypeIds: [ID!]!
    $from: DateTime!
    $to: DateTime!
    $timeZone: TimeZone
    $durationMinutes: Int
    $rescheduling: ID
    $holdId: ID
  ) {
    nodes(ids: $eventTypeIds) {
      ... on EventType {
        id
        slots(from: $from, to: $to, timeZone: $timeZone, durationMinutes: $durationMinutes, rescheduling: $rescheduling, holdId: $holdId) {
          ... on SlotList {
            slots {
              startsAt
              endsAt
              seatsLeft
            }
            stale
            asOf
            nextFreeDay
          }
          ... on UserError {
            message
          }
        }
      }
    }
  }
`);

export interface SlotSearch {
  eventTypeIds: readonly string[];
  /** RFC 3339 with zone. */
  from: string;
  to: string;
  timeZone: string;
  durationMinutes?: number | undefined;
  rescheduling?: string | undefined;
  holdId?: string | undefined;
}

export interface FreeSlot {
  startsAt: string;
  endsAt: string;
  seatsLeft: number | null;
  /** Who is free then, in the order of `eventTypeIds`; at least one. */
  eventTypeIds: readonly [string, ...string[]];
}

export interface CalcomAvailableSlots {
  phase: 'loading' | 'ready' | 'failed';
  free: readonly FreeSlot[];
  /** The first free day after the searched range, when the range has none; RFC 3339. */
  nextFreeDay: string | null;
  stale: boolean;
  asOf: string | null;
  partial: boolean;
  reload: () => void;
}

export function useCalcomAvailableSlots(search: SlotSearch): CalcomAvailableSlots {
  const { data, dataState, error, loading, refetch } = useQuery(
    AVAILABLE_SLOTS,
    search.eventTypeIds.length === 0
      ? skipToken
      : {
          variables: { ...search, eventTypeIds: [...search.eventTypeIds] },
          fetchPolicy: 'cache-and-network',
          notifyOnNetworkStatusChange: true,
        },
  );
  const merged = useMemo(() => (dataState === 'complete' ? merge(data) : null), [data, dataState]);
  const reload = (): void => void refetch();
  if (merged === null) {
    return {
      phase: error !== undefined && !loading ? 'failed' : 'loading',
      free: [],
      nextFreeDay: null,
      stale: false,
      asOf: null,
      partial: false,
      reload,
    };
  }
  return { ...merged, phase: merged.answered === 0 ? (loading ? 'loading' : 'failed') : 'ready', reload };
}

function merge(data: CalcomAvailableSlotsQuery) {
  const byStart = new Map<number, FreeSlot>();
  let answered = 0;
  let refused = 0;
  let stale = false;
  let asOf: string | null = null;
  let nextFreeDay: string | null = null;
  for (const node of data.nodes) {
    if (node?.__typename !== 'EventType') continue;
    const list = node.slots;
    if (list.__typename !== 'SlotList') {
      refused += 1;
      continue;
    }
    answered += 1;
    stale ||= list.stale;
    asOf = earlier(asOf, list.asOf);
    nextFreeDay = earlier(nextFreeDay, list.nextFreeDay ?? null);
    for (const slot of list.slots) {
      const at = Date.parse(slot.startsAt);
      const known = byStart.get(at);
      if (known === undefined)
        byStart.set(at, { startsAt: slot.startsAt, endsAt: slot.endsAt, seatsLeft: slot.seatsLeft ?? null, eventTypeIds: [node.id] });
      else byStart.set(at, { ...known, eventTypeIds: [...known.eventTypeIds, node.id] });
    }
  }
  const free = [...byStart].sort(([one], [other]) => one - other).map(([, slot]) => slot);
  return { free, nextFreeDay, stale, asOf, partial: refused > 0 && answered > 0, answered };
}

function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(one) <= Date.parse(other) ? one : other;
}
