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
import type { RescheduleAppointmentInput, RescheduleAppointmentMutation } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';
import { type SureMutation, useSureMutation } from '../../outcome/use-sure-mutation.ts';

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

export type RescheduleCalcomBooking = SureMutation<RescheduleAppointmentInput, RescheduleAppointmentMutation['rescheduleAppointment']>;

export function useRescheduleCalcomBooking(): RescheduleCalcomBooking {
  return useSureMutation(RESCHEDULE_APPOINTMENT, resultOf);
}

const resultOf = (data: RescheduleAppointmentMutation): RescheduleAppointmentMutation['rescheduleAppointment'] =>
  data.rescheduleAppointment;
