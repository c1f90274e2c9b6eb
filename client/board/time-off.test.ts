import { expect, test } from 'vitest';
import { timeOffOf } from './time-off.ts';

const day = { from: '2026-11-23T23:00:00Z', to: '2026-11-24T23:00:00Z' };
const blocked = (id: string, startsAt: string, endsAt: string) => ({ id, startsAt, endsAt });
const samir = {
  id: 's',
  name: 'Samir',
  blockedTimes: [blocked('afternoon', '2026-11-24T13:00:00Z', '2026-11-24T15:00:00Z')],
};
const anna = { id: 'a', name: 'Anna', blockedTimes: [blocked('week', '2026-11-22T23:00:00Z', '2026-11-27T22:59:59Z')] };

test('time off that goes on for days is the whole day, by start with the rest', () => {
  expect(timeOffOf([samir, anna], [], day)).toEqual([
    { id: 'week', clinician: 'Anna', startsAt: '2026-11-23T23:00:00.000Z', endsAt: '2026-11-24T23:00:00.000Z', wholeDay: true },
    { id: 'afternoon', clinician: 'Samir', startsAt: '2026-11-24T13:00:00.000Z', endsAt: '2026-11-24T15:00:00.000Z', wholeDay: false },
  ]);
});

test('a day off that ends at its last second is a whole day', () => {
  const off = { ...anna, blockedTimes: [blocked('day', day.from, '2026-11-24T22:59:59Z')] };
  expect(timeOffOf([off], [], day)[0]?.wholeDay).toBe(true);
});

test('only of the clinicians shown, and only of the day shown', () => {
  expect(timeOffOf([samir, anna], ['s'], day).map(({ id }) => id)).toEqual(['afternoon']);
  expect(timeOffOf([samir], [], { from: day.to, to: '2026-11-25T23:00:00Z' })).toEqual([]);
});
