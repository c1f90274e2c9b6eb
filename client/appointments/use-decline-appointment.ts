/** Declines a requested appointment at Cal.com; the reason reaches the patient. */
import type { DeclineAppointmentInput, DeclineAppointmentMutation } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { type SureMutation, useSureMutation } from '../outcome/use-sure-mutation.ts';

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

export type DeclineAppointment = SureMutation<DeclineAppointmentInput, DeclineAppointmentMutation['declineAppointment']>;

export function useDeclineAppointment(): DeclineAppointment {
  return useSureMutation(DECLINE_APPOINTMENT, resultOf);
}

const resultOf = (data: DeclineAppointmentMutation): DeclineAppointmentMutation['declineAppointment'] => data.declineAppointment;
