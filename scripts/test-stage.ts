/** Stages of `npm test`: a command that passes or fails as one, or a run of vitest that counts its tests. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';

export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
}

export interface StageResult extends Outcome {
  /** What it printed; worth showing when something failed. */
  output: string;
}

const root = path.resolve(import.meta.dirname, '..');
const bin = (name: string) => path.join(root, 'node_modules/.bin', name);

/** One after the other; the first that fails ends the stage. */
export async function runCommands(commands: string[][]): Promise<StageResult> {
  let output = '';
  for (const [name = '', ...args] of commands) {
    const run = await execute(name === 'node' ? process.execPath : bin(name), args, {}, 'quiet');
    output += run.output;
    if (run.code !== 0) return { passed: 0, failed: 1, skipped: 0, output };
  }
  return { passed: 1, failed: 0, skipped: 0, output };
}

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/** `shown`: vitest writes to the terminal as it goes. */
export async function runVitest(args: string[], env: Record<string, string>, display: 'quiet' | 'shown'): Promise<StageResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fintan-report-'));
  const file = path.join(folder, 'report.json');
  try {
    const options = ['run', '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const run = await execute(bin('vitest'), [...options, ...args], env, display);
    const report = Report.safeParse(readJson(file));
    if (!report.success) return { passed: 0, failed: 1, skipped: 0, output: `${run.output}\nvitest wrote no report.` };
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report.data;
    const unreadable = testResults.filter((result) => result.status === 'failed' && result.assertionResults.length === 0).length;
    const failed = numFailedTests + unreadable;
    // It also fails for what no test caught, a rejection nobody awaited for one.
    return {
      passed: numPassedTests,
      failed: failed === 0 && run.code !== 0 ? 1 : failed,
      skipped: numPendingTests + numTodoTests,
      output: run.output,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function execute(
  command: string,
  args: string[],
  env: Record<string, string>,
  display: 'quiet' | 'shown',
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: display === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    // Ctrl-C reaches the child by itself: it is in our process group.
    const pass = () => child.kill('SIGTERM');
    process.once('SIGTERM', pass);
    child.on('error', (error) => resolve({ code: 1, output: `${output}\n${error.message}` }));
    child.on('close', (code) => {
      process.off('SIGTERM', pass);
      resolve({ code: code ?? 1, output });
    });
  });
}
