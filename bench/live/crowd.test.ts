import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cpuMs } from '../child.ts';
import { stopEverything } from '../running.ts';
import { updateIn } from './board-subscription.ts';
import { rawServer, watch } from './contenders.ts';
import { frameAt, maskedFrame } from './light-socket.ts';
import { machineMs } from './crowd-words.ts';

const UPDATE = JSON.stringify({ kind: 'UPDATED', text: 'é'.repeat(400) });

afterAll(stopEverything);

test('subscribers in a process of their own hear every change once, and say when', async () => {
  const raw = await watch(await rawServer({ update: UPDATE }), 30);
  const before = machineMs();
  const [{ times, lastAt }] = await Promise.all([raw.crowd.heard(3, true), raw.publish(3)]);
  expect(times).toHaveLength(90);
  expect(Math.min(...times)).toBeGreaterThan(before);
  expect(lastAt).toBeGreaterThanOrEqual(Math.max(...times));
  expect(updateIn(await raw.crowd.last())).toBe(UPDATE);

  // What came before somebody waits counts for the next wait.
  await raw.publish(1);
  await raw.crowd.heard(1);
  expect(cpuMs(raw.pid)).toBeGreaterThan(0);
  await raw.stop();
});

test('a server that ends is a failure of those who wait, not a wait for ever', async () => {
  const raw = await watch(await rawServer({ update: UPDATE }), 3);
  const heard = raw.crowd.heard(1);
  process.kill(raw.pid, 'SIGKILL');
  await expect(heard).rejects.toThrow(/^A subscriber: /);
  await raw.stop();
});

test('a server of a bench ends when the bench does', async () => {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../children/raw-socket.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const ended = once(child, 'exit');
  child.stdin.end();
  expect(await ended).toEqual([0, null]);
});

test.each([1, 125, 126, 700, 65_535])('a frame of %i bytes is read as it was written', (length) => {
  const payload = Buffer.alloc(length, 'x');
  const sent = maskedFrame(1, payload);
  // A server's frame is the same without the mask.
  const header = length < 126 ? 2 : 4;
  const frame = Buffer.concat([sent.subarray(0, header), payload]);
  frame[1] = (frame[1] ?? 0) & 0x7f;
  const twice = Buffer.concat([frame, frame]);
  const first = frameAt(twice, 0);
  expect(first).toEqual({ from: header, to: header + length });
  expect(frameAt(twice, first?.to ?? 0)).toEqual({ from: frame.length + header, to: twice.length });
  expect(frameAt(twice.subarray(0, -1), frame.length)).toBeNull();
  expect(frameAt(twice.subarray(0, 1), 0)).toBeNull();
});
