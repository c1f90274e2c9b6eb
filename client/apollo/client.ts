/** Queries and mutations of one person over HTTP. The stream has its own way (live/live-list), past Apollo's links. */
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import type { SessionStore } from '../session/session.ts';
import type { AppointmentCache } from './appointment-cache.ts';

export function createApolloClient(session: SessionStore, cache: AppointmentCache): ApolloClient {
  const authorize = new SetContextLink(async ({ headers }) => {
    const token = await session.freshToken();
    return { headers: { ...headers, 'x-graphql-yoga-csrf': '1', ...(token === null ? {} : { authorization: `Bearer ${token}` }) } };
  });
  // A token that the gateway no longer accepts is of no use to anyone: the page asks to sign in.
  const signOutWhenRefused = new ErrorLink(({ error }) => {
    if (CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) session.forget();
  });
  return new ApolloClient({
    cache,
    dataMasking: true,
    link: ApolloLink.from([signOutWhenRefused, authorize, new HttpLink({ uri: '/graphql' })]),
  });
}
