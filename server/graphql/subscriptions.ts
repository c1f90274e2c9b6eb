/**
 * How subscriptions are executed, over WebSocket and server-sent events alike: each subscriber is authorized and its arguments
 * are read by the schema's own `subscribe`, then every update is executed once for all who share it.
 */
import { randomUUID } from 'node:crypto';
import {
  createSourceEventStream,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../auth/viewer.ts';
import { createSharedExecution, type Execution, type ExecutionGroup, type SharedExecution } from '../live/shared-execution.ts';
import type { UpdateSource } from '../live/update-queue.ts';
import type { LiveUpdate, Services } from '../services.ts';
import { createOperationCompiler } from './compiled-operation.ts';
import { createContext, type GraphqlContext, viewerOf } from './context.ts';
import { maskError, maskResult } from './error-mask.ts';
import { updateSchema } from './update-schema.ts';

export interface Subscriptions {
  execution: SharedExecution;
  /** For one operation over a socket, of a viewer who has been authenticated. */
  contextFor(viewer: Viewer): GraphqlContext;
  /** An error as the client may see it; what it must not know is logged. */
  shown(error: unknown): GraphQLError;
}

export function createSubscriptions(schema: GraphQLSchema, services: Services): Subscriptions {
  const { log } = services;
  // Whoever subscribes is sent many updates: the first one is worth compiling for.
  const ofUpdates = updateSchema(schema);
  const compiler = createOperationCompiler(ofUpdates, { uses: 1 });
  const contextFor = (viewer: Viewer) => createContext({ services, viewer, requestId: randomUUID(), inUrl: false, exchange: null });

  function run({ operation: { document, operation }, variables, viewer }: Execution, rootValue: LiveUpdate) {
    const contextValue = contextFor(viewer);
    const operationName = operation.name?.value ?? null;
    const compiled = compiler.compile(document, operationName);
    // As graphql-js does for each event of a stream (GraphQL, 6.2.3.2): the root field resolves from the event.
    const result =
      compiled === null
        ? execute({ schema: ofUpdates, document, operationName, variableValues: variables, rootValue, contextValue })
        : compiled.query(rootValue, contextValue, variables);
    const masked = (done: ExecutionResult) => maskResult(done, contextValue.requestId, log);
    return result instanceof Promise ? result.then(masked) : masked(result);
  }

  const shown = (error: unknown) => maskError(error, randomUUID(), log);
  return {
    execution: createSharedExecution({ execute: run, failed: (error) => ({ errors: [shown(error)] }) }),
    contextFor,
    shown,
  };
}

/** Over server-sent events: Yoga writes what `stringify` of a result answers. */
export function useSharedSubscriptions(execution: SharedExecution): Plugin<GraphqlContext> {
  return {
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn((args: ExecutionArgs) => subscribeShared(execution, args)),
  };
}

async function subscribeShared(execution: SharedExecution, args: ExecutionArgs): Promise<AsyncIterable<ExecutionResult> | ExecutionResult> {
  const { document, operationName } = args;
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const operation = getOperationAST(document, operationName);
  if (operation == null) throw new GraphQLError('Name one operation of the document in operationName.');
  const viewer = viewerOf(args.contextValue as GraphqlContext);
  const group = execution.join({ document, operation, variables: { ...args.variableValues }, viewer });
  return results(source as UpdateSource, group);
}

function results(source: UpdateSource, group: ExecutionGroup): AsyncIterableIterator<ExecutionResult> {
  const updates = source[Symbol.asyncIterator]();
  const done: IteratorResult<ExecutionResult> = { done: true, value: undefined };
  const iterator: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      try {
        const update = await updates.next();
        if (update.done !== true) return { done: false, value: asResult((await group.textFor(update.value)).json) };
      } catch (error) {
        group.leave();
        throw error;
      }
      group.leave();
      return done;
    },
    async return() {
      group.leave();
      await updates.return?.();
      return done;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

function asResult(json: string): ExecutionResult {
  return { stringify: () => json } as ExecutionResult;
}
