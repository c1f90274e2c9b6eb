/**
 * `npm run generate`: the Prisma client and the Pothos types, from prisma/schema.prisma into server/generated.
 * Arguments are passed on to the Prisma CLI (`node scripts/generate.ts validate`).
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const prismaPackage = createRequire(import.meta.url).resolve('prisma/package.json');
const cli = path.join(path.dirname(prismaPackage), 'build/index.js');
const asked = process.argv.slice(2);

const run = spawnSync(process.execPath, [cli, ...(asked.length > 0 ? asked : ['generate', '--no-hints'])], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    // `generate` resolves the native schema engine before anything else although it never runs it. Naming an
    // executable that is always there avoids the download, which fails on closed networks.
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  },
});
process.exit(run.status ?? 1);
