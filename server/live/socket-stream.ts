/**
 * From a subscriber's stream of updates to frames on its socket: the text of a result comes from the group, and leaves as a
 * graphql-transport-ws `next` message of this operation.
 */
import type { ExecutionResult } from 'graphql';
import type { LiveUpdate } from '../services.ts';
import { bytesOf, type Outbox } from './outbox.ts';
import type { ExecutionGroup, SharedText } from './shared-execution.ts';
import type { Outlet, UpdateIterator } from './update-queue.ts';

export interface SocketStreamOptions {
  /** Of the operation, chosen by the client. */
  id: string;
  outbox: Outbox;
  updates: UpdateIterator;
  group: ExecutionGroup;
  /** A result has been handed to the socket. */
  sent: () => void;
  /** The gateway ended the stream, for a reason the client is told. */
  refused: () => void;
}

/**
 * Sends until the stream ends. An update that can be sent is sent in the call that gives it, without a promise on the way;
 * while the connection is full or a result is still being executed, the others wait in the subscriber's queue, in order.
 *
 * The iterator that graphql-ws is given yields nothing: it stays pending until the end, so that `complete`, errors and the
 * operation's id remain graphql-ws's business.
 */
export function streamToSocket(options: SocketStreamOptions): AsyncGenerator<ExecutionResult> {
  const { outbox, updates, group } = options;
  const head = bytesOf(`{"id":${JSON.stringify(options.id)},"type":"next","payload":`);
  const ended = Promise.withResolvers<void>();
  // Whoever asks hears of it; without this line an end that nobody awaits would end the process.
  ended.promise.catch(() => {});
  let over = false;
  let executing = false;
  const goOn = () => updates.flow();

  function send(text: SharedText): void {
    if (over) return;
    outbox.add(head, text.messageEnd);
    options.sent();
  }

  const outlet: Outlet = {
    take(update: LiveUpdate): boolean {
      if (executing) return false;
      if (outbox.full()) {
        outbox.whenDrained(goOn);
        return false;
      }
      const text = group.textFor(update);
      if (text instanceof Promise) void sendLater(text);
      else send(text);
      return true;
    },
    end(error) {
      over = true;
      group.leave();
      if (error === undefined) return ended.resolve();
      options.refused();
      ended.reject(error);
    },
  };

  async function sendLater(text: Promise<SharedText>): Promise<void> {
    executing = true;
    try {
      send(await text);
      executing = false;
      updates.flow();
    } catch (error) {
      void updates.return?.();
      ended.reject(error);
    }
  }

  updates.flowInto(outlet);
  const done: IteratorResult<ExecutionResult> = { done: true, value: undefined };
  const iterator: AsyncGenerator<ExecutionResult> = {
    next: () => ended.promise.then(() => done),
    async return() {
      await updates.return?.();
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
