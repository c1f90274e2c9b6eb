/** What a benchmark is: one file in `benches/`, found by its name, that answers with a table. */
import type { Installed } from './install-peers.ts';

export interface Bench {
  /** `npm run bench -- <name>`, and the name of its section in RESULTS.md. */
  name: string;
  title: string;
  /** What is compared with what, how, and in which units. Markdown. */
  method: string;
  /** Options of its own, `--subscribers 1000`. */
  sizes?: Record<string, { most: number; meaning: string }>;
  run(options: BenchOptions): Promise<Row[] | Found>;
}

export interface Found {
  rows: Row[];
  charts: Chart[];
}

export interface BenchOptions {
  /** Every round measures the base and ours; the order changes from round to round. */
  rounds: number;
  say: (line: string) => void;
  /** Whether bench/node_modules is there, and why not. */
  peers: Installed;
  /** Those that were given. */
  sizes: Sizes;
}

export type Sizes = Readonly<Record<string, number | undefined>>;

/** A picture of the table, as bench/charts/<name>.svg. */
export type Chart = LineChart | BarChart;

export interface LineChart {
  name: string;
  title: string;
  /** Both axes go by powers of ten. */
  x: string;
  y: string;
  lines: { name: string; points: (readonly [x: number, y: number])[] }[];
}

export interface BarChart {
  name: string;
  title: string;
  x: string;
  bars: { name: string; value: number }[];
}

export interface Row {
  what: string;
  goal: string;
  /** Medians, with their unit; `ours` is that of the peer where the row is about one. */
  base: string;
  ours: string;
  /** Of the rounds; null where there is nothing to compare with. */
  ratio: Spread | null;
}

export interface Spread {
  median: number;
  least: number;
  most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** Between the two in the middle, where there are two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new Error('Nothing was measured.');
  return (low + high) / 2;
}

/** `share` from 0 to 1; the nearest value that was measured. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (value === undefined) throw new Error('Nothing was measured.');
  return value;
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export const us = (value: number): string => `${value < 100 ? value.toFixed(1) : Math.round(value)} µs`;
