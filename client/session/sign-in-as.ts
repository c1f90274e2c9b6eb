/** Sign-in as a sandbox persona; outside of Apollo because Apollo's own requests wait for it. */
import { print } from '@apollo/client/utilities';
import { graphql } from '../generated/gql.ts';
import type { SignInAsMutation } from '../generated/graphql.ts';
import type { Session } from './session.ts';
import { endsAt } from './token.ts';

const SIGN_IN_AS = graphql(`
  mutation SignInAs($input: SignInAsInput!) {
    signInAs(input: $input) {
      __typename
      ... on SignInAsSuccess {
        token
        persona {
          id
        }
      }
    }
  }
`);

/** Null when the gateway refuses or does not answer: the person is not signed in, whatever the reason. */
export async function signInAs(personaId: string): Promise<Session | null> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', 'x-graphql-yoga-csrf': '1' },
      body: JSON.stringify({ operationName: 'SignInAs', query: print(SIGN_IN_AS), variables: { input: { personaId } } }),
    });
    const answer = (await response.json()) as { data?: SignInAsMutation | null };
    const result = answer.data?.signInAs;
    if (result?.__typename !== 'SignInAsSuccess') return null;
    const end = endsAt(result.token, Date.now());
    return { token: result.token, expiresAt: end === null ? null : new Date(end).toISOString(), personaId: result.persona.id };
  } catch {
    return null;
  }
}
