/**
 * Cancels at Cal.com, once.
 *
 * ```tsx
 * const cancel = useCancelCalcomBooking();
 * const outcome = await cancel({ appointmentId, reason });
 * ```
 * Resolves when the outcome is known: an unknown one is looked up with the same key for about a minute (`whileUnknown`
 * is told each time). Apollo's cache then holds the cancelled appointment.
 */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { CancelAppointmentInput } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';
import { newMutationKey } from '../../outcome/mutation-key.ts';
import type { Outcome, Refusal } from '../../outcome/refusal.ts';
import { surely } from '../../outcome/surely.ts';
import { showWarnings } from '../../outcome/warnings.ts';

const CANCEL_APPOINTMENT = graphql(`
  mutation CancelAppointment($input: CancelAppointmentInput!) {
    cancelAppointment(input: $input) {
      ... on CancelAppointmentSuccess {
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

export type CancelCalcomBooking = (
  input: Omit<CancelAppointmentInput, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
) => Promise<Outcome<null>>;

export function useCancelCalcomBooking(): CancelCalcomBooking {
  const [mutate] = useMutation(CANCEL_APPOINTMENT);
  return useCallback(
    (input, whileUnknown) => {
      const clientMutationKey = newMutationKey();
      return surely(async () => {
        const { data } = await mutate({ variables: { input: { clientMutationKey, ...input } } });
        const result = data?.cancelAppointment;
        if (result?.__typename === 'CancelAppointmentSuccess') {
          showWarnings(result.warnings);
          return { ok: true, value: null };
        }
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      }, whileUnknown);
    },
    [mutate],
  );
}
