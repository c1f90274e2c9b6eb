/** One call whose answer is read by a schema; what every resource of the client is made with. */
import type { z } from 'zod';
import { fail, ok, type Result } from '../kernel/result.ts';
import { calcomFailure, type CalcomFailure } from './errors.ts';
import type { Oddity } from './oddity.ts';
import * as contract from './rest-contract.ts';
import type { CalcomAnswer, CalcomCredential, CalcomRequest, Transport } from './transport.ts';

export type Answer<Value> = Promise<Result<Value, CalcomFailure>>;
export type Key = CalcomCredential;

export interface Asking {
  transport: Transport;
  /** Calls, and reads the answer's `data` by a schema. */
  asking<Schema extends z.ZodType, Value>(
    key: Key | null,
    request: CalcomRequest,
    data: Schema,
    value: (data: z.output<Schema>, answer: CalcomAnswer) => Value,
  ): Answer<Value>;
  /** An answer had something in it that this release does not know. */
  news(oddities: readonly Oddity[]): void;
}

export function createAsking(transport: Transport, onOddities: ((oddities: readonly Oddity[]) => void) | undefined): Asking {
  return {
    transport,
    async asking(key, request, data, value) {
      const answer = await transport.call(key, request);
      if (!answer.ok) return answer;
      const body = contract.success.safeParse(answer.value.json);
      if (!body.success) return fail(unreadable(request, issuesOf(body.error)));
      const read = data.safeParse(body.data.data);
      return read.success ? ok(value(read.data, answer.value)) : fail(unreadable(request, issuesOf(read.error)));
    },
    news(oddities) {
      if (oddities.length > 0) onOddities?.(oddities);
    },
  };
}

/** A deletion: gone already counts as deleted. */
export async function askingToDelete({ transport }: Asking, key: Key, request: Omit<CalcomRequest, 'method'>): Answer<null> {
  const gone = await transport.call(key, { ...request, method: 'DELETE' });
  return gone.ok || gone.failure.kind === 'NotFound' ? ok(null) : gone;
}

/** A 2xx that we cannot read: a write has happened, but what came of it must be looked up. */
export function unreadable(request: CalcomRequest, where: string): CalcomFailure {
  return calcomFailure(
    request.method === 'GET' ? 'Unreachable' : 'OutcomeUnknown',
    `The answer has another shape than expected (${where}).`,
  );
}

export function issuesOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.map(String).join('.')}: ${issue.code}`)
    .join(', ');
}

/** Cal.com refuses keys it does not know, and `undefined` must not become one. */
export function withoutUndefined(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
