import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { configTable } from './config-table.ts';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

test('the configuration table of the README is the one that config.ts makes (node scripts/config-table.ts)', () => {
  expect(read('README.md')).toContain(configTable());
});

describe.each(['README.md', 'CONTRIBUTING.md'])('%s', (file) => {
  test('names files and folders that exist', () => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] ?? '');
    const quoted = [...read(file).matchAll(/`((?:server|sandbox|client|tests|scripts|prisma|docs)\/[\w./-]*)`/g)].map(
      (match) => match[1] ?? '',
    );
    expect([...links, ...quoted].filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const named = [...read(file).matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});
