/**
 * What waits to be taken by one subscriber: a bounded queue on one side, an async iterator or an outlet on the other.
 * Not an async generator: `return()` of one that waits in `await` would itself wait for the next update. A class, because there
 * are ten thousand of them, and an object whose functions are its own is ten times as large.
 */
import type { GraphQLError } from 'graphql';
import type { LiveUpdate } from '../services.ts';

/** Takes updates in the very call that pushes them: a promise for each of ten thousand subscribers costs more than the sending. */
export interface Outlet {
  /** False: not now. The update waits then, and those after it, until `flow` is called. */
  take(update: LiveUpdate): boolean;
  /** The stream has ended, with the error if there is one. */
  end(error?: GraphQLError): void;
}

export interface UpdateIterator extends AsyncIterableIterator<LiveUpdate> {
  /** From now on updates go to the outlet, what waits first; `next` must not be called any more. */
  flowInto(outlet: Outlet): void;
  /** The outlet can take again. */
  flow(): void;
}

/** A stream that begins when it is iterated: what is never iterated is not kept. */
export interface UpdateSource extends AsyncIterable<LiveUpdate> {
  [Symbol.asyncIterator](): UpdateIterator;
}

export interface QueueOwner {
  /** The stream has ended, whoever ended it. Called once. */
  closed(): void;
}

interface Taker {
  resolve: (result: IteratorResult<LiveUpdate>) => void;
  reject: (error: GraphQLError) => void;
}

export class UpdateQueue implements UpdateIterator {
  readonly #capacity: number;
  readonly #owner: QueueOwner;
  #waiting: LiveUpdate[] = [];
  #ended = false;
  #error: GraphQLError | undefined;
  #outlet: Outlet | null = null;
  #takers: Taker[] | null = null;
  #drains: { size: number; resolve: () => void }[] | null = null;

  /** `capacity`: updates that may wait. */
  constructor(capacity: number, owner: QueueOwner) {
    this.#capacity = capacity;
    this.#owner = owner;
  }

  /** False when the queue is full; nothing was added then. */
  push(update: LiveUpdate): boolean {
    if (this.#ended) return true;
    if (this.#outlet !== null && this.#waiting.length === 0 && this.#outlet.take(update)) return true;
    const taker = this.#takers?.shift();
    if (taker !== undefined) {
      taker.resolve({ done: false, value: update });
      return true;
    }
    if (this.#waiting.length >= this.#capacity) return false;
    this.#waiting.push(update);
    return true;
  }

  /** Forgets everything that has not been taken. */
  clear(): void {
    this.#waiting = [];
    this.#settleDrains();
  }

  /** Updates not yet taken. */
  size(): number {
    return this.#waiting.length;
  }

  /** Resolves when at most `size` updates wait, or the stream has ended. */
  drainedTo(size: number): Promise<void> {
    if (this.#ended || this.#waiting.length <= size) return Promise.resolve();
    return new Promise((resolve) => (this.#drains ??= []).push({ size, resolve }));
  }

  /** Ends the stream, with the error if there is one. What waits is dropped: who lost the right to watch must not be told the rest. */
  end(reason?: GraphQLError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = reason;
    this.#waiting = [];
    const takers = this.#takers ?? [];
    this.#takers = null;
    for (const taker of takers) {
      if (this.#error === undefined) taker.resolve({ done: true, value: undefined });
      else taker.reject(this.#error);
      this.#error = undefined;
    }
    this.#settleDrains();
    this.#owner.closed();
    this.#outlet?.end(reason);
  }

  next(): Promise<IteratorResult<LiveUpdate>> {
    const update = this.#waiting.shift();
    if (update !== undefined) {
      this.#settleDrains();
      return Promise.resolve({ done: false, value: update });
    }
    if (!this.#ended) return new Promise((resolve, reject) => (this.#takers ??= []).push({ resolve, reject }));
    const reason = this.#error;
    this.#error = undefined;
    return reason === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(reason);
  }

  return(): Promise<IteratorResult<LiveUpdate>> {
    this.end();
    this.#error = undefined;
    return Promise.resolve({ done: true, value: undefined });
  }

  flowInto(outlet: Outlet): void {
    this.#outlet = outlet;
    if (this.#ended) outlet.end(this.#error);
    else this.flow();
  }

  flow(): void {
    if (this.#outlet === null || this.#waiting.length === 0) return;
    let taken = 0;
    // An outlet may end the stream, which empties what waits.
    for (let update = this.#waiting[0]; update !== undefined && this.#outlet.take(update); update = this.#waiting[taken]) taken += 1;
    this.#waiting.splice(0, taken);
    this.#settleDrains();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #settleDrains(): void {
    if (this.#drains === null) return;
    const left = this.#drains.filter((drain) => !this.#ended && this.#waiting.length > drain.size);
    const reached = this.#drains.filter((drain) => !left.includes(drain));
    this.#drains = left.length === 0 ? null : left;
    for (const drain of reached) drain.resolve();
  }
}
