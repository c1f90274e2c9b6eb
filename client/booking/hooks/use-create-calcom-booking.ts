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
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { BookAppointmentInput } from '../../generated/graphql.ts';
import { graphql } from '../../generated/gql.ts';
import type { Outcome, Refusal } from '../../outcome/refusal.ts';
import { surely } from '../../outcome/surely.ts';
import { showWarnings } from '../../outcome/warnings.ts';

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
  const [mutate] = useMutation(BOOK_APPOINTMENT);
  return useCallback(
    (clientMutationKey, input, whileUnknown) =>
      surely(async () => {
        const { data } = await mutate({ variables: { input: { clientMutationKey, ...input } } });
        const result = data?.bookAppointment;
        if (result?.__typename === 'BookAppointmentSuccess') {
          showWarnings(result.warnings);
          return { ok: true, value: result.appointments.map((each) => each.id) };
        }
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      }, whileUnknown),
    [mutate],
  );
}
