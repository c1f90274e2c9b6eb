/**
 * From a subscriber's stream of updates to frames on its socket: the text of a result comes from the group, and leaves as a
 * graphql-transport-ws `next` message of this operation.
 */
import type { ExecutionResult, GraphQLError } from 'graphql';
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

const DONE: IteratorResult<ExecutionResult> = { done: true, value: undefined };

/**
 * Sends until the stream ends. An update that can be sent is sent in the call that gives it, without a promise on the way;
 * while the connection is full or a result is still being executed, the others wait in the subscriber's queue, in order.
 *
 * The iterator that graphql-ws is given yields nothing: it stays pending until the end, so that `complete`, errors and the
 * operation's id remain graphql-ws's business.
 */
export class SocketStream implements Outlet, AsyncGenerator<ExecutionResult> {
  readonly #outbox: Outbox;
  readonly #updates: UpdateIterator;
  readonly #group: ExecutionGroup;
  readonly #sent: () => void;
  readonly #refused: () => void;
  readonly #head: string;
  readonly #ended = Promise.withResolvers<IteratorResult<ExecutionResult>>();
  #over = false;
  #executing = false;

  constructor({ id, outbox, updates, group, sent, refused }: SocketStreamOptions) {
    this.#outbox = outbox;
    this.#updates = updates;
    this.#group = group;
    this.#sent = sent;
    this.#refused = refused;
    this.#head = bytesOf(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    // Whoever asks hears of it; without this line an end that nobody awaits would end the process.
    this.#ended.promise.catch(() => {});
    updates.flowInto(this);
  }

  take(update: LiveUpdate): boolean {
    if (this.#executing) return false;
    if (this.#outbox.full()) {
      this.#outbox.whenDrained(this.#goOn);
      return false;
    }
    const text = this.#group.textFor(update);
    if (text instanceof Promise) void this.#sendLater(text);
    else this.#send(text);
    return true;
  }

  end(error?: GraphQLError): void {
    this.#over = true;
    this.#group.leave();
    if (error === undefined) return this.#ended.resolve(DONE);
    this.#refused();
    this.#ended.reject(error);
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return this.#ended.promise;
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    await this.#updates.return?.();
    return DONE;
  }

  throw(): Promise<IteratorResult<ExecutionResult>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  readonly #goOn = (): void => this.#updates.flow();

  #send(text: SharedText): void {
    if (this.#over) return;
    this.#outbox.add(this.#head, text.messageEnd);
    this.#sent();
  }

  async #sendLater(text: Promise<SharedText>): Promise<void> {
    this.#executing = true;
    this.#send(await text);
    this.#executing = false;
    this.#updates.flow();
  }
}
