/**
 * What `npm start` and `npm test` need built: the Prisma client, and the web client unless `--server-only`. Each is
 * rebuilt when the content of its sources changed, not when a file was touched.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const LEAST_NODE = [22, 18] as const;

interface Product {
  name: string;
  /** Files and folders whose content decides. */
  sources: string[];
  /** Missing: build whatever the stamp says. */
  result: string;
  command: string[];
}

const products: Product[] = [
  {
    name: 'Prisma client',
    sources: ['prisma/schema.prisma', 'prisma.config.ts', 'scripts/generate.ts', 'node_modules/prisma/package.json'],
    result: 'server/generated/prisma/client.ts',
    command: ['scripts/generate.ts'],
  },
  {
    name: 'web client',
    sources: ['client', 'node_modules/vite/package.json', 'package-lock.json'],
    result: 'client/dist/index.html',
    command: ['node_modules/vite/bin/vite.js', 'build', '--config', 'client/vite.config.ts', '--logLevel', 'warn'],
  },
];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
  console.error(
    `This is Node ${process.versions.node}; at least ${LEAST_NODE.join('.')} is needed. \`npm start\` brings its own: run it through npm.`,
  );
  process.exit(1);
}
for (const product of process.argv.includes('--server-only') ? products.slice(0, 1) : products) build(product);

function build({ name, sources, result, command }: Product): void {
  const stamp = path.join(root, 'node_modules/.cache/fintan', `${name.replaceAll(' ', '-')}.sha256`);
  const digest = digestOf(sources);
  if (existsSync(path.join(root, result)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  console.error(`Building the ${name} …`);
  // Their chatter is shown only when they fail.
  const run = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) {
    console.error(`${run.stdout}\n${run.stderr}\nBuilding the ${name} failed.`);
    process.exit(1);
  }
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
}

function digestOf(sources: string[]): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(filesOf))
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(path.join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function filesOf(source: string): string[] {
  const full = path.join(root, source);
  if (!existsSync(full)) return [];
  if (path.extname(source) !== '') return [source];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('client/dist/') && !file.includes('node_modules'))
    .toSorted();
}
