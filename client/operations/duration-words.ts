/** Lengths and ages as an operator reads them. */

/** `85 ms`, from a second on `1.2 s`. `language`: BCP 47. */
export function durationWords(ms: number, language: string): string {
  const seconds = ms >= 1000;
  const digits = seconds && ms < 10_000 ? 1 : 0;
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return seconds ? `${format.format(ms / 1000)} s` : `${format.format(ms)} ms`;
}

const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number, until: number][] = [
  ['second', 1, 90],
  ['minute', 60, 5_400],
  ['hour', 3_600, 129_600],
  ['day', 86_400, Number.POSITIVE_INFINITY],
];

/** `12 sec. ago`. */
export function ageWords(seconds: number, language: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const [unit, length] = STEPS.find(([, , until]) => whole < until) ?? ['day', 86_400];
  return new Intl.RelativeTimeFormat(language, { style: 'short' }).format(-Math.round(whole / length), unit);
}
