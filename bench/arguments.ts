/** What `npm run bench` was asked for. */
import { parseArgs } from 'node:util';
import type { Bench, Sizes } from './bench.ts';

export interface BenchRequest {
  benches: readonly Bench[];
  rounds: number;
  /** With sizes of one's own the tables are printed and RESULTS.md stays as it is. */
  sizes: Sizes;
}

const DEFAULT_ROUNDS = 5;
const MOST_ROUNDS = 100;

/** A problem is a sentence, for the person at the terminal. */
export function readArguments(argv: readonly string[], known: readonly Bench[]): BenchRequest | { problem: string } {
  const names = known.map((bench) => bench.name);
  const sizeNames = [...new Set(known.flatMap((bench) => Object.keys(bench.sizes ?? {})))];
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: Object.fromEntries(['rounds', ...sizeNames].map((name) => [name, { type: 'string' as const }])),
    });
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const unknown = parsed.positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) return { problem: `There is no benchmark "${unknown}".` };
  const benches = parsed.positionals.length === 0 ? known : known.filter((bench) => parsed.positionals.includes(bench.name));

  const sizes: Record<string, number> = {};
  let rounds = DEFAULT_ROUNDS;
  for (const [name, text] of Object.entries(parsed.values)) {
    const takers = benches.filter((bench) => bench.sizes?.[name] !== undefined);
    if (name !== 'rounds' && (takers.length === 0 || parsed.positionals.length === 0)) {
      const owners = known.filter((bench) => bench.sizes?.[name] !== undefined).map((bench) => bench.name);
      return { problem: `--${name} is an option of ${owners.join(', ')}: name the one you mean.` };
    }
    const most = name === 'rounds' ? MOST_ROUNDS : Math.min(...takers.map((bench) => bench.sizes?.[name]?.most ?? 1));
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most)
      return { problem: `--${name} takes a whole number from 1 to ${most}, not "${text}".` };
    if (name === 'rounds') rounds = value;
    else sizes[name] = value;
  }
  return { benches, rounds, sizes };
}

export function usage(known: readonly Bench[]): string {
  const lines = known.map((bench) => {
    const sizes = Object.entries(bench.sizes ?? {}).map(([name, { meaning }]) => ` [--${name} N: ${meaning}]`);
    return `  ${bench.name.padEnd(20)} ${bench.title}${sizes.join('')}`;
  });
  return [`Usage: npm run bench -- [names] [--rounds ${DEFAULT_ROUNDS}]`, 'Without names all of them:', ...lines].join('\n');
}
