/** A process of its own that says `{"url": …}` when it listens, and how much CPU it has used. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { registered } from './running.ts';

export interface Child {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

const LONGEST_START_MS = 60_000;
const LONGEST_END_MS = 5_000;

/** `script`: file in `children/`. */
export function startChild(script: string, env: Record<string, string>): Promise<Child> {
  return start(path.join('children', script), env);
}

/**
 * `script`: file in `peers/`, which imports what `installPeers` installed. Null when it does not start; `missing` is told why,
 * in one line for the table.
 */
export async function startPeer(script: string, env: Record<string, string>, missing: (reason: string) => void): Promise<Child | null> {
  try {
    // Their warnings about what their own documentation shows are no news here.
    return await start(path.join('peers', script), { NODE_NO_WARNINGS: '1', ...env });
  } catch (error) {
    missing(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function start(script: string, env: Record<string, string>): Promise<Child> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, script)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const stop = registered(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), LONGEST_END_MS);
    await ended;
    clearTimeout(kill);
  });
  try {
    const url = await firstUrl(child, script);
    return { url, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address it prints; what it complains about goes on to our own stderr, and into the error when it ends before. */
function firstUrl(child: ChildProcess, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-4_000);
      process.stderr.write(chunk);
    });
    const fail = (why: string) => reject(new Error(`${script} ${why}${errorLine(complaint)}`));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it listened`));
    setTimeout(() => fail('did not listen in time'), LONGEST_START_MS).unref();
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => resolve((JSON.parse(line) as { url: string }).url));
  });
}

function errorLine(complaint: string): string {
  const line = complaint.split('\n').find((one) => /Error/.test(one));
  return line === undefined ? '' : `: ${line.trim()}`;
}

/** A process prints where it listens, and ends with the one that started it; for the scripts in `children/` and `peers/`. */
export function announce(port: number): void {
  process.once('SIGTERM', () => process.exit(0));
  process.stdin.once('end', () => process.exit(0)).resume();
  // A terminal's Ctrl-C reaches every process; the one that started this one decides.
  process.on('SIGINT', () => {});
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
  const own = Math.max((user + system) * MS_PER_TICK, scheduledMs(pid));
  if (!family) return own;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .reduce((sum, name) => sum + cpuOrNothing(Number(name)), 0);
  return own + (childrenUser + childrenSystem) * MS_PER_TICK + children;
}

/** The same to the nanosecond, of the threads that live; 0 where the kernel does not count it. */
function scheduledMs(pid: number): number {
  try {
    let nanoseconds = 0;
    for (const thread of readdirSync(`/proc/${pid}/task`))
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    return nanoseconds / 1e6;
  } catch {
    return 0;
  }
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
