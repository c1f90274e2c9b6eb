import { expect, test } from 'vitest';
import { lanesOf } from './agenda-lanes.ts';

const at = (id: string, from: string, to: string) => ({ id, startsAt: `2026-01-05T${from}:00Z`, endsAt: `2026-01-05T${to}:00Z` });

test('appointments one after the other have the whole width', () => {
  const lanes = lanesOf([at('a', '09:00', '09:30'), at('b', '09:30', '10:00')]);
  expect([...lanes.values()]).toEqual([
    { lane: 0, of: 1 },
    { lane: 0, of: 1 },
  ]);
});

test('overlapping ones stand side by side, and a lane is used again once it is free', () => {
  const lanes = lanesOf([at('long', '09:00', '11:00'), at('first', '09:00', '09:30'), at('second', '09:30', '10:00')]);
  expect(lanes.get('long')).toEqual({ lane: 0, of: 2 });
  expect(lanes.get('first')).toEqual({ lane: 1, of: 2 });
  expect(lanes.get('second')).toEqual({ lane: 1, of: 2 });
});
