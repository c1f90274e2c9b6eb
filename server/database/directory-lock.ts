/**
 * One live gateway per DATA_DIR: a file naming the process that holds the directory. A file left by a process that died
 * (kill -9, power loss) is taken over; its start time tells a reused process id from the one that wrote the file.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ATTEMPTS = 3;

export interface DirectoryLock {
  release(): void;
}

/** Takes the lock, or answers the id of the live process that holds it. */
export function lockDirectory(directory: string): DirectoryLock | { heldBy: number } {
  const file = lockFile(directory);
  const mine = `${process.pid} ${processStartTime(process.pid)}`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      writeFileSync(file, mine, { flag: 'wx', mode: 0o644 });
      return { release: () => releaseIfMine(file, mine) };
    } catch (error) {
      if (!isCode(error, 'EEXIST') || attempt === ATTEMPTS) throw error;
    }
    const holder = holderOf(directory);
    if (holder !== null) return { heldBy: holder };
    rmSync(file, { force: true });
  }
}

/** The live process that holds the directory, or null. */
export function holderOf(directory: string): number | null {
  const text = read(lockFile(directory));
  if (text === null) return null;
  const [pidText = '', startTime = ''] = text.split(' ');
  const pid = Number(pidText);
  const holds = Number.isInteger(pid) && pid > 0 && isAlive(pid) && processStartTime(pid) === startTime;
  return holds ? pid : null;
}

/** Whether the process runs; one that has ended and only waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return statFields(pid)[0] !== 'Z';
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** Ticks since boot at which the process started, where the system tells (Linux); otherwise ''. */
export function processStartTime(pid: number): string {
  return statFields(pid)[19] ?? '';
}

/** proc(5): what follows the command, which stands in parentheses and may hold anything; begins with the state. */
function statFields(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function lockFile(directory: string): string {
  return path.join(directory, 'gateway.pid');
}

function releaseIfMine(file: string, mine: string): void {
  if (read(file) === mine) rmSync(file, { force: true });
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
