/** What a call without an answer means: whether a write may have happened (CONTRACT 2). */
import { BrokenCircuitError, BulkheadRejectedError } from 'cockatiel';
import { calcomFailure, type CalcomFailure } from './errors.ts';

/** The connection was never made, so a write cannot have happened. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

export function failureWithoutAnswer(error: unknown, write: boolean): CalcomFailure {
  const code = causeCode(error);
  const certain = !write || (code !== null && NOT_CONNECTED.has(code));
  const name = error instanceof Error ? error.name : 'Error';
  return calcomFailure(certain ? 'Unreachable' : 'OutcomeUnknown', `No answer (${code ?? name}).`);
}

function causeCode(error: unknown): string | null {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}

/** Nothing was sent. @throws whatever is no refusal of ours. */
export function failureBeforeSending(error: unknown): CalcomFailure {
  if (error instanceof BrokenCircuitError)
    return calcomFailure('Unreachable', 'Cal.com did not answer lately; nothing was sent.', { retryAfterMs: 5_000 });
  if (error instanceof BulkheadRejectedError)
    return calcomFailure('RateLimited', 'Too many calls are waiting; nothing was sent.', { retryAfterMs: 1_000 });
  throw error;
}
