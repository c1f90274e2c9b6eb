import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEncryption } from './encryption.ts';

const old = { id: 'k1', key: randomBytes(32) };
const current = { id: 'k2', key: randomBytes(32) };

test('a value comes back, and names the key it was written with', () => {
  const { encrypt, decrypt } = createEncryption([current, old]);
  const value = encrypt('cal_živé', 'calcom-api-key');
  expect(value).toMatch(/^k2:[A-Za-z0-9+/=]+$/);
  expect(decrypt(value, 'calcom-api-key')).toBe('cal_živé');
  expect(decrypt(encrypt('', 'x'), 'x')).toBe('');
});

test('the same text is never written the same way twice', () => {
  const { encrypt } = createEncryption([current]);
  expect(encrypt('same', 'x')).not.toBe(encrypt('same', 'x'));
});

test('values of an older key stay readable while the key is listed, and no longer', () => {
  const value = createEncryption([old]).encrypt('kept', 'x');
  expect(createEncryption([current, old]).decrypt(value, 'x')).toBe('kept');
  expect(() => createEncryption([current]).decrypt(value, 'x')).toThrow('"k1" is not among DATA_KEYS');
});

test('a value does not open for another purpose, another key or after a change', () => {
  const { encrypt, decrypt } = createEncryption([current]);
  const value = encrypt('secret', 'calcom-api-key');
  const flipped = Buffer.from(value.slice(3), 'base64');
  flipped[flipped.length - 1] = (flipped[flipped.length - 1] ?? 0) ^ 1;
  expect(() => decrypt(value, 'webhook-payload')).toThrow();
  expect(() => createEncryption([{ id: 'k2', key: old.key }]).decrypt(value, 'calcom-api-key')).toThrow();
  expect(() => decrypt(`k2:${flipped.toString('base64')}`, 'calcom-api-key')).toThrow();
  expect(() => decrypt('k2:AAAA', 'calcom-api-key')).toThrow('too short');
  expect(() => decrypt('no separator', 'calcom-api-key')).toThrow('not among DATA_KEYS');
});
