/**
 * `npm test`: everything, one line a stage, and at the end one line that says how many passed, failed and were skipped.
 * `--suite NAME` runs one suite, `--full` takes more seeds and sizes, anything else is handed to vitest
 * (`npm test -- --testPathPattern=calcom`).
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { readArguments, suites } from './test-arguments.ts';
import { type Outcome, runCommands, runVitest, type StageResult } from './test-stage.ts';

const checks: Record<string, string[][]> = {
  types: [
    ['tsc', '-p', '.'],
    ['tsc', '-p', 'client'],
    ['tsc', '-p', 'bench'],
  ],
  lint: [['oxlint', '--type-aware', '--deny-warnings', '.']],
  format: [['biome', 'format', '.']],
  directions: [['oxlint', '-c', '.oxlintrc.directions.json', '--deny-warnings', '.']],
  'generated files': [
    ['node', 'scripts/print-schema.ts', '--check'],
    ['graphql-codegen', '--config', 'codegen.ts', '--check'],
  ],
};

const total: Outcome = { passed: 0, failed: 0, skipped: 0 };

const asked = readArguments(process.argv.slice(2));
if ('problem' in asked) {
  console.error(asked.problem);
  process.exit(1);
}

// The browser's tests and those of the start are served the built client.
const served = asked.vitest.length > 0 || asked.suites.includes('browser') || asked.suites.includes('corridors');
const prepare = spawnSync(process.execPath, [path.join(import.meta.dirname, 'prepare.ts'), ...(served ? [] : ['--server-only'])], {
  stdio: 'inherit',
});
if (prepare.status !== 0) add({ passed: 0, failed: 1, skipped: 0 });

const env: Record<string, string> = asked.full ? { FULL: 'true' } : {};
if (asked.vitest.length > 0) {
  add(await runVitest(asked.vitest, env, 'shown'));
} else {
  if (asked.checks) for (const [name, commands] of Object.entries(checks)) await stage(name, () => runCommands(commands));
  for (const name of asked.suites) await stage(name, () => runVitest([...suites[name]], env, 'quiet'));
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function stage(name: string, run: () => Promise<StageResult>): Promise<void> {
  const startedAt = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`  ${name} …`);
  const result = await run();
  add(result);
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  if (result.failed > 0) console.log(result.output.trimEnd());
  // Tests that skip say why in a line of this form.
  else for (const reason of new Set(result.output.match(/^Skipped: .*$/gm))) console.log(`  ${reason}`);
  const counts =
    result.passed + result.failed + result.skipped > 1 ? `${result.passed} passed, ${result.failed} failed, ${result.skipped} skipped` : '';
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${result.failed > 0 ? '✘' : '✔'} ${name.padEnd(16)} ${`${seconds} s`.padStart(8)}  ${counts}`.trimEnd());
}

function add({ passed, failed, skipped }: Outcome): void {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}
