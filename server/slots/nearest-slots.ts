/** What to offer instead of a slot that is gone: the three free ones nearest to it. */
import type { Viewer } from '../auth/viewer.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AppointmentId, EventTypeId } from '../kernel/ids.ts';
import type { FindSlots } from './find-slots.ts';
import { nearestTo } from './slot-window.ts';
import type { Slot } from './slot.ts';

const DAY_MS = 86_400_000;

/** Empty when the calendar cannot be read. */
export type NearestSlots = (
  viewer: Viewer,
  eventTypeId: EventTypeId,
  startsAt: Date,
  durationMinutes: number | null,
  rescheduling?: AppointmentId,
) => Promise<Slot[]>;

export interface NearestSlotsOptions {
  find: FindSlots;
  /** A known answer offers a slot that is gone. */
  refute: (eventTypeId: EventTypeId, asOf: Date) => void;
  clock: Clock;
}

export function createNearestSlots({ find, refute, clock }: NearestSlotsOptions): NearestSlots {
  return async (viewer, eventTypeId, startsAt, durationMinutes, rescheduling) => {
    const from = new Date(Math.max(clock.now().getTime(), startsAt.getTime() - 3 * DAY_MS));
    const to = new Date(Math.max(from.getTime(), startsAt.getTime()) + 7 * DAY_MS);
    const look = () =>
      find(viewer, { eventTypeId, from, to, timeZone: null, durationMinutes, rescheduling: rescheduling ?? null, holdId: null });
    const isGone = (slot: Slot) => slot.startsAt.getTime() === startsAt.getTime();
    let found = await look();
    // Whoever took it did so past us, and may have taken its neighbours too.
    if (found.ok && found.value.slots.some(isGone)) {
      refute(eventTypeId, found.value.asOf);
      found = await look();
    }
    if (!found.ok) return [];
    const others = found.value.slots.filter((slot) => !isGone(slot));
    return nearestTo(startsAt.getTime(), others, 3);
  };
}
