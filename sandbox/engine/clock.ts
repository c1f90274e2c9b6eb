/** The server's clock: the given `now`, shifted by the control page, and stamps that never repeat. */
export interface ServerClock {
  now(): number;
  /** A time stamp for rows and deliveries: now, but always later than the one before, as distinct events are on a real server. */
  stamp(): number;
  /** Shifts the clock so that it shows `at` at this moment. */
  set(at: number): void;
  shift(byMs: number): void;
  reset(): void;
}

export function createClock(base: () => number): ServerClock {
  let offset = 0;
  let last = 0;
  const now = (): number => base() + offset;
  return {
    now,
    stamp: () => {
      last = Math.max(now(), last + 1);
      return last;
    },
    set: (at) => {
      offset = at - base();
      last = 0;
    },
    shift: (byMs) => {
      offset += byMs;
      if (byMs < 0) last = 0;
    },
    reset: () => {
      offset = 0;
      last = 0;
    },
  };
}
