import { expect, test } from 'vitest';
import { createStatementNames } from './statement-names.ts';

test('a text has one name, also for others who use the same connections, and no other text has it', () => {
  const mine = createStatementNames('rows');
  const theirs = createStatementNames('rows');
  theirs('SELECT 2');
  expect(mine('SELECT 1')).toBe(theirs('SELECT 1'));
  expect(mine('SELECT 1')).toBe(mine('SELECT 1'));
  expect(mine('SELECT 1')).not.toBe(mine('SELECT 2'));
  // PostgreSQL cuts longer ones.
  expect(createStatementNames('appointments')('SELECT 1')?.length).toBeLessThan(63);
});

test('whoever varies the text endlessly gets no more names', () => {
  const name = createStatementNames('rows', 2);
  const first = name('SELECT 1');
  name('SELECT 2');
  expect(name('SELECT 3')).toBeUndefined();
  expect(name('SELECT 1')).toBe(first);
});
