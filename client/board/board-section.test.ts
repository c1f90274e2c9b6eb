import { expect, test } from 'vitest';
import { sectionOf } from './board-section.ts';

const alone = [{ careState: null, state: 'ACTIVE' }];

test('what Cal.com has not confirmed, or has ended, stands by its status', () => {
  expect(sectionOf({ status: 'REQUESTED', careState: 'EXPECTED', participants: alone })).toBe('REQUESTED');
  expect(sectionOf({ status: 'CANCELLED', careState: 'ARRIVED', participants: alone })).toBe('CANCELLED');
});

test('a confirmed appointment stands by its care state', () => {
  expect(sectionOf({ status: 'CONFIRMED', careState: 'IN_ROOM', participants: alone })).toBe('IN_ROOM');
});

test('a group stands where its most advanced participant is, and is done when nobody is left to come', () => {
  const group = (...states: ('EXPECTED' | 'ARRIVED' | 'DONE' | 'NO_SHOW')[]) =>
    sectionOf({ status: 'CONFIRMED', careState: null, participants: states.map((careState) => ({ careState, state: 'ACTIVE' })) });
  expect(group('EXPECTED', 'ARRIVED')).toBe('ARRIVED');
  expect(group('DONE', 'EXPECTED')).toBe('EXPECTED');
  expect(group('DONE', 'NO_SHOW')).toBe('DONE');
  expect(group('NO_SHOW', 'NO_SHOW')).toBe('NO_SHOW');
});

test('who gave up the seat does not count', () => {
  const participants = [
    { careState: 'ARRIVED', state: 'CANCELLED' },
    { careState: 'EXPECTED', state: 'ACTIVE' },
  ] as const;
  expect(sectionOf({ status: 'CONFIRMED', careState: null, participants })).toBe('EXPECTED');
});
