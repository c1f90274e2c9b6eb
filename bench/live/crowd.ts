/** Subscribers in a process of their own, as one thing that waits until everybody has heard. */
import { fork } from 'node:child_process';
import path from 'node:path';
import { registered } from '../running.ts';
import type { FromCrowd, OpenCrowd, ToCrowd } from './crowd-words.ts';

const LONGEST_OPENING_MS = 120_000;
const LONGEST_WAIT_MS = 60_000;

export interface Crowd {
  size: number;
  pid: number;
  /** When the first began to connect; see `machineMs`. */
  startedAt: number;
  /** Resolves once every subscriber has `results` more; call it before they are caused. */
  heard(results: number, times?: boolean): Promise<Heard>;
  /** The text of the newest result that ended a wait. */
  last(): Promise<string>;
  close(): Promise<void>;
}

export interface Heard {
  /** When each result arrived, if asked; see `machineMs`. */
  times: number[];
  lastAt: number;
}

export async function openCrowd(request: Omit<OpenCrowd, 'do'>): Promise<Crowd> {
  const child = fork(path.join(import.meta.dirname, '../children/crowd.ts'), { env: { PATH: process.env.PATH } });
  let answered: ((message: FromCrowd) => void) | null = null;
  let failed: ((error: Error) => void) | null = null;
  let trouble: Error | null = null;
  const fail = (error: Error) => {
    trouble ??= error;
    failed?.(error);
  };
  child.on('message', (message: FromCrowd) => ('lost' in message ? fail(new Error(`A subscriber: ${message.lost}`)) : answered?.(message)));
  child.on('exit', (code) => fail(new Error(`The subscribers' process ended with ${code}.`)));
  const close = registered(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  });

  async function ask<Kind extends FromCrowd>(message: ToCrowd, longestMs: number): Promise<Kind> {
    const answer = new Promise<FromCrowd>((resolve, reject) => {
      answered = resolve;
      failed = reject;
      if (trouble !== null) reject(trouble);
    });
    child.send(message);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), longestMs);
    });
    const first = await Promise.race([answer, late]).finally(() => clearTimeout(timer));
    if (first !== null) return first as Kind;
    throw new Error(`No answer to "${message.do}" in ${longestMs / 1000} s: ${await progress()}.`);
  }

  async function progress(): Promise<string> {
    const status = new Promise<FromCrowd>((resolve) => (answered = resolve));
    child.send({ do: 'status' } satisfies ToCrowd);
    const now = await status;
    return 'results' in now ? `${now.results} of ${now.expected} results, ${now.open} of ${request.size} connections` : 'nothing known';
  }

  try {
    const { startedAt } = await ask<{ opened: true; startedAt: number }>({ do: 'open', ...request }, LONGEST_OPENING_MS);
    return {
      size: request.size,
      pid: child.pid ?? 0,
      startedAt,
      heard: (results, times = false) => ask<Heard & FromCrowd>({ do: 'wait', results: results * request.size, times }, LONGEST_WAIT_MS),
      last: async () => (await ask<{ status: true; last: string } & FromCrowd>({ do: 'status' }, LONGEST_WAIT_MS)).last,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
