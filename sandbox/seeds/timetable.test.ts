/** The board is never empty, whatever the hour at which somebody tries it. */
import { describe, expect, test } from 'vitest';
import { createSandbox, seededRandom } from '../sandbox.ts';
import type { BookingSummary } from '../control/state.ts';

const clinicAt = (now: () => number) => createSandbox({ seed: 'clinic', random: seededRandom(1), now, deliver: async () => 200 });
const dayOf = (iso: string): string => new Date(iso).toLocaleDateString('sv', { timeZone: 'Europe/Amsterdam' });
const isLive = (booking: BookingSummary): boolean => booking.status === 'accepted' || booking.status === 'pending';

describe.each(['03:10', '07:50', '09:35', '12:40', '16:05', '19:20', '21:15', '23:40'])('started at %s', (time) => {
  const now = Date.parse(`2026-11-24T${time}:00+01:00`);
  const { bookings } = clinicAt(() => now).control.state();
  const today = bookings.filter((booking) => dayOf(booking.start) === '2026-11-24');

  test('each clinician has a day full of people, today and tomorrow', () => {
    for (const hostId of [1, 2, 3]) {
      expect(today.filter((booking) => booking.hostId === hostId && isLive(booking)).length).toBeGreaterThan(7);
      expect(bookings.filter((booking) => booking.hostId === hostId && dayOf(booking.start) === '2026-11-25').length).toBeGreaterThan(5);
    }
    expect(bookings.some((booking) => booking.status === 'pending')).toBe(true);
    expect(today.some((booking) => booking.status === 'cancelled')).toBe(true);
    expect(bookings.some((booking) => booking.attendees.length > 2)).toBe(true);
  });

  test('while the clinic is open somebody is still to come', () => {
    const ahead = today.filter((booking) => isLive(booking) && Date.parse(booking.end) > now);
    expect(ahead.length > 0 || time >= '21:30').toBe(true);
  });

  test('at most one pair of live bookings of a clinician overlaps', () => {
    const live = bookings.filter(isLive);
    const clashes = live.flatMap((a) => live.filter((b) => a.id < b.id && a.hostId === b.hostId && a.start < b.end && b.start < a.end));
    expect(clashes.length).toBeLessThanOrEqual(1);
  });
});

test('a new day is filled while it runs, and a second start adds nothing to a full one', async () => {
  let now = Date.parse('2026-11-24T10:00:00+01:00');
  const sandbox = clinicAt(() => now);
  const count = (day: string): number => sandbox.control.state().bookings.filter((booking) => dayOf(booking.start) === day).length;
  const tomorrow = count('2026-11-25');
  now = Date.parse('2026-11-25T08:00:00+01:00');
  await sandbox.tick();
  expect(count('2026-11-26')).toBeGreaterThan(15);
  expect(count('2026-11-25')).toBe(tomorrow);
});

test('nothing of this is told: the gateway finds it by its sweep, as changed just now', () => {
  const told: string[] = [];
  const now = Date.parse('2026-11-24T10:00:00+01:00');
  const sandbox = createSandbox({
    seed: 'clinic',
    now: () => now,
    webhook: { url: 'http://gateway.test/', secret: 'x' },
    deliver: async ({ triggerEvent }) => void told.push(triggerEvent),
  });
  expect(sandbox.control.state().bookings.length).toBeGreaterThan(40);
  expect(told).toEqual([]);
});
