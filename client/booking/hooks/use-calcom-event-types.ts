/**
 * What can be booked, one entry per kind across clinicians: event types with the same slug and title are one visit
 * that several people offer.
 *
 * ```tsx
 * const { kinds, phase } = useCalcomEventTypes();
 * ```
 */
import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import type { CalcomEventTypesQuery } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';

const EVENT_TYPES = graphql(`
  query CalcomEventTypes {
    eventTypes {
      id
      slug
      title
      description
      durationMinutes
      durationOptions
      consultationTypes
      requiresConfirmation
      seats
      bookingFields {
        slug
        label
        type
        required
        options
      }
      clinician {
        id
        name
        timeZone
      }
    }
  }
`);

export type CalcomEventType = CalcomEventTypesQuery['eventTypes'][number];

export interface BookableKind {
  key: string;
  title: string;
  /** At least one. */
  eventTypes: readonly [CalcomEventType, ...CalcomEventType[]];
}

export interface CalcomEventTypes {
  phase: 'loading' | 'ready' | 'failed';
  kinds: readonly BookableKind[];
  reload: () => void;
}

export function useCalcomEventTypes(): CalcomEventTypes {
  const { data, error, refetch } = useQuery(EVENT_TYPES);
  const kinds = useMemo(() => byKind(data?.eventTypes ?? []), [data]);
  return { phase: data !== undefined ? 'ready' : error === undefined ? 'loading' : 'failed', kinds, reload: () => void refetch() };
}

function byKind(eventTypes: readonly CalcomEventType[]): BookableKind[] {
  const kinds = new Map<string, [CalcomEventType, ...CalcomEventType[]]>();
  for (const eventType of eventTypes) {
    const key = `${eventType.slug} ${eventType.title}`;
    const known = kinds.get(key);
    if (known === undefined) kinds.set(key, [eventType]);
    else known.push(eventType);
  }
  return [...kinds].map(([key, members]) => ({ key, title: members[0].title, eventTypes: members }));
}
