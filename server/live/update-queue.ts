/**
 * What waits to be taken by one subscriber: a bounded queue on one side, an async iterator or an outlet on the other.
 * Not an async generator: `return()` of one that waits in `await` would itself wait for the next update.
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

export interface UpdateQueue {
  readonly iterator: UpdateIterator;
  /** False when the queue is full; nothing was added then. */
  push(update: LiveUpdate): boolean;
  /** Forgets everything that has not been taken. */
  clear(): void;
  /** Updates not yet taken. */
  size(): number;
  /** Resolves when at most `size` updates wait, or the stream has ended. */
  drainedTo(size: number): Promise<void>;
  /** Ends the stream, with the error if there is one. What waits is dropped: who lost the right to watch must not be told the rest. */
  end(error?: GraphQLError): void;
}

export function createUpdateQueue(options: { capacity: number; closed: () => void }): UpdateQueue {
  let waiting: LiveUpdate[] = [];
  let ended = false;
  let error: GraphQLError | undefined;
  let outlet: Outlet | null = null;
  const takers: { resolve: (result: IteratorResult<LiveUpdate>) => void; reject: (error: GraphQLError) => void }[] = [];
  let drains: { size: number; resolve: () => void }[] = [];

  function settleDrains(): void {
    if (drains.length === 0) return;
    const reached = drains.filter((drain) => ended || waiting.length <= drain.size);
    drains = drains.filter((drain) => !reached.includes(drain));
    for (const drain of reached) drain.resolve();
  }

  function end(reason?: GraphQLError): void {
    if (ended) return;
    ended = true;
    error = reason;
    waiting = [];
    for (const taker of takers.splice(0)) {
      if (error === undefined) taker.resolve({ done: true, value: undefined });
      else taker.reject(error);
      error = undefined;
    }
    settleDrains();
    options.closed();
    outlet?.end(reason);
  }

  function flow(): void {
    if (outlet === null || waiting.length === 0) return;
    let taken = 0;
    // An outlet may end the stream, which empties `waiting`.
    for (let update = waiting[0]; update !== undefined && outlet.take(update); update = waiting[taken]) taken += 1;
    waiting.splice(0, taken);
    settleDrains();
  }

  const iterator: UpdateIterator = {
    next() {
      const update = waiting.shift();
      if (update !== undefined) {
        settleDrains();
        return Promise.resolve({ done: false, value: update });
      }
      if (!ended) return new Promise((resolve, reject) => takers.push({ resolve, reject }));
      const reason = error;
      error = undefined;
      return reason === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(reason);
    },
    return() {
      end();
      error = undefined;
      return Promise.resolve({ done: true, value: undefined });
    },
    flowInto(to) {
      outlet = to;
      if (ended) to.end(error);
      else flow();
    },
    flow,
    [Symbol.asyncIterator]: () => iterator,
  };

  return {
    iterator,
    push(update) {
      if (outlet !== null && waiting.length === 0 && !ended && outlet.take(update)) return true;
      if (ended) return true;
      const taker = takers.shift();
      if (taker !== undefined) {
        taker.resolve({ done: false, value: update });
        return true;
      }
      if (waiting.length >= options.capacity) return false;
      waiting.push(update);
      return true;
    },
    clear() {
      waiting = [];
      settleDrains();
    },
    size: () => waiting.length,
    drainedTo(size) {
      if (ended || waiting.length <= size) return Promise.resolve();
      return new Promise((resolve) => drains.push({ size, resolve }));
    },
    end,
  };
}
