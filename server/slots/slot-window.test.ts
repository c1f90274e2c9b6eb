import { describe, expect, test } from 'vitest';
import { LONGEST_RANGE_DAYS, pieceAfter, piecesOf, questionFor, rangeProblems } from './slot-window.ts';

const DAY = 86_400_000;
const at = (text: string) => Date.parse(`2026-${text}Z`);

describe('the pieces of a range', () => {
  test('are one for a few weeks, and the same one a moment later', () => {
    expect(piecesOf(at('11-24T09:15'), at('12-08T09:15'))).toEqual([{ from: at('11-24T00:00'), to: at('12-09T00:00') }]);
    expect(piecesOf(at('11-24T09:16'), at('12-08T09:16'))).toEqual(piecesOf(at('11-24T09:15'), at('12-08T09:15')));
  });

  test('of a day look two weeks ahead', () => {
    expect(piecesOf(at('11-24T00:00'), at('11-25T00:00'))).toEqual([{ from: at('11-24T00:00'), to: at('12-08T00:00') }]);
  });

  test('of the longest range follow each other without a gap, none longer than four weeks', () => {
    const from = at('01-05T10:00');
    const pieces = piecesOf(from, from + LONGEST_RANGE_DAYS * DAY);
    expect(pieces).toHaveLength(4);
    for (const [index, piece] of pieces.entries()) {
      expect(piece.to - piece.from).toBeLessThanOrEqual(28 * DAY);
      expect(piece.to).toBe(pieces[index + 1]?.from ?? at('01-05T00:00') + (LONGEST_RANGE_DAYS + 1) * DAY);
    }
    expect(pieceAfter(pieces).from).toBe(pieces.at(-1)?.to);
  });

  test('are asked for with a day on either side, and an end that Cal.com does not stretch', () => {
    const question = questionFor({ from: at('11-24T00:00'), to: at('12-08T00:00') });
    expect(question).toEqual({ from: at('11-23T00:00'), to: at('12-09T00:00') - 1 });
    expect(question.to % DAY).not.toBe(0);
  });
});

test('a range that is too long is told how long it may be', () => {
  const now = at('01-05T10:00');
  expect(rangeProblems(now, now + LONGEST_RANGE_DAYS * DAY, now)).toEqual([]);
  expect(rangeProblems(now, now + LONGEST_RANGE_DAYS * DAY + 1, now)).toEqual([
    { path: 'to', message: 'Ask for at most 92 days at a time.' },
  ]);
});
