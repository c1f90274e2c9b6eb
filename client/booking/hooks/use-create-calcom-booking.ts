/**
 * Books at Cal.com, once.
 *
 * ```tsx
 * const book = useCreateCalcomBooking();
 * const outcome = await book(key, { eventTypeId, startsAt, timeZone, reason }, () => setChecking(true));
 * ```
 * `key` (newMutationKey) names this wish: call again with the same key and input to go on asking after an unknown
 * outcome; it can never book twice. The value is the ids of the appointments: several for a series.
 */
import { useCallback } from 'react';
import type { BookAppointmentInput, BookAppointmentMutation } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';
import type { Outcome, Refusal } from '../../outcome/refusal.ts';
import { useSureMutation } from '../../outcome/use-sure-mutation.ts';

const BOOK_APPOINTMENT = graphql(`
  mutation BookAppointment($input: BookAppointmentInput!) {
    bookAppointment(input: $input) {
      ... on BookAppointmentSuccess {
        warnings {
          message
        }
        appointments {
          id
          version
          ...LiveAppointment
        }
      }
      ...Refusal @unmask
    }
  }
`);

export type CreateCalcomBooking = (
  clientMutationKey: string,
  input: Omit<BookAppointmentInput, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
) => Promise<Outcome<readonly string[]>>;

export function useCreateCalcomBooking(): CreateCalcomBooking {
  const book = useSureMutation(BOOK_APPOINTMENT, resultOf);
  return useCallback(
    async (clientMutationKey, input, whileUnknown) => {
      const outcome = await book(input, whileUnknown, clientMutationKey);
      return outcome.ok ? { ok: true, value: outcome.value.appointments.map(({ id }) => id) } : outcome;
    },
    [book],
  );
}

const resultOf = (data: BookAppointmentMutation): BookAppointmentMutation['bookAppointment'] => data.bookAppointment;
