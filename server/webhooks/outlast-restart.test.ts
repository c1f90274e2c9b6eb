import { expect, test } from 'vitest';
import { outlastRestart } from './outlast-restart.ts';

const mayPass = (error: unknown) => error instanceof Error && error.message === 'away';
const LONG = { patienceMs: 60_000, betweenMs: 1, mayPass };

test('a failure that passes is not seen', async () => {
  let tries = 0;
  const work = outlastRestart(async (input: string) => {
    tries += 1;
    if (tries < 4) throw new Error('away');
    return input;
  }, LONG);
  expect(await work('stored')).toBe('stored');
  expect(tries).toBe(4);
});

test('a failure that will not pass is told at once', async () => {
  let tries = 0;
  const work = outlastRestart(async () => {
    tries += 1;
    throw new Error('refused for good');
  }, LONG);
  await expect(work(undefined)).rejects.toThrow('refused for good');
  expect(tries).toBe(1);
});

test('once patience is used up each is tried once, until one has worked', async () => {
  let tries = 0;
  let away = true;
  const work = outlastRestart(
    async () => {
      tries += 1;
      if (away) throw new Error('away');
    },
    { patienceMs: 0, betweenMs: 0, mayPass },
  );
  await expect(work(undefined)).rejects.toThrow('away');
  tries = 0;
  await expect(work(undefined)).rejects.toThrow('away');
  expect(tries).toBe(1);
  away = false;
  await work(undefined);
  expect(tries).toBe(2);
});
