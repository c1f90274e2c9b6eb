/**
 * Moves an appointment to another start at Cal.com, once.
 *
 * ```tsx
 * const reschedule = useRescheduleCalcomBooking();
 * const outcome = await reschedule({ appointmentId, startsAt, reason });
 * if (outcome.ok && outcome.value.awaitsConfirmation) …
 * ```
 * The appointment keeps its id. `awaitsConfirmation`: the host has to accept the new time. `SlotTaken` carries the
 * nearest free starts.
 */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { RescheduleAppointmentInput } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';
import { newMutationKey } from '../../outcome/mutation-key.ts';
import type { Outcome, Refusal } from '../../outcome/refusal.ts';
import { surely } from '../../outcome/surely.ts';
import { showWarnings } from '../../outcome/warnings.ts';

const RESCHEDULE_APPOINTMENT = graphql(`
  mutation RescheduleAppointment($input: RescheduleAppointmentInput!) {
    rescheduleAppointment(input: $input) {
      ... on RescheduleAppointmentSuccess {
        warnings {
          message
        }
        awaitsConfirmation
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

export type RescheduleCalcomBooking = (
  input: Omit<RescheduleAppointmentInput, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
) => Promise<Outcome<{ awaitsConfirmation: boolean }>>;

export function useRescheduleCalcomBooking(): RescheduleCalcomBooking {
  const [mutate] = useMutation(RESCHEDULE_APPOINTMENT);
  return useCallback(
    (input, whileUnknown) => {
      const clientMutationKey = newMutationKey();
      return surely(async () => {
        const { data } = await mutate({ variables: { input: { clientMutationKey, ...input } } });
        const result = data?.rescheduleAppointment;
        if (result?.__typename === 'RescheduleAppointmentSuccess') {
          showWarnings(result.warnings);
          return { ok: true, value: { awaitsConfirmation: result.awaitsConfirmation } };
        }
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      }, whileUnknown);
    },
    [mutate],
  );
}
