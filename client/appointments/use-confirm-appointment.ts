/** Accepts a requested appointment at Cal.com, with the host's own credential. */
import type { ConfirmAppointmentInput, ConfirmAppointmentMutation } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { type SureMutation, useSureMutation } from '../outcome/use-sure-mutation.ts';

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

export type ConfirmAppointment = SureMutation<ConfirmAppointmentInput, ConfirmAppointmentMutation['confirmAppointment']>;

export function useConfirmAppointment(): ConfirmAppointment {
  return useSureMutation(CONFIRM_APPOINTMENT, resultOf);
}

const resultOf = (data: ConfirmAppointmentMutation): ConfirmAppointmentMutation['confirmAppointment'] => data.confirmAppointment;
