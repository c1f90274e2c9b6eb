/**
 * The sandbox's memory on disk: one JSON line per commit, appended before anybody is told.
 * A `kill -9` may tear the last line; that line is then an operation that never happened.
 * Opening compacts: the rows as they stand replace the history.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RowChange } from './engine/store.ts';

export interface Journal {
  append(changes: RowChange[]): void;
}

const FILE = 'sandbox.journal';
const ROWS_PER_LINE = 100;

/** Reads what an earlier process left; an unreadable line ends the reading. */
export function readJournal(folder: string): RowChange[] {
  const file = join(folder, FILE);
  if (!existsSync(file)) return [];
  const changes: RowChange[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '') continue;
    const commit = parseLine(line);
    if (!commit) break;
    changes.push(...commit);
  }
  return changes;
}

/** Starts a fresh file that holds `rows`, then appends to it. */
export function openJournal(folder: string, rows: RowChange[]): Journal {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_LINE) lines.push(`${JSON.stringify(rows.slice(at, at + ROWS_PER_LINE))}\n`);
  writeFileSync(`${file}.next`, lines.join(''));
  renameSync(`${file}.next`, file);
  return { append: (changes) => appendFileSync(file, `${JSON.stringify(changes)}\n`) };
}

function parseLine(line: string): RowChange[] | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return Array.isArray(parsed) ? (parsed as RowChange[]) : undefined;
  } catch {
    return undefined;
  }
}
