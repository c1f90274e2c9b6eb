/**
 * How far this device's clock is from the gateway's, measured as NTP does: the answer was made about halfway between
 * asking and being answered, and of several tries the quickest is the surest. Devices are minutes off more often than
 * one thinks, and "0.4 s after Cal.com" must be right on those, too.
 */
export interface ClockReading {
  /** Add it to this device's clock to get the gateway's, ms. */
  offsetMs: number;
  /** How far that may be wrong, ms. */
  errorMs: number;
}

export interface ServerClock {
  /** Null before the first measurement, and when the device's clock was set or slept since. */
  readonly read: () => ClockReading | null;
  /** Measures unless it was done lately; never rejects. */
  readonly measure: () => Promise<void>;
}

export interface ClockParts {
  /** The gateway's clock, Unix ms. */
  ask: () => Promise<number>;
  /** This device's clock, Unix ms. */
  now?: () => number;
  /** Counts on evenly whatever the clock is set to, ms. */
  steady?: () => number;
}

const TRIES = 4;
const GOOD_FOR_MS = 5 * 60_000;
/** Between the two clocks of the device; more means that one of them was set, or stood still. */
const DRIFT_MS = 100;
/** An answer that took longer says too little. */
const SLOWEST_MS = 3_000;

export function createServerClock({ ask, now = Date.now, steady = () => performance.now() }: ClockParts): ServerClock {
  let measured: { reading: ClockReading; now: number; steady: number } | null = null;
  let measuring: Promise<void> | null = null;

  const drifted = (since: { now: number; steady: number }): boolean => Math.abs(now() - since.now - (steady() - since.steady)) > DRIFT_MS;

  async function measureOnce(): Promise<void> {
    let best: ClockReading | null = null;
    const start = { now: now(), steady: steady() };
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const asked = now();
      const begun = steady();
      const theirs = await ask();
      const took = steady() - begun;
      if (took > SLOWEST_MS) continue;
      const errorMs = Math.ceil(took / 2) + 1;
      if (best === null || errorMs < best.errorMs) best = { offsetMs: Math.round(theirs - (asked + took / 2)), errorMs };
    }
    if (best !== null && !drifted(start)) measured = { reading: best, ...start };
  }

  return {
    read: () => (measured === null || drifted(measured) ? null : measured.reading),
    measure: () => {
      if (measured !== null && !drifted(measured) && steady() - measured.steady < GOOD_FOR_MS) return Promise.resolve();
      measuring ??= measureOnce()
        // Without an answer the last reading stands, and the next measurement comes soon.
        .catch(() => undefined)
        .finally(() => {
          measuring = null;
        });
      return measuring;
    },
  };
}
