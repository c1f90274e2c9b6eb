/**
 * What is known of the live connection, for the pill: facts in, one state out. The socket and the stream report here;
 * nothing here talks to a network.
 */
export type ConnectionState =
  | { kind: 'connecting' }
  /** `lastSign`: Unix milliseconds of the last event or heartbeat. */
  | { kind: 'live'; lastSign: number }
  | { kind: 'catchingUp'; count: number }
  | { kind: 'stale'; since: number }
  | { kind: 'offline'; since: number | null };

interface Facts {
  online: boolean;
  open: boolean;
  /** The stream has said that everything older was delivered. */
  caughtUp: boolean;
  /** Changes delivered since the connection came back. */
  replayed: number;
  lastSign: number | null;
}

/** Heartbeats come every ten seconds; after two that did not, what is shown may be old, open socket or not. */
export const SILENCE_MS = 25_000;

export interface ConnectionMonitor {
  readonly subscribe: (listener: () => void) => () => void;
  readonly read: () => Facts;
  readonly report: (facts: Partial<Facts>) => void;
}

export function createConnectionMonitor(online: boolean): ConnectionMonitor {
  let facts: Facts = { online, open: false, caughtUp: false, replayed: 0, lastSign: null };
  const listeners = new Set<() => void>();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read: () => facts,
    report: (news) => {
      facts = { ...facts, ...news };
      for (const listener of listeners) listener();
    },
  };
}

export function connectionState(facts: Facts, now: number): ConnectionState {
  if (!facts.open) {
    if (!facts.online) return { kind: 'offline', since: facts.lastSign };
    return facts.lastSign === null ? { kind: 'connecting' } : { kind: 'stale', since: facts.lastSign };
  }
  if (!facts.caughtUp) return facts.lastSign === null ? { kind: 'connecting' } : { kind: 'catchingUp', count: facts.replayed };
  if (facts.lastSign === null) return { kind: 'connecting' };
  return now - facts.lastSign > SILENCE_MS ? { kind: 'stale', since: facts.lastSign } : { kind: 'live', lastSign: facts.lastSign };
}
