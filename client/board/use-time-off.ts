/** Time off on the day shown. Nobody pushes it: asked for at a new day, when the window is looked at again, and each minute. */
import { useQuery } from '@apollo/client/react';
import { useMemo } from 'react';
import { POLL_MS, useRefetchOnFocus, whileHidden } from '../apollo/use-refetch-on-focus.ts';
import { graphql } from '../generated/gql.ts';
import type { Instant } from '../time/clinic-time.ts';
import { type TimeOff, timeOffOf } from './time-off.ts';

const TIME_OFF = graphql(`
  query BoardTimeOff($from: DateTime!, $to: DateTime!) {
    clinicians {
      id
      name
      blockedTimes(from: $from, to: $to) {
        id
        startsAt
        endsAt
      }
    }
  }
`);

/** `shown`: ids of clinicians; empty means all. Empty until known, and when it cannot be known. */
export function useTimeOff(from: Instant, to: Instant, shown: readonly string[]): readonly TimeOff[] {
  const { data, previousData, refetch } = useQuery(TIME_OFF, {
    variables: { from, to },
    fetchPolicy: 'cache-and-network',
    pollInterval: POLL_MS,
    skipPollAttempt: whileHidden,
  });
  useRefetchOnFocus(refetch);
  // What is known stays while the gateway does not answer; that of another day is cut away.
  const known = data ?? previousData;
  return useMemo(() => timeOffOf(known?.clinicians ?? [], shown, { from, to }), [known, shown, from, to]);
}
