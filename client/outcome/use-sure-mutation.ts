/**
 * A mutation that changes something at Cal.com, done once and until its outcome is known: every wish gets a key, an
 * unknown outcome is asked for again with the same key (`whileUnknown` is told each time), and what the person should
 * know besides is shown.
 */
import type { TypedDocumentNode } from '@apollo/client';
import { useMutation } from '@apollo/client/react';
import { useCallback } from 'react';
import type { RefusalFragment } from '../generated/graphql.ts';
import { newMutationKey } from './mutation-key.ts';
import type { Outcome, Refusal } from './refusal.ts';
import { surely } from './surely.ts';
import { showWarnings } from './warnings.ts';

interface Success {
  warnings: readonly { message: string }[];
}

export type SureMutation<Input, Result> = (
  input: Omit<Input, 'clientMutationKey'>,
  whileUnknown?: (refusal: Refusal) => void,
  /** A key from before goes on asking for that wish. */
  clientMutationKey?: string,
) => Promise<Outcome<Extract<Result, Success>>>;

/** `resultOf` must be the same function each time. */
export function useSureMutation<Data, Input extends { clientMutationKey: string | number }, Result extends Success | RefusalFragment>(
  document: TypedDocumentNode<Data, { input: Input }>,
  resultOf: (data: Data) => Result,
): SureMutation<Input, Result> {
  const [mutate] = useMutation(document);
  return useCallback(
    (input, whileUnknown, clientMutationKey = newMutationKey()) =>
      surely(async () => {
        // The compiler does not see that a generic input without its key, and the key, are the input.
        const { data } = await mutate({ variables: { input: { ...input, clientMutationKey } as unknown as Input } });
        if (data == null) return { ok: false, refusal: { __typename: 'NoNetwork', message: '', retryable: true } };
        const result = resultOf(data);
        if (!isSuccess(result)) return { ok: false, refusal: result as Exclude<Result, Success> & RefusalFragment };
        showWarnings(result.warnings);
        return { ok: true, value: result };
      }, whileUnknown),
    [mutate, resultOf],
  );
}

function isSuccess<Result extends Success | RefusalFragment>(result: Result): result is Extract<Result, Success> {
  return 'warnings' in result;
}
