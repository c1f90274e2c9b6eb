import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

interface Manifest {
  dependencies: Record<string, string>;
  overrides?: Record<string, string>;
}

const manifest = (folder: string) => JSON.parse(readFileSync(path.join(import.meta.dirname, folder, 'package.json'), 'utf8')) as Manifest;
const lock = JSON.parse(readFileSync(path.join(import.meta.dirname, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version?: string }>;
};

test('what the gateway and its peers both use has one version, so that libraries are not what is compared', () => {
  const [ours, peers] = [manifest('..').dependencies, manifest('.').dependencies];
  const shared = Object.keys(peers).filter((name) => ours[name] !== undefined);
  expect(shared).toEqual(expect.arrayContaining(['graphql', 'graphql-ws', 'graphql-yoga', 'pg', 'ws']));
  for (const name of shared) expect(`${name} ${peers[name]}`).toBe(`${name} ${ours[name]}`);
});

test('the peers share one graphql', () => {
  const copies = Object.keys(lock.packages).filter((name) => name === 'node_modules/graphql' || name.endsWith('/node_modules/graphql'));
  expect(copies).toEqual(['node_modules/graphql']);
  for (const version of Object.values(manifest('.').dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
