/** Marks that the patient did not come, or takes it back; Cal.com is told, and the care state follows. */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { MarkNoShowInput } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { newMutationKey } from '../outcome/mutation-key.ts';
import type { Outcome, Refusal } from '../outcome/refusal.ts';
import { surely } from '../outcome/surely.ts';
import { showWarnings } from '../outcome/warnings.ts';

const MARK_NO_SHOW = graphql(`
  mutation MarkNoShow($input: MarkNoShowInput!) {
    markNoShow(input: $input) {
      ... on MarkNoShowSuccess {
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

export type MarkNoShow = (
  input: Omit<MarkNoShowInput, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
) => Promise<Outcome<null>>;

export function useMarkNoShow(): MarkNoShow {
  const [mutate] = useMutation(MARK_NO_SHOW);
  return useCallback(
    (input, whileUnknown) => {
      const clientMutationKey = newMutationKey();
      return surely(async () => {
        const { data } = await mutate({ variables: { input: { clientMutationKey, ...input } } });
        const result = data?.markNoShow;
        if (result?.__typename === 'MarkNoShowSuccess') {
          showWarnings(result.warnings);
          return { ok: true, value: null };
        }
        return { ok: false, refusal: result ?? { __typename: 'NoNetwork', message: '', retryable: true } };
      }, whileUnknown);
    },
    [mutate],
  );
}
