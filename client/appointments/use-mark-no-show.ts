/** Marks that the patient did not come, or takes it back; Cal.com is told, and the care state follows. */
import type { MarkNoShowInput, MarkNoShowMutation } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { type SureMutation, useSureMutation } from '../outcome/use-sure-mutation.ts';

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

export type MarkNoShow = SureMutation<MarkNoShowInput, MarkNoShowMutation['markNoShow']>;

export function useMarkNoShow(): MarkNoShow {
  return useSureMutation(MARK_NO_SHOW, resultOf);
}

const resultOf = (data: MarkNoShowMutation): MarkNoShowMutation['markNoShow'] => data.markNoShow;
