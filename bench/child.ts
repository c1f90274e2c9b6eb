/** A process of its own that says `{"url": …}` when it listens, and how much CPU it has used. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Child {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** `script`: file in `children/`. */
export async function startChild(script: string, env: Record<string, string>): Promise<Child> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'children', script)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await firstUrl(child);
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function firstUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`It ended with ${code} before it listened.`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => resolve((JSON.parse(line) as { url: string }).url));
  });
}

/** A process prints where it listens; for the scripts in `children/`. */
export function announce(port: number): void {
  process.once('SIGTERM', () => process.exit(0));
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
}

const MS_PER_TICK = 10;

/** CPU of a process so far, in ms; with `family` also that of its children, ended ones included. Linux only. */
export function cpuMs(pid: number, family = false): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
  if (!family) return (user + system) * MS_PER_TICK;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .reduce((sum, name) => sum + cpuOrNothing(Number(name)), 0);
  return (user + system + childrenUser + childrenSystem) * MS_PER_TICK + children;
}

function cpuOrNothing(pid: number): number {
  try {
    return cpuMs(pid);
  } catch {
    return 0;
  }
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
