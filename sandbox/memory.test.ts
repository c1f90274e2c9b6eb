/** What survives the process, and what the process itself promises. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { testSandbox } from './testing.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('a new process finds what the old one wrote, also behind a torn last line', async () => {
  const first = testSandbox({ journalDir: folder });
  const kept = await first.book(1, '2026-12-07T09:00:00Z');
  appendFileSync(join(folder, 'sandbox.journal'), '[{"table":"bookings","key":"x","row":{"uid":"x"');
  const second = testSandbox({ journalDir: folder });
  expect(await second.get(kept.uid)).toEqual(kept);
  const later = await second.book(1, '2026-12-07T10:00:00Z');
  expect(later['id']).toBe(Number(kept['id']) + 1);
  expect(await testSandbox({ journalDir: folder }).get(later.uid)).toMatchObject({ uid: later.uid });
});

test('a restart moves the gateway’s webhook instead of adding one', async () => {
  testSandbox({ journalDir: folder });
  const moved = testSandbox({ journalDir: folder, webhook: { url: 'http://gateway.test/elsewhere', secret: 'new' } });
  await moved.book(1, '2026-12-07T09:00:00Z');
  expect(moved.deliveries.map(({ url }) => url)).toEqual(['http://gateway.test/elsewhere']);
});

test('a folder of another seed is refused', () => {
  testSandbox({ journalDir: folder });
  expect(() => testSandbox({ journalDir: folder, seed: 'clinic' })).toThrow('This folder holds a sandbox of the seed "recorded"');
});

test('all complaints about the environment come together, and production is refused', () => {
  expect(() => readOptions({ SANDBOX_PORT: '99999', SANDBOX_SEED: 'x' })).toThrow(/SANDBOX_PORT[\s\S]*SANDBOX_SEED/);
  expect(() => readOptions({ NODE_ENV: 'production' })).toThrow('The sandbox is not for production');
  expect(() => readOptions({ SANDBOX_WEBHOOK_URL: 'http://127.0.0.1/x' })).toThrow('go together');
  expect(readOptions({})).toEqual({ port: 0, sandbox: { seed: 'clinic' } });
});

test('a process killed in the middle of a burst keeps what it had answered', async () => {
  const { child, url } = await start();
  const { booking } = (await (await fetch(`${url}/_control/book`, { method: 'POST' })).json()) as { booking: { uid: string } };
  const burst = fetch(`${url}/_control/burst`, { method: 'POST', body: '{"count":500}' }).catch(() => undefined);
  await (await fetch(`${url}/_control/state`)).json();
  child.kill('SIGKILL');
  await Promise.all([once(child, 'exit'), burst]);
  const again = await start();
  const { bookings } = (await (await fetch(`${again.url}/_control/state`)).json()) as { bookings: { uid: string }[] };
  expect(bookings.map(({ uid }) => uid)).toContain(booking.uid);
  again.child.kill('SIGTERM');
  expect(await once(again.child, 'exit')).toEqual([0, null]);
});

/** Starts the real process and waits for its one line. */
async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    env: { ...process.env, NODE_ENV: 'test', SANDBOX_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { ready, url } = JSON.parse(line.toString()) as { ready: boolean; url: string };
  expect(ready).toBe(true);
  return { child, url };
}
