/** What to offer instead of a slot that is gone: the three free ones nearest to it. */
import type { Viewer } from '../auth/viewer.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AppointmentId, EventTypeId } from '../kernel/ids.ts';
import type { FindSlots } from './find-slots.ts';
import type { SlotCache } from './slot-cache.ts';
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

export function createNearestSlots(options: { find: FindSlots; cache: SlotCache; clock: Clock }): NearestSlots {
  return async (viewer, eventTypeId, startsAt, durationMinutes, rescheduling) => {
    options.cache.invalidate(eventTypeId);
    const from = new Date(Math.max(options.clock.now().getTime(), startsAt.getTime() - 3 * DAY_MS));
    const to = new Date(Math.max(from.getTime(), startsAt.getTime()) + 7 * DAY_MS);
    const found = await options.find(viewer, {
      eventTypeId,
      from,
      to,
      timeZone: null,
      durationMinutes,
      rescheduling: rescheduling ?? null,
      holdId: null,
    });
    if (!found.ok) return [];
    return nearestTo(
      startsAt.getTime(),
      found.value.slots.filter((slot) => slot.startsAt.getTime() !== startsAt.getTime()),
      3,
    );
  };
}
