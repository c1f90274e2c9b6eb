/**
 * One subscription for as long as somebody wants it: opened again after whatever ended it, and moved to a new connection
 * without a gap when the old one is replaced.
 */
import { backOff } from './back-off.ts';
import type { LiveUpdate } from './appointment-change.ts';
import type { GraphqlError, LiveSocket } from './live-socket.ts';
import type { PageSigns } from './page-signs.ts';

export interface LiveStreamParts {
  socket: Pick<LiveSocket, 'subscribe' | 'onRenewed' | 'restart'>;
  signs: Pick<PageSigns, 'onOnline'>;
  query: string;
  /** Asked each time the stream begins, also by graphql-ws after a lost socket: that is the whole of resuming. */
  variables: () => Record<string, unknown>;
  onUpdate: (update: LiveUpdate) => void;
  /** The gateway does not know where to go on from. */
  onBadCursor: () => void;
}

/** Answers how to stop. */
export function followUpdates({ socket, signs, query, variables, onUpdate, onBadCursor }: LiveStreamParts): () => void {
  /** How to leave each stream that is open: one, or two while the connection is being replaced. */
  const streams = new Set<() => void>();
  let newest: (() => void) | null = null;
  let stopped = false;
  let attempt = 0;

  const again = async (): Promise<void> => {
    await backOff(attempt, signs);
    attempt += 1;
    if (!stopped) open();
  };
  /** A refused token, a drained gateway: the socket gives up or ends the stream, we do not. */
  const ended = (leave: () => void, errors: readonly GraphqlError[]): void => {
    streams.delete(leave);
    if (stopped || leave !== newest) return;
    if (hasCode(errors, 'BAD_CURSOR')) return onBadCursor();
    // Who may watch is decided when a socket is opened.
    if (hasCode(errors, 'UNAUTHENTICATED')) socket.restart();
    void again();
  };
  /** `replaced`: a stream on the connection before; it goes on until this one has spoken. */
  const open = (replaced: (() => void) | null = null): void => {
    let left = false;
    let before = replaced;
    const leaveSocket = socket.subscribe(
      {
        operationName: 'LiveUpdates',
        query,
        get variables() {
          return variables();
        },
      },
      {
        next: ({ data, errors }) => {
          if (left) return;
          if (hasCode(errors ?? [], 'BAD_CURSOR')) return onBadCursor();
          if (data?.appointmentUpdated == null) return;
          attempt = 0;
          before?.();
          before = null;
          onUpdate(data.appointmentUpdated);
        },
        error: (failure) => {
          if (!left) ended(leave, Array.isArray(failure) ? (failure as GraphqlError[]) : []);
        },
        complete: () => {
          if (!left) ended(leave, []);
        },
      },
    );
    const leave = (): void => {
      left = true;
      streams.delete(leave);
      leaveSocket();
    };
    streams.add(leave);
    newest = leave;
  };

  open();
  const stopListening = socket.onRenewed(() => open(newest));
  return () => {
    stopped = true;
    stopListening();
    for (const leave of streams) leave();
  };
}

function hasCode(errors: readonly GraphqlError[], code: string): boolean {
  return errors.some(({ extensions }) => extensions?.code === code);
}
