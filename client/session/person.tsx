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
import { createDeliveryReporter, type DeliveryReporter } from '../live/delivery-reporter.ts';
import { createLiveSocket, type LiveSocket } from '../live/live-socket.ts';
import { browserSigns, type PageSigns } from '../live/page-signs.ts';
import { askServerTime, reportDelivery } from '../live/report-delivery.ts';
import { createServerClock, type ServerClock } from '../live/server-clock.ts';
import { identityOf, type Session, type SessionStore } from './session.ts';

export interface Person {
  session: Session | null;
  store: SessionStore;
  client: ApolloClient;
  cache: AppointmentCache;
  socket: LiveSocket;
  monitor: ConnectionMonitor;
  signs: PageSigns;
  clock: ServerClock;
  reporter: DeliveryReporter;
}

const PersonContext = createContext<Person | null>(null);

export function PersonProvider({ store, children }: { store: SessionStore; children: ReactNode }): ReactNode {
  const session = useSyncExternalStore(store.subscribe, store.read);
  const identity = session === null ? null : identityOf(session);
  const [person, setPerson] = useState(() => ({ identity, parts: createParts(store), number: 0 }));
  if (person.identity !== identity) {
    // Whoever signs in keeps the page as it is (a half-filled booking); between two people nothing is kept.
    setPerson({ identity, parts: createParts(store), number: person.identity === null ? person.number : person.number + 1 });
  }
  const { parts, number } = person;
  useEffect(
    () => () => {
      parts.socket.dispose();
      parts.reporter.dispose();
    },
    [parts],
  );
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
  const signs = browserSigns();
  const monitor = createConnectionMonitor(signs.online());
  const client = createApolloClient(store, cache);
  const clock = createServerClock({ ask: () => askServerTime(client) });
  const reporter = createDeliveryReporter({ clock, signs, send: (samples) => reportDelivery(client, samples) });
  const url = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;
  return { cache, client, monitor, signs, clock, reporter, socket: createLiveSocket({ url, session: store, monitor, signs }) };
}
