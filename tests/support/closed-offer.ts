/** Event types and schedules for suites in which nobody changes them. */
import type { Failure } from '../../server/appointments/failure.ts';
import type { EventTypeDesk } from '../../server/event-types/event-type-desk.ts';
import { fail } from '../../server/kernel/result.ts';
import type { ScheduleDesk } from '../../server/schedules/schedule-desk.ts';

const closed: Failure = { kind: 'CalcomUnavailable', message: 'Closed.', retryAfterMs: null };
const refuse = () => Promise.resolve(fail(closed));

export const closedEventTypes: EventTypeDesk = { create: refuse, update: refuse, delete: refuse, mirror: refuse, lastMirror: refuse };
export const closedSchedules: ScheduleDesk = { update: refuse, setOverride: refuse, clearOverride: refuse, dismissBlockedTime: refuse };
