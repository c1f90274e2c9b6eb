/**
 * From a subscriber's stream of updates to frames on its socket. The text of a result comes from the group; here it is put into
 * a graphql-transport-ws `next` message of this operation, and all messages of one tick leave in one write.
 */
import type { Socket } from 'node:net';
import type { ExecutionResult } from 'graphql';
import type { WebSocket } from 'ws';
import type { LiveUpdate } from '../services.ts';
import type { ExecutionGroup } from './shared-execution.ts';

export interface SocketStreamOptions {
  /** Of the operation, chosen by the client. */
  id: string;
  socket: WebSocket;
  /** The TCP or TLS connection under it. */
  connection: Socket;
  source: AsyncIterable<LiveUpdate>;
  group: ExecutionGroup;
  /** A result has been handed to the socket. */
  sent: () => void;
}

/**
 * Bytes that may wait in the socket before the stream waits for them to leave; what comes meanwhile gathers in the subscriber's
 * bounded queue, which turns into RESYNC when it overflows.
 */
const BACKLOG_BYTES = 256 * 1024;

/**
 * Sends until the source ends. The iterator that graphql-ws is given yields nothing: it stays pending until the end, so that
 * `complete`, errors and the operation's id remain graphql-ws's business.
 */
export function streamToSocket(options: SocketStreamOptions): AsyncGenerator<ExecutionResult> {
  const source = options.source[Symbol.asyncIterator]();
  const head = `{"id":${JSON.stringify(options.id)},"type":"next","payload":`;
  let left = false;

  async function pump(): Promise<void> {
    for (;;) {
      const next = await source.next();
      if (next.done === true || left) return;
      const text = await options.group.textFor(next.value);
      if (left) return;
      await write(options, `${head}${text}}`);
      options.sent();
    }
  }

  const ended = pump().finally(() => options.group.leave());
  // Whoever asks hears of it; without this line an end that nobody awaits would end the process.
  ended.catch(() => {});
  const done: IteratorResult<ExecutionResult> = { done: true, value: undefined };
  const iterator: AsyncGenerator<ExecutionResult> = {
    next: () => ended.then(() => done),
    async return() {
      left = true;
      await source.return?.();
      return done;
    },
    throw: async () => iterator.return(undefined),
    [Symbol.asyncIterator]: () => iterator,
    async [Symbol.asyncDispose]() {
      await iterator.return(undefined);
    },
  };
  return iterator;
}

const corked = new WeakSet<Socket>();

function write({ socket, connection }: SocketStreamOptions, message: string): Promise<void> | undefined {
  if (socket.readyState !== socket.OPEN) return undefined;
  if (!corked.has(connection)) {
    corked.add(connection);
    connection.cork();
    process.nextTick(() => {
      corked.delete(connection);
      connection.uncork();
    });
  }
  if (socket.bufferedAmount < BACKLOG_BYTES) {
    socket.send(message);
    return undefined;
  }
  return new Promise((resolve) => socket.send(message, () => resolve()));
}
