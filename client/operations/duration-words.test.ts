import { expect, test } from 'vitest';
import { ageWords, durationWords } from './duration-words.ts';

test('lengths are in milliseconds below a second, with one digit below ten', () => {
  expect([0, 84.6, 999, 1_240, 12_400].map((ms) => durationWords(ms, 'en'))).toEqual(['0 ms', '85 ms', '999 ms', '1.2 s', '12 s']);
  expect(durationWords(1_240, 'de')).toBe('1,2 s');
});

test('ages grow from seconds to days', () => {
  expect([12, 240, 7_200, 300_000].map((seconds) => ageWords(seconds, 'en'))).toEqual([
    '12 sec. ago',
    '4 min. ago',
    '2 hr. ago',
    '3 days ago',
  ]);
});
