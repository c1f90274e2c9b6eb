/**
 * The person in this tab and everything that belongs to them alone: Apollo's client and cache, the socket, the state of
 * the connection. Becoming another person throws all of it away, so nothing of one is ever shown to another.
 */
import { ApolloProvider } from '@apollo/client/react';
import type { ApolloClient } from '@apollo/client';
import { createContext, type ReactNode, use, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { AppointmentCache } from '../apollo/appointment-cache.ts';
import { createApolloClient } from '../apollo/client.ts';
import { type ConnectionMonitor, createConnectionMonitor } from '../live/connection.ts';
import { createLiveSocket, type LiveSocket } from '../live/live-socket.ts';
import type { Session, SessionStore } from './session.ts';

export interface Person {
  session: Session | null;
  store: SessionStore;
  client: ApolloClient;
  cache: AppointmentCache;
  socket: LiveSocket;
  monitor: ConnectionMonitor;
}

const PersonContext = createContext<Person | null>(null);

export function PersonProvider({ store, children }: { store: SessionStore; children: ReactNode }): ReactNode {
  const session = useSyncExternalStore(store.subscribe, store.read);
  // `personaId` is constant across renewals of a token; a pasted token is its own identity.
  const identity = session === null ? null : (session.personaId ?? session.token);
  const [person, setPerson] = useState(() => ({ identity, parts: createParts(store), number: 0 }));
  if (person.identity !== identity) {
    // Whoever signs in keeps the page as it is (a half-filled booking); between two people nothing is kept.
    setPerson({ identity, parts: createParts(store), number: person.identity === null ? person.number : person.number + 1 });
  }
  const { parts, number } = person;
  useEffect(() => () => parts.socket.dispose(), [parts]);
  const value = useMemo(() => ({ session, store, ...parts }), [session, store, parts]);
  return (
    <PersonContext value={value}>
      <ApolloProvider key={number} client={parts.client}>
        {children}
      </ApolloProvider>
    </PersonContext>
  );
}

export function usePerson(): Person {
  const person = use(PersonContext);
  if (person === null) throw new Error('usePerson needs a PersonProvider above.');
  return person;
}

function createParts(store: SessionStore): Omit<Person, 'session' | 'store'> {
  const cache = new AppointmentCache();
  const monitor = createConnectionMonitor(navigator.onLine);
  return { cache, monitor, client: createApolloClient(store, cache), socket: createLiveSocket(store, monitor) };
}
