/** Declines a requested appointment at Cal.com; the reason reaches the patient. */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { DeclineAppointmentInput } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { newMutationKey } from '../outcome/mutation-key.ts';
import type { Outcome, Refusal } from '../outcome/refusal.ts';
import { surely } from '../outcome/surely.ts';
import { showWarnings } from '../outcome/warnings.ts';

const DECLINE_APPOINTMENT = graphql(`
  mutation DeclineAppointment($input: DeclineAppointmentInput!) {
    declineAppointment(input: $input) {
      ... on DeclineAppointmentSuccess {
        warnings {
          message
        }
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

export type DeclineAppointment = (
  input: Omit<DeclineAppointmentInput, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
) => Promise<Outcome<null>>;

export function useDeclineAppointment(): DeclineAppointment {
  const [mutate] = useMutation(DECLINE_APPOINTMENT);
  return useCallback(
    (input, whileUnknown) => {
      const clientMutationKey = newMutationKey();
      return surely(async () => {
        const { data } = await mutate({ variables: { input: { clientMutationKey, ...input } } });
        const result = data?.declineAppointment;
        if (result?.__typename === 'DeclineAppointmentSuccess') {
          showWarnings(result.warnings);
          return { ok: true, value: null };
        }
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      }, whileUnknown);
    },
    [mutate],
  );
}
