/** Sockets are files: how many a process may have, and how many it has. */
import { readdirSync, readFileSync } from 'node:fs';

const SPARE = 500;
const LONGEST_MS = 30_000;
const LOOK_MS = 20;

/** Throws, with the command that helps, where so many sockets cannot be opened. Servers and subscribers inherit the limit. */
export function demandFiles(sockets: number): void {
  const limit = hardLimit(readFileSync('/proc/self/limits', 'utf8'));
  if (limit < sockets + SPARE)
    throw new Error(`${sockets} sockets need more open files than the limit of ${limit}: run \`ulimit -n ${sockets + SPARE}\` before`);
}

/** Node raises its own soft limit to the hard one. `limits`: the text of /proc/PID/limits. */
export function hardLimit(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1] ?? 'unlimited';
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** After a crowd has gone: until the server has noticed. */
export async function filesClosed(pid: number, most: number): Promise<void> {
  const until = Date.now() + LONGEST_MS;
  while (openFiles(pid) > most) {
    if (Date.now() > until) throw new Error(`${openFiles(pid)} files are still open ${LONGEST_MS / 1000} s after the subscribers left`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
