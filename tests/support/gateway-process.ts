/** The gateway as a person starts it: a process of its own, in sandbox mode, with a DATA_DIR that the test chooses. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stopEmbedded } from '../../server/database/embedded.ts';
import { stopSandbox } from '../../server/start/sandbox-process.ts';

const root = path.resolve(import.meta.dirname, '../..');
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

export interface GatewayProcess {
  url: string;
  pid: number;
  /** Everything it printed. */
  output(): string;
  /** Sends the signal and waits for the end; the exit code, or null when the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A folder that PostgreSQL's user can enter, too. */
export function temporaryDataDir(): { path: string; remove(): Promise<void> } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fintan-start-'));
  chmodSync(folder, 0o755);
  return {
    path: folder,
    async remove() {
      await stopSandbox(folder);
      await stopEmbedded(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when it says where to go; rejects with what it printed when it ends before. */
export async function startGatewayProcess(dataDir: string, env: Record<string, string> = {}): Promise<GatewayProcess> {
  const child = spawn(process.execPath, startArguments(), {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
      const found = output.includes('Ctrl-C stops it.') ? ADDRESS.exec(output) : null;
      if (found !== null) resolve(found[0]);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    void ended.then((code) => reject(new Error(`The gateway ended with ${code}:\n${output}`)));
  });
  return { url, pid: pidOf(child), output: () => output, end: (signal) => (child.kill(signal), ended) };
}

/** What `npm start` hands to node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [, found] = /exec node (.+)$/.exec(scripts.start) ?? [];
  if (found === undefined) throw new Error('npm start does not end with "exec node …".');
  return found.split(' ');
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('The gateway was not started.');
  return child.pid;
}
