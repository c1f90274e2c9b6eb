/** Time off of the clinicians shown, cut to one day. */
import type { Instant } from '../time/clinic-time.ts';

export interface TimeOff {
  id: string;
  clinician: string;
  /** Within the day. */
  startsAt: Instant;
  endsAt: Instant;
  wholeDay: boolean;
}

interface Blocked {
  id: string;
  startsAt: Instant;
  endsAt: Instant;
}

/** Whole days end at their last second. */
const LAST_SECOND_MS = 1_000;

/** By start. `shown`: ids of clinicians; empty means all. */
export function timeOffOf(
  clinicians: readonly { id: string; name: string; blockedTimes: readonly Blocked[] }[],
  shown: readonly string[],
  day: { from: Instant; to: Instant },
): TimeOff[] {
  const from = Date.parse(day.from);
  const to = Date.parse(day.to);
  return clinicians
    .filter(({ id }) => shown.length === 0 || shown.includes(id))
    .flatMap(({ name, blockedTimes }) =>
      blockedTimes.map(({ id, startsAt, endsAt }) => {
        const start = Math.max(from, Date.parse(startsAt));
        const end = Math.min(to, Date.parse(endsAt));
        return { id, clinician: name, start, end };
      }),
    )
    .filter(({ start, end }) => start < end)
    .sort((one, other) => one.start - other.start || one.clinician.localeCompare(other.clinician))
    .map(({ id, clinician, start, end }) => ({
      id,
      clinician,
      startsAt: new Date(start).toISOString(),
      endsAt: new Date(end).toISOString(),
      wholeDay: start === from && end >= to - LAST_SECOND_MS,
    }));
}
