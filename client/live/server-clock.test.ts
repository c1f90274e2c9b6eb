import { expect, test } from 'vitest';
import { createServerClock } from './server-clock.ts';

/** Two clocks and a wire between them: each question takes `out` ms there and `back` ms home. */
function stage(options: { deviceAheadMs: number; trips: [out: number, back: number][] }) {
  let steady = 5_000;
  let shift = 0;
  let asked = 0;
  const device = (): number => 1_700_000_000_000 + options.deviceAheadMs + shift + steady;
  const gateway = (): number => 1_700_000_000_000 + steady;
  const clock = createServerClock({
    now: device,
    steady: () => steady,
    ask: () => {
      const [out, back] = options.trips[Math.min(asked, options.trips.length - 1)] ?? [0, 0];
      asked += 1;
      steady += out;
      const answer = gateway();
      steady += back;
      return Promise.resolve(answer);
    },
  });
  return { clock, pass: (ms: number) => (steady += ms), set: (ms: number) => (shift += ms), asked: () => asked };
}

test('a clock that is an hour ahead is known to be', async () => {
  const { clock } = stage({ deviceAheadMs: 3_600_000, trips: [[20, 20]] });
  expect(clock.read()).toBe(null);
  await clock.measure();
  expect(clock.read()).toEqual({ offsetMs: -3_600_000, errorMs: 21 });
});

test('the quickest of several answers counts, and a lopsided way stays within the error', async () => {
  const { clock } = stage({
    deviceAheadMs: -1_000,
    trips: [
      [900, 30],
      [2, 8],
      [300, 0],
      [40, 40],
    ],
  });
  await clock.measure();
  const reading = clock.read();
  expect(reading?.errorMs).toBe(6);
  expect(Math.abs((reading?.offsetMs ?? 0) - 1_000)).toBeLessThanOrEqual(6);
});

test('a device whose clock is set, or that slept, knows nothing until it has measured again', async () => {
  const { clock, set } = stage({ deviceAheadMs: 0, trips: [[5, 5]] });
  await clock.measure();
  set(60_000);
  expect(clock.read()).toBe(null);
  await clock.measure();
  expect(clock.read()?.offsetMs).toBe(-60_000);
});

test('it is measured again after some minutes and not before', async () => {
  const { clock, pass, asked } = stage({ deviceAheadMs: 0, trips: [[5, 5]] });
  await clock.measure();
  const once = asked();
  await clock.measure();
  expect(asked()).toBe(once);
  pass(6 * 60_000);
  await clock.measure();
  expect(asked()).toBe(2 * once);
});

test('a gateway that does not answer leaves the clock unknown and breaks nothing', async () => {
  const clock = createServerClock({ ask: () => Promise.reject(new Error('away')) });
  await clock.measure();
  expect(clock.read()).toBe(null);
});

test('answers that took seconds say too little', async () => {
  const { clock } = stage({ deviceAheadMs: 0, trips: [[4_000, 0]] });
  await clock.measure();
  expect(clock.read()).toBe(null);
});
