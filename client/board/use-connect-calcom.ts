/** Leaves for Cal.com's consent page; back, the gateway shows `/connected`. */
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import { graphql } from '../generated/gql.ts';
import type { Refusal } from '../outcome/refusal.ts';

const CONNECT_CALCOM = graphql(`
  mutation ConnectCalcom($input: ConnectCalcomInput!) {
    connectCalcom(input: $input) {
      ... on ConnectCalcomSuccess {
        authorizationUrl
      }
      ...Refusal @unmask
    }
  }
`);

/** Null: the browser is on its way. */
export function useConnectCalcom(): (clinicianId: string) => Promise<Refusal | null> {
  const [mutate] = useMutation(CONNECT_CALCOM);
  return useCallback(
    async (clinicianId) => {
      const silent: Refusal = { __typename: 'NoNetwork', message: '', retryable: true };
      const result = await mutate({ variables: { input: { clinicianId } } }).then(
        ({ data }) => data?.connectCalcom ?? silent,
        () => silent,
      );
      if (result.__typename !== 'ConnectCalcomSuccess') return result;
      window.location.assign(result.authorizationUrl);
      return null;
    },
    [mutate],
  );
}
