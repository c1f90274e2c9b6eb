import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const oxlint = path.join(path.dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin/oxlint');
const folder = mkdtempSync(path.join(os.tmpdir(), 'fintan-directions-'));
cpSync(path.join(root, '.oxlintrc.directions.json'), path.join(folder, '.oxlintrc.directions.json'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the linter says about one file that stands at `file` and holds `source`. */
function complaints(file: string, source: string): string {
  const full = path.join(folder, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, source);
  const run = spawnSync(process.execPath, [oxlint, '-c', '.oxlintrc.directions.json', file], { cwd: folder, encoding: 'utf8' });
  rmSync(full);
  return run.status === 0 ? '' : run.stdout;
}

const imports = (from: string) => `import { x } from '${from}';\nexport const y = x;\n`;

test.each([
  ['server/calcom/slots.ts', '../appointments/appointment.ts'],
  ['server/calcom/slots.ts', '../config.ts'],
  ['server/calcom/slots.ts', 'pg'],
  ['server/kernel/result.ts', '../config.ts'],
  ['server/appointments/appointment.ts', './appointment-store.ts'],
  ['server/appointments/book-appointment.ts', './appointments.graphql.ts'],
  ['server/webhooks/receive.ts', '../http/server.ts'],
  ['server/live/tail.ts', '../gateway.ts'],
  ['server/gateway.ts', '../sandbox/main.ts'],
  ['sandbox/engine/book.ts', '../../server/calcom/booking.ts'],
  ['client/board/board.tsx', '../../server/live/cursor.ts'],
])('%s may not import %s', (file, from) => {
  expect(complaints(file, imports(from))).toContain('no-restricted-imports');
});

test.each([
  ['server/calcom/slots.ts', '../kernel/result.ts'],
  ['server/calcom/slots.ts', './calcom-client.ts'],
  ['server/appointments/appointment.ts', '../kernel/ids.ts'],
  ['server/graphql/schema.ts', '../appointments/appointments.graphql.ts'],
  ['server/gateway.ts', './http/server.ts'],
  ['server/webhooks/receive.test.ts', '../http/server.ts'],
])('%s may import %s', (file, from) => {
  expect(complaints(file, imports(from))).toBe('');
});

test('the network and the environment are read where the table says', () => {
  expect(complaints('server/slots/find-slots.ts', `export const answer = await fetch('http://x');\n`)).toContain('no-restricted-globals');
  expect(complaints('server/calcom/calcom-client.ts', `export const answer = await fetch('http://x');\n`)).toBe('');
  expect(complaints('server/slots/find-slots.ts', `export const zone = process.env.TZ;\n`)).toContain('no-process-env');
  expect(complaints('server/main.ts', `export const zone = process.env.TZ;\n`)).toBe('');
});
