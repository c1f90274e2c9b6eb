/** Accepts a requested appointment at Cal.com, with the host's own credential. */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { ConfirmAppointmentInput } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { newMutationKey } from '../outcome/mutation-key.ts';
import type { Outcome, Refusal } from '../outcome/refusal.ts';
import { surely } from '../outcome/surely.ts';
import { showWarnings } from '../outcome/warnings.ts';

const CONFIRM_APPOINTMENT = graphql(`
  mutation ConfirmAppointment($input: ConfirmAppointmentInput!) {
    confirmAppointment(input: $input) {
      ... on ConfirmAppointmentSuccess {
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

export type ConfirmAppointment = (
  input: Omit<ConfirmAppointmentInput, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
) => Promise<Outcome<null>>;

export function useConfirmAppointment(): ConfirmAppointment {
  const [mutate] = useMutation(CONFIRM_APPOINTMENT);
  return useCallback(
    (input, whileUnknown) => {
      const clientMutationKey = newMutationKey();
      return surely(async () => {
        const { data } = await mutate({ variables: { input: { clientMutationKey, ...input } } });
        const result = data?.confirmAppointment;
        if (result?.__typename === 'ConfirmAppointmentSuccess') {
          showWarnings(result.warnings);
          return { ok: true, value: null };
        }
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      }, whileUnknown);
    },
    [mutate],
  );
}
