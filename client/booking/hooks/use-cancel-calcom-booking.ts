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
import type { CancelAppointmentInput, CancelAppointmentMutation } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';
import { type SureMutation, useSureMutation } from '../../outcome/use-sure-mutation.ts';

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

export type CancelCalcomBooking = SureMutation<CancelAppointmentInput, CancelAppointmentMutation['cancelAppointment']>;

export function useCancelCalcomBooking(): CancelCalcomBooking {
  return useSureMutation(CANCEL_APPOINTMENT, resultOf);
}

const resultOf = (data: CancelAppointmentMutation): CancelAppointmentMutation['cancelAppointment'] => data.cancelAppointment;
