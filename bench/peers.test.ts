import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startPeer } from './child.ts';
import { installPeers } from './install-peers.ts';
import { peerServer } from './live/contenders.ts';
import { stopEverything } from './running.ts';

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

afterAll(stopEverything);

test('peers that cannot be installed are no peers, and half of an installation is none', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'fintan-peers-'));
  try {
    mkdirSync(path.join(folder, 'node_modules/half'), { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{"dependencies":{"ws":"8.23.0"}}');
    writeFileSync(path.join(folder, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    expect(installPeers(() => {}, folder)).toEqual({ ok: false, reason: expect.stringMatching(/^npm ci failed: .{10}/) });
    expect(existsSync(path.join(folder, 'node_modules'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a peer that is not installed, or does not start, is missing with a reason', async () => {
  const reasons: string[] = [];
  const missing = (reason: string) => void reasons.push(reason);
  expect(await peerServer('Mercurius with jit', { ok: false, reason: 'npm ci failed: no network' }, missing)).toBeNull();
  expect(await startPeer('nobody.ts', {}, missing)).toBeNull();
  expect(reasons).toEqual([
    'npm ci failed: no network',
    expect.stringMatching(/nobody\.ts ended with 1 before it listened: Error: Cannot find module/),
  ]);
});
