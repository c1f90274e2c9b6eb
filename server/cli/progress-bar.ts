/** A bar on a terminal; a line now and then where there is none. */

const WIDTH = 30;
const LINE_EVERY = 1_000;

export interface ProgressBar {
  /** `total` null: not known yet. */
  show(progress: { seen: number; total: number | null }): void;
  end(): void;
}

/** `what` is counted, for instance `bookings`. */
export function createProgressBar(out: { isTTY?: boolean; write(text: string): unknown }, what = 'bookings'): ProgressBar {
  let drawn = false;
  let told = 0;
  return {
    show({ seen, total }) {
      const whole = Math.max(total ?? seen, seen);
      if (out.isTTY === true) {
        const full = whole === 0 ? WIDTH : Math.round((WIDTH * seen) / whole);
        out.write(`\r${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${seen} of ${whole} ${what}\u001b[K`);
        drawn = true;
        return;
      }
      if (seen - told < LINE_EVERY && seen >= told) return;
      told = seen;
      out.write(`${seen} of ${whole} ${what}\n`);
    },
    end() {
      if (drawn) out.write('\n');
      drawn = false;
    },
  };
}
