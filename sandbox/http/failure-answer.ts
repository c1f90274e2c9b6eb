/** A failure on the wire, in one of the two recorded shapes (MEASURED "Errors"). */
import type { ApiFailure } from '../engine/api-failure.ts';
import { isoMs } from '../engine/instant.ts';
import type { ApiAnswer } from './exchange.ts';

export function failureAnswer(failure: ApiFailure, path: string, now: number, headers: Record<string, string>): ApiAnswer {
  const { status, shape, code, message, details } = failure;
  const body =
    shape === 'core'
      ? { statusCode: status, message }
      : { status: 'error', timestamp: isoMs(now), path, error: { code, message, ...(details !== undefined && { details }) } };
  return { status, headers, body: JSON.stringify(body) };
}
