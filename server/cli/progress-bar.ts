/** A bar on a terminal; a line now and then where there is none. */
import type { SweepProgress } from '../reconciliation/sweep.ts';

const WIDTH = 30;
const LINE_EVERY = 1_000;

export interface ProgressBar {
  show(progress: SweepProgress): void;
  end(): void;
}

export function createProgressBar(out: { isTTY?: boolean; write(text: string): unknown }): ProgressBar {
  let drawn = false;
  let told = 0;
  return {
    show({ seen, total }) {
      const whole = Math.max(total ?? seen, seen);
      if (out.isTTY === true) {
        const full = whole === 0 ? WIDTH : Math.round((WIDTH * seen) / whole);
        out.write(`\r${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${seen} of ${whole} bookings\u001b[K`);
        drawn = true;
        return;
      }
      if (seen - told < LINE_EVERY && seen >= told) return;
      told = seen;
      out.write(`${seen} of ${whole} bookings\n`);
    },
    end() {
      if (drawn) out.write('\n');
      drawn = false;
    },
  };
}
