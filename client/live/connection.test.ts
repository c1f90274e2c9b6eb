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

test('latency is measured to the screen, unless this device has another idea of the time', () => {
  const received = '2026-01-05T09:00:00.000Z';
  const published = '2026-01-05T09:00:00.050Z';
  expect(latency(received, published, Date.parse(received) + 120)).toBe(120);
  expect(latency(received, published, Date.parse(received) - 4_000)).toBe(50);
  expect(latency(received, published, Date.parse(received) + 3_600_000)).toBe(50);
  expect(latency(null, published, Date.parse(received))).toBe(null);
});
