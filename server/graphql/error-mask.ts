/**
 * What a client may learn of an error. Errors that we made for clients (GraphQLError) pass; anything else is logged with
 * the request's id and answered as "Something went wrong", with that id and nothing more.
 */
import { type ExecutionResult, GraphQLError } from 'graphql';
import { handleStreamOrSingleExecutionResult, type Plugin } from 'graphql-yoga';
import { type Log, redact } from '../kernel/log.ts';
import type { GraphqlContext } from './context.ts';

/** Made for clients: a GraphQLError, or one that the executor only located. */
function isExpected(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'GraphQLError') return false;
  const original = (error as Partial<GraphQLError>).originalError;
  return original == null || isExpected(original);
}

export function maskError(error: unknown, requestId: string, log: Log): GraphQLError {
  if (error instanceof GraphQLError && isExpected(error)) {
    // Ours have a code; without one it is a variable that does not fit its type.
    error.extensions['code'] ??= 'BAD_USER_INPUT';
    return error;
  }
  const located = error instanceof GraphQLError ? error : null;
  const cause = located?.originalError ?? error;
  log.error('graphql.unexpected', {
    requestId,
    path: located?.path?.join('.') ?? null,
    message: redact(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)),
  });
  return new GraphQLError(`Something went wrong here. Request id: ${requestId}`, {
    nodes: located?.nodes,
    // A compiled operation knows the places, not the nodes.
    source: located?.source,
    positions: located?.positions,
    path: located?.path,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  });
}

/** For executions that do not pass through Yoga's (the shared fan-out) as much as for those that do. */
export function maskResult<Result extends ExecutionResult>(result: Result, requestId: string, log: Log): Result {
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((error) => maskError(error, requestId, log)) };
}

export function useErrorMask(log: Log): Plugin<GraphqlContext> {
  return {
    onExecute: () => ({
      onExecuteDone: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult, args }) =>
          setResult(maskResult(result, args.contextValue.requestId, log)),
        ),
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: (payload) =>
        handleStreamOrSingleExecutionResult(payload, ({ result, setResult }) =>
          setResult(maskResult(result, args.contextValue.requestId, log)),
        ),
      onSubscribeError: ({ error, setError }) => setError(maskError(error, args.contextValue.requestId, log)),
    }),
  };
}
