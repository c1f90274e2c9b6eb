/** RESULTS.md: one section per benchmark, with the day and the machine; a run replaces its own section only. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Bench, Row } from './bench.ts';

const FILE = path.join(import.meta.dirname, 'RESULTS.md');
const HEAD = `# Benchmark results

Written by \`npm run bench\`. Ratios are measured ÷ base, of the same round: median (least – most). How to read it: [README.md](README.md).
`;

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ what, goal, base, ours, ratio }) => [
    what,
    goal,
    base,
    ours,
    ratio === null ? '–' : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)} – ${ratio.most.toFixed(2)})`,
  ]);
  const all = [['What', 'Goal', 'Base', 'Measured', 'Ratio'], ...cells];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(all[0] ?? []), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...cells.map(line)].join('\n');
}

/** With the load of the last minute, which is ours and that of whatever else runs there. */
export function machine(): string {
  const cpus = os.cpus();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GB`;
  const load = os.loadavg()[0] ?? 0;
  return `${cpus.length} cores (${cpus[0]?.model.trim() ?? 'unknown'}), ${memory}, ${os.type()} ${os.release()}, Node ${process.versions.node}, ${commit()}; load ${load.toFixed(1)}`;
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', '../server', '../package-lock.json') === '' ? '' : ' with changes';
    return `commit ${git('rev-parse', '--short', 'HEAD')}${changed}`;
  } catch {
    return 'no commit known';
  }
}

/** `found`: the table, or why there is none. */
export function writeResults(bench: Bench, rounds: number, on: string, found: string): void {
  const known = existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEAD;
  const today = new Date().toISOString().slice(0, 10);
  const section = [
    `## ${bench.title}`,
    `${today}, ${rounds} rounds. ${on} before it began.`,
    bench.method.trim(),
    withoutPaths(found),
  ].join('\n\n');
  writeFileSync(FILE, withSection(known, bench.name, section));
}

/** A reason may name a file; where the project lies is nobody's business. */
export function withoutPaths(text: string): string {
  return text.replaceAll(`${path.resolve(import.meta.dirname, '..')}${path.sep}`, '');
}

/** `known` with this section in the place of the one of that name, or at the end. */
export function withSection(known: string, name: string, section: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = `${start}\n\n${section}\n\n${end}`;
  const [from, to] = [known.indexOf(start), known.indexOf(end)];
  if (from < 0 || to < 0) return `${known.trimEnd()}\n\n${whole}\n`;
  return known.slice(0, from) + whole + known.slice(to + end.length);
}
