/**
 * Runs before every npm script, on whatever Node the machine has: makes node_modules agree with package-lock.json.
 * What follows it already runs on the Node that package.json pins. Plain JavaScript, because old Nodes read no types.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stamp = path.join(root, 'node_modules/.lock-installed');
const lock = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');
const wanted = `${lock} ${process.platform}-${process.arch}`;

const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(path.join(root, 'node_modules/.bin/node'));
if (!installed) {
  console.error('Installing the dependencies; the first time this takes a minute or two.');
  const result = install();
  if (result.status !== 0) {
    console.error('Installing the dependencies failed; see the messages above.');
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, wanted);
}

function install() {
  // The Node that runs npm itself: never the one in node_modules, which `npm ci` deletes.
  const { npm_node_execpath: node, npm_execpath: npm } = process.env;
  // node and prisma bring their binaries by install scripts; a user's ignore-scripts would leave them out.
  const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--ignore-scripts=false', '--loglevel=error'];
  const options = { cwd: root, stdio: 'inherit' };
  if (node && npm) return spawnSync(node, [npm, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}
