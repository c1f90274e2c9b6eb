import { expect, test } from 'vitest';
import type { Outcome, Refusal } from './refusal.ts';
import { surely } from './surely.ts';

const unknown: Refusal = { __typename: 'OutcomeUnknown', message: '', retryable: true, retryAfterMs: 0 };

function answers(...outcomes: Outcome<string>[]): () => Promise<Outcome<string>> {
  let asked = 0;
  return () => Promise.resolve(outcomes[Math.min(asked++, outcomes.length - 1)] ?? { ok: false, refusal: unknown });
}

test('an unknown outcome is asked for again until it is known', async () => {
  const heard: string[] = [];
  const outcome = await surely(
    answers({ ok: false, refusal: unknown }, { ok: false, refusal: unknown }, { ok: true, value: 'booked' }),
    (refusal) => heard.push(refusal.__typename),
  );
  expect(outcome).toEqual({ ok: true, value: 'booked' });
  expect(heard).toEqual(['OutcomeUnknown', 'OutcomeUnknown']);
});

test('a refusal is final at once', async () => {
  const refusal: Refusal = { __typename: 'NotAllowed', message: 'No.', retryable: false };
  expect(await surely(answers({ ok: false, refusal }, { ok: true, value: 'booked' }))).toEqual({ ok: false, refusal });
});

test('it does not ask for ever, and then says that it is still unknown, never that it failed', async () => {
  expect(await surely(answers({ ok: false, refusal: unknown }))).toEqual({ ok: false, refusal: unknown });
});
