/**
 * The sandbox Cal.com as a process of its own: killing the gateway does not kill Cal.com. What runs is written down in
 * DATA_DIR; the next start uses it again, or replaces it when it sends its webhooks elsewhere.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive, processStartTime } from '../database/directory-lock.ts';
import { StartFailure } from '../database/start-failure.ts';

const MAIN = path.resolve(import.meta.dirname, '../../sandbox/main.ts');
const START_MS = 20_000;
const STOP_MS = 4000;
const LOOK_MS = 25;
const ANSWER_MS = 2000;

export interface SandboxProcess {
  /** Origin of its API, e.g. `http://127.0.0.1:41234`. */
  url: string;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  dataDir: string;
  webhookUrl: string;
  webhookSecret: string;
}

const Running = z.object({ pid: z.int().positive(), startTime: z.string(), url: z.url(), webhookUrl: z.string() });
type Running = z.infer<typeof Running>;

export async function startSandbox(options: SandboxOptions): Promise<SandboxProcess> {
  const earlier = readRunning(options.dataDir);
  if (earlier !== null && earlier.webhookUrl === options.webhookUrl && (await answers(earlier.url)))
    return handle(options.dataDir, earlier);
  if (earlier !== null) await stop(options.dataDir, earlier);
  const started = await launch(options);
  writeFileSync(stateFile(options.dataDir), JSON.stringify(started), { mode: 0o600 });
  return handle(options.dataDir, started);
}

/** The sandbox that a running gateway of this DATA_DIR has started. */
export function findSandbox(dataDir: string): { url: string; webhookUrl: string } | null {
  return readRunning(dataDir);
}

/** Stops the sandbox of this DATA_DIR if it runs; for what a killed process has left behind. */
export async function stopSandbox(dataDir: string): Promise<void> {
  const running = readRunning(dataDir);
  if (running !== null) await stop(dataDir, running);
}

/** Who works at the sandbox's clinic, with the key each of them has there. */
export async function sandboxClinicians(url: string): Promise<SandboxClinician[]> {
  return State.parse(JSON.parse(await get(`${url}/_control/state`))).users;
}

const State = z.object({
  users: z.array(
    z.object({ id: z.int(), username: z.string(), name: z.string(), email: z.string(), timeZone: z.string(), apiKey: z.string() }),
  ),
});
export type SandboxClinician = z.infer<typeof State>['users'][number];

async function launch(options: SandboxOptions): Promise<Running> {
  const folder = path.join(options.dataDir, 'sandbox');
  mkdirSync(folder, { recursive: true });
  const log = openSync(path.join(options.dataDir, 'sandbox.log'), 'a', 0o600);
  const child = spawn(process.execPath, [MAIN], {
    // A session of its own: Ctrl-C in the terminal is for the gateway, which then stops it in order.
    detached: true,
    stdio: ['ignore', 'pipe', log],
    env: {
      PATH: '/usr/bin:/bin',
      SANDBOX_PORT: '0',
      SANDBOX_DATA: folder,
      SANDBOX_WEBHOOK_URL: options.webhookUrl,
      SANDBOX_WEBHOOK_SECRET: options.webhookSecret,
    },
  });
  closeSync(log);
  const failed = (why: string) => new StartFailure(`The sandbox Cal.com ${why}. See ${path.join(options.dataDir, 'sandbox.log')}.`);
  try {
    const url =
      child.stdout === null
        ? null
        : await readyUrl(child.stdout, new Promise((resolve) => child.once('exit', resolve).once('error', resolve)));
    if (url === null || child.pid === undefined) throw failed('did not start');
    child.unref();
    return { pid: child.pid, startTime: processStartTime(child.pid), url, webhookUrl: options.webhookUrl };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

const Ready = z.object({ ready: z.literal(true), url: z.url() });

/** From the one line it prints when it listens; null when it ended or said nothing in time. */
async function readyUrl(stdout: Readable, ended: Promise<unknown>): Promise<string | null> {
  const lines = createInterface({ input: stdout });
  const line = new Promise<string | null>((resolve) => lines.once('line', resolve));
  const first = await Promise.race([line, ended.then(() => null), setTimeout(START_MS, null, { ref: false })]);
  lines.close();
  // Its output is of no further use, and an open pipe would keep this process.
  stdout.destroy();
  if (first === null) return null;
  return Ready.parse(JSON.parse(first)).url;
}

function handle(dataDir: string, running: Running): SandboxProcess {
  return { url: running.url, stop: () => stop(dataDir, running) };
}

async function stop(dataDir: string, running: Running): Promise<void> {
  const lives = () => isAlive(running.pid) && processStartTime(running.pid) === running.startTime;
  if (lives()) {
    process.kill(running.pid, 'SIGTERM');
    for (const deadline = Date.now() + STOP_MS; lives() && Date.now() < deadline; ) await setTimeout(LOOK_MS);
    if (lives()) process.kill(running.pid, 'SIGKILL');
  }
  rmSync(stateFile(dataDir), { force: true });
}

function readRunning(dataDir: string): Running | null {
  try {
    const running = Running.parse(JSON.parse(readFileSync(stateFile(dataDir), 'utf8')));
    return isAlive(running.pid) && processStartTime(running.pid) === running.startTime ? running : null;
  } catch {
    return null;
  }
}

function stateFile(dataDir: string): string {
  return path.join(dataDir, 'sandbox.json');
}

async function answers(url: string): Promise<boolean> {
  return await get(`${url}/_control/state`).then(
    () => true,
    () => false,
  );
}

function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { timeout: ANSWER_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`The sandbox answered ${response.statusCode}.`)),
      );
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('The sandbox did not answer in time.')));
    request.on('error', reject);
  });
}
