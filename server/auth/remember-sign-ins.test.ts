import { expect, test } from 'vitest';
import { manualClock } from '../kernel/clock.ts';
import { userId } from '../kernel/ids.ts';
import { fail, ok } from '../kernel/result.ts';
import type { Authenticate } from './authenticate.ts';
import { rememberSignIns } from './remember-sign-ins.ts';

const NOW = '2026-11-23T08:00:00.000Z';
const desk = (livesMs: number) =>
  ok({ userId: userId('00000000-0000-7000-8000-000000000001'), role: 'FRONT_DESK' as const, expiresAt: Date.parse(NOW) + livesMs });

function counted(answer: () => Awaited<ReturnType<Authenticate>>) {
  let asked = 0;
  const clock = manualClock(NOW);
  const authenticate = rememberSignIns(() => {
    asked += 1;
    return Promise.resolve(answer());
  }, clock);
  return { authenticate, clock, asked: () => asked };
}

test('a token is looked at once in five seconds, also by many at the same moment', async () => {
  const { authenticate, clock, asked } = counted(() => desk(60_000));
  const [one, other] = await Promise.all([authenticate('Bearer a'), authenticate('Bearer a')]);
  expect(one).toEqual(other);
  clock.advance(4_999);
  await authenticate('Bearer a');
  expect(asked()).toBe(1);
  clock.advance(1);
  await authenticate('Bearer a');
  expect(asked()).toBe(2);
});

test('who was disabled is refused as soon as the five seconds are over', async () => {
  let disabled = false;
  const refusal = fail({ code: 'UNAUTHENTICATED' as const, message: 'This account is disabled.' });
  const { authenticate, clock } = counted(() => (disabled ? refusal : desk(60_000)));
  await authenticate('Bearer a');
  disabled = true;
  clock.advance(5_000);
  expect(await authenticate('Bearer a')).toEqual(refusal);
});

test('a token is not good for longer than it says', async () => {
  const { authenticate, clock, asked } = counted(() => desk(1_000));
  await authenticate('Bearer a');
  clock.advance(1_000);
  await authenticate('Bearer a');
  expect(asked()).toBe(2);
});

test('each token stands for itself, and a refusal is not remembered', async () => {
  const { authenticate, asked } = counted(() => fail({ code: 'UNAUTHENTICATED', message: 'The token is not valid.' }));
  await authenticate('Bearer a');
  await authenticate('Bearer a');
  await authenticate('Bearer b');
  expect(asked()).toBe(3);
});
