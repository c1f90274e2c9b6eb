import { expect, test } from 'vitest';
import { calendarFile } from './calendar-file.ts';

const entry = {
  id: 'a1',
  version: 3,
  startsAt: '2026-01-05T09:00:00.000Z',
  endsAt: '2026-01-05T09:30:00.000Z',
  title: 'Visit; with, commas',
  description: 'One line\nand another, which is so long that it has to be folded somewhere before it ends – über alles',
  cancelled: false,
};

test('times are UTC, text is escaped, and the version is the sequence', () => {
  const file = calendarFile(entry, new Date('2026-01-01T00:00:00Z'));
  expect(file).toContain('DTSTART:20260105T090000Z\r\n');
  expect(file).toContain('SUMMARY:Visit\\; with\\, commas\r\n');
  expect(file).toContain('SEQUENCE:3\r\n');
});

test('no line is longer than 75 octets, and folding loses nothing', () => {
  const file = calendarFile(entry, new Date('2026-01-01T00:00:00Z'));
  for (const line of file.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  expect(file.replaceAll('\r\n ', '')).toContain('which is so long that it has to be folded somewhere before it ends – über alles');
});
