import { afterAll, expect, test } from 'vitest';
import { rawServer } from './live/contenders.ts';
import { stopEverything } from './running.ts';

afterAll(stopEverything);

test('a server under test says what memory it holds', async () => {
  const server = await rawServer();
  const { heapUsed, rss } = await server.memory();
  expect(heapUsed).toBeGreaterThan(1_000_000);
  expect(rss).toBeGreaterThan(heapUsed);
  await server.stop();
  await expect(server.memory()).rejects.toThrow(/ECONNREFUSED/);
});
