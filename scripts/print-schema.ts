/** Writes schema.graphql; with `--check` only tells whether the committed one is stale (exit code 1). */
import { readFileSync, writeFileSync } from 'node:fs';
import { printedSchema } from '../server/graphql/print-schema.ts';

const file = new URL('../schema.graphql', import.meta.url);
const printed = printedSchema();

if (!process.argv.includes('--check')) {
  writeFileSync(file, printed);
} else if (readFileSync(file, 'utf8') !== printed) {
  console.error('schema.graphql is stale: run `npm run codegen` and commit the result.');
  process.exitCode = 1;
}
