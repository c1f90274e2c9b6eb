/** The days of an answer about slots. One that cannot be read is left out and told; when none can, that is no empty list. */
import { z } from 'zod';
import { type Oddity, oddity } from './oddity.ts';
import { slot } from './rest-contract.ts';

export interface SlotReading {
  /** Unix ms. */
  slots: { startsAt: number; seatsRemaining: number | null }[];
  oddities: Oddity[];
}

const days = z.record(z.string(), z.array(z.unknown()).nullable());

/** Null: nothing in it can be read. Days without slots are absent, and `{}` is none at all. */
export function readSlots(json: unknown): SlotReading | null {
  const read = days.safeParse(json);
  if (!read.success) return null;
  const rows = Object.values(read.data).flatMap((day) => day ?? []);
  const slots = rows.flatMap((row) => {
    const one = slot.safeParse(row);
    return one.success ? [{ startsAt: one.data.start, seatsRemaining: one.data.seatsRemaining ?? null }] : [];
  });
  if (rows.length > 0 && slots.length === 0) return null;
  return { slots, oddities: slots.length < rows.length ? [oddity('UNREADABLE', 'slots[]')] : [] };
}
