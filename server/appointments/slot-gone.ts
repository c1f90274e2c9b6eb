/**
 * What a plain 500 may have meant. A round robin whose hosts are all busy is answered "Internal server error" (CONTRACT 2);
 * once it is known that nothing was booked, only the slots tell whether that was it.
 */
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { AppointmentId, EventTypeId } from '../kernel/ids.ts';
import type { Caller } from '../services.ts';
import type { DeskOptions } from './booking-steps.ts';
import type { Failure } from './failure.ts';

interface AskedTime {
  clinicianId: string;
  eventTypeId: EventTypeId;
  startsAt: Date;
  durationMinutes: number | null;
  rescheduling: AppointmentId | null;
}

const HOUR_MS = 3_600_000;

/** SlotTaken when the time is not offered any more; null when it is, when the slots cannot be read, or for any other failure. */
export async function slotGone(
  { slots }: Pick<DeskOptions, 'slots'>,
  caller: Caller,
  failure: CalcomFailure,
  asked: AskedTime,
): Promise<Failure | null> {
  if (failure.status !== 500) return null;
  const { clinicianId, ...query } = asked;
  slots.invalidate(clinicianId);
  const to = new Date(asked.startsAt.getTime() + HOUR_MS);
  const found = await slots.find(caller.viewer, { ...query, from: asked.startsAt, to, timeZone: null, holdId: null });
  if (!found.ok || found.value.stale || found.value.slots.some((slot) => slot.startsAt.getTime() === asked.startsAt.getTime())) return null;
  const nearest = await slots.nearest(
    caller.viewer,
    asked.eventTypeId,
    asked.startsAt,
    asked.durationMinutes,
    asked.rescheduling ?? undefined,
  );
  return { kind: 'SlotTaken', message: 'This time is no longer free.', nearest };
}
