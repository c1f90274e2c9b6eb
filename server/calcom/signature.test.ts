import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sign, verifySignature } from './signature.ts';

const PAYLOADS = join(import.meta.dirname, '../../tests/payloads');
const body = Buffer.from('{"triggerEvent":"PING"}');
const secrets = { secret: 'now', previousSecret: 'before' };

test('the signature of every recorded delivery is right', () => {
  const folder = join(PAYLOADS, 'recordings/webhooks');
  const signed = readdirSync(folder)
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as { rawBody: string; headers: Record<string, string> })
    .filter(({ headers }) => headers['x-cal-signature-256'] !== 'no-secret-provided');
  expect(signed.length).toBeGreaterThan(40);
  // One webhook of an event type had a secret of its own (257).
  const recorded = { secret: 'whsec-test', previousSecret: 'other-secret' };
  const distrusted = signed.filter(
    ({ rawBody, headers }) => !verifySignature(Buffer.from(rawBody), headers['x-cal-signature-256'], recorded).trusted,
  );
  expect(distrusted).toEqual([]);
});

test('the current and the previous secret are accepted, no other', () => {
  expect(verifySignature(body, sign(body, 'now'), secrets)).toEqual({ trusted: true });
  expect(verifySignature(body, sign(body, 'before'), secrets)).toEqual({ trusted: true });
  expect(verifySignature(body, sign(body, 'other'), secrets)).toEqual({ trusted: false, reason: 'WRONG' });
  expect(verifySignature(Buffer.concat([body, Buffer.from(' ')]), sign(body, 'now'), secrets)).toEqual({ trusted: false, reason: 'WRONG' });
});

test('a missing signature, the literal for "no secret" and other forms are refused', () => {
  expect(verifySignature(body, undefined, secrets)).toEqual({ trusted: false, reason: 'MISSING' });
  expect(verifySignature(body, 'no-secret-provided', secrets)).toEqual({ trusted: false, reason: 'NO_SECRET' });
  expect(verifySignature(body, `sha256=${sign(body, 'now')}`, secrets)).toEqual({ trusted: false, reason: 'MALFORMED' });
  expect(verifySignature(body, sign(body, 'now').toUpperCase(), secrets)).toEqual({ trusted: false, reason: 'MALFORMED' });
});

test('a secret that is empty or the literal itself opens nothing', () => {
  for (const secret of ['', 'no-secret-provided'])
    expect(verifySignature(body, sign(body, secret), { secret, previousSecret: null })).toEqual({ trusted: false, reason: 'WRONG' });
});
