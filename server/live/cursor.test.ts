import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fail, ok } from '../kernel/result.ts';
import { cursorKeys, decodeCursor, encodeCursor } from './cursor.ts';

const secret = randomBytes(32);
const keys = cursorKeys([secret]);
const position = { timeline: '0190a0b0-1234-7abc-8def-0123456789ab', xid: '18446744073709551615', id: '9223372036854775807' };

const positions = fc.record({
  timeline: fc.uuid(),
  xid: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
});

describe('a cursor', () => {
  test('names the position it was made for', () => {
    fc.assert(
      fc.property(positions, (any) => {
        expect(decodeCursor(keys, encodeCursor(keys, any))).toEqual(ok({ kind: 'OURS', position: any }));
      }),
    );
  });

  test('is the same text for the same position, and fits a URL', () => {
    expect(encodeCursor(keys, position)).toBe(encodeCursor(keys, position));
    expect(encodeCursor(keys, position)).toMatch(/^[\w-]{79}$/);
  });

  test('is bad when any one character was changed', () => {
    const cursor = encodeCursor(keys, position);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ é';
    fc.assert(
      fc.property(fc.nat(cursor.length - 1), fc.constantFrom(...alphabet.split('')), (at, character) => {
        fc.pre(cursor[at] !== character);
        expect(decodeCursor(keys, cursor.slice(0, at) + character + cursor.slice(at + 1))).toEqual(fail('BAD_CURSOR'));
      }),
      { numRuns: 500 },
    );
  });

  test('is bad when cut, lengthened or made up', () => {
    const cursor = encodeCursor(keys, position);
    for (const wrong of ['', cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, 'A'.repeat(cursor.length), 'null']) {
      expect(decodeCursor(keys, wrong)).toEqual(fail('BAD_CURSOR'));
    }
    fc.assert(
      fc.property(fc.string(), (any) => {
        expect(decodeCursor(keys, any)).toEqual(fail('BAD_CURSOR'));
      }),
    );
  });

  test('signed by an older key is still ours', () => {
    const old = encodeCursor(keys, position);
    const rotated = cursorKeys([randomBytes(32), secret]);
    expect(decodeCursor(rotated, old)).toEqual(ok({ kind: 'OURS', position }));
    expect(encodeCursor(rotated, position)).not.toBe(old);
  });

  test('of another installation is foreign, not bad', () => {
    const elsewhere = cursorKeys([randomBytes(32)]);
    expect(decodeCursor(keys, encodeCursor(elsewhere, position))).toEqual(ok({ kind: 'FOREIGN' }));
  });

  test('that claims our key without its signature is bad', () => {
    const forger = [{ id: keys[0]?.id ?? Buffer.alloc(4), key: createSecretKey(randomBytes(32)) }];
    expect(decodeCursor(keys, encodeCursor(forger, position))).toEqual(fail('BAD_CURSOR'));
  });
});
