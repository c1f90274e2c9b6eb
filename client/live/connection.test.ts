import { expect, test } from 'vitest';
import { latency } from './appointment-change.ts';
import { connectionState, SILENCE_MS } from './connection.ts';

const facts = { online: true, open: true, caughtUp: true, replayed: 0, lastSign: 1_000 };

test('an open, caught-up stream with recent signs of life is live', () => {
  expect(connectionState(facts, 2_000)).toEqual({ kind: 'live', lastSign: 1_000 });
});

test('an open socket that says nothing for long is stale, since its last sign', () => {
  expect(connectionState(facts, 1_001 + SILENCE_MS)).toEqual({ kind: 'stale', since: 1_000 });
});

test('after an interruption it is catching up until told otherwise', () => {
  expect(connectionState({ ...facts, caughtUp: false, replayed: 7 }, 2_000)).toEqual({ kind: 'catchingUp', count: 7 });
});

test('without a socket it is stale while there is a network, offline without one, and connecting before the first sign', () => {
  expect(connectionState({ ...facts, open: false }, 2_000)).toEqual({ kind: 'stale', since: 1_000 });
  expect(connectionState({ ...facts, open: false, online: false }, 2_000)).toEqual({ kind: 'offline', since: 1_000 });
  expect(connectionState({ ...facts, open: false, lastSign: null }, 2_000)).toEqual({ kind: 'connecting' });
});

const received = '2026-01-05T09:00:00.000Z';
const trace = { receivedAt: received, publishedAt: '2026-01-05T09:00:00.050Z' };
const at = (ms: number): number => Date.parse(received) + ms;

test('what is shown after Cal.com is by the gateway’s clock, however wrong this device’s is', () => {
  const hour = 3_600_000;
  expect(latency(trace, at(120), { offsetMs: 0, errorMs: 2 })).toBe(120);
  expect(latency(trace, at(120) - hour, { offsetMs: hour, errorMs: 2 })).toBe(120);
  expect(latency(trace, at(9_000) + hour, { offsetMs: -hour, errorMs: 2 })).toBe(9_000);
});

test('nothing is shown before the gateway sent it, and without its clock that is all that is said', () => {
  expect(latency(trace, at(48), { offsetMs: 0, errorMs: 4 })).toBe(50);
  expect(latency(trace, at(3_600_000), null)).toBe(50);
});

test('what no webhook caused has no time after Cal.com', () => {
  expect(latency({ publishedAt: trace.publishedAt }, at(120), null)).toBe(null);
  expect(latency(null, at(120), null)).toBe(null);
});
