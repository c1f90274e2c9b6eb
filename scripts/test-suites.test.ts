import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { suites } from './test-arguments.ts';

test('every folder with tests belongs to a suite of npm test', () => {
  const root = path.resolve(import.meta.dirname, '../tests');
  const named: string[] = Object.values(suites).flat();
  const forgotten = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `tests/${file}`)
    .filter((file) => !named.some((folder) => file.startsWith(folder)));
  expect(forgotten).toEqual([]);
});
