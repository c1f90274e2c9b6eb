/**
 * Runs a mutation that carries a `clientMutationKey` until its outcome is known. OutcomeUnknown and a lost connection
 * both mean "it may have worked"; the same key looks for what became of it before anything is done again, so repeating
 * is safe, and telling the person "failed" would be a guess.
 */
import type { Outcome, Refusal } from './refusal.ts';

const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
/** With the waits above about a minute; then the person decides whether to go on asking. */
const MOST_ATTEMPTS = 9;

export async function surely<Value>(
  attempt: () => Promise<Outcome<Value>>,
  whileUnknown: (refusal: Refusal) => void = () => undefined,
): Promise<Outcome<Value>> {
  for (let count = 1; ; count += 1) {
    const outcome = await attempt().catch(
      (): Outcome<Value> => ({ ok: false, refusal: { __typename: 'NoNetwork', message: '', retryable: true } }),
    );
    if (outcome.ok || !isUnknown(outcome.refusal)) return outcome;
    whileUnknown(outcome.refusal);
    if (count === MOST_ATTEMPTS) return outcome;
    await pause(outcome.refusal.__typename === 'OutcomeUnknown' ? outcome.refusal.retryAfterMs : FIRST_WAIT_MS * 2 ** (count - 1));
  }
}

export function isUnknown(refusal: Refusal): boolean {
  return refusal.__typename === 'OutcomeUnknown' || refusal.__typename === 'NoNetwork';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, LONGEST_WAIT_MS)));
}
