/**
 * Moves an appointment along the care states, shown at once and marked pending until the gateway agrees; a refusal puts
 * it back. No `expectedVersion`: a reschedule in the same moment must not refuse a check-in.
 */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { CareState, LiveAppointmentFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { LIVE_APPOINTMENT } from '../live/live-appointment.ts';
import type { Outcome } from '../outcome/refusal.ts';
import { usePerson } from '../session/person.tsx';

const SET_CARE_STATE = graphql(`
  mutation SetCareState($input: SetCareStateInput!) {
    setCareState(input: $input) {
      ... on SetCareStateSuccess {
        appointment {
          id
          version
          ...LiveAppointment
        }
      }
      ...Refusal @unmask
    }
  }
`);

export type SetCareState = (appointmentId: string, careState: CareState, participantId?: string) => Promise<Outcome<null>>;

export function useSetCareState(): SetCareState {
  const { cache } = usePerson();
  const [mutate] = useMutation(SET_CARE_STATE);
  return useCallback(
    async (appointmentId, careState, participantId) => {
      const input = { appointmentId, careState, ...(participantId === undefined ? {} : { participantId }) };
      const known = cache.readFragment<LiveAppointmentFragment>({
        id: `Appointment:${appointmentId}`,
        fragment: LIVE_APPOINTMENT,
        fragmentName: 'LiveAppointment',
      });
      try {
        const { data } = await mutate({
          variables: { input },
          ...(known === null || participantId !== undefined
            ? {}
            : {
                optimisticResponse: {
                  setCareState: {
                    __typename: 'SetCareStateSuccess',
                    appointment: { ...known, careState, careChangedAt: new Date().toISOString() },
                  },
                },
              }),
        });
        const result = data?.setCareState;
        if (result?.__typename === 'SetCareStateSuccess') return { ok: true, value: null };
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      } catch {
        return { ok: false, refusal: { __typename: 'NoNetwork', message: '', retryable: true } };
      }
    },
    [cache, mutate],
  );
}
