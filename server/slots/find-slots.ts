/** Free slots of an event type. Looking is allowed without signing in, for event types that are not hidden. */
import DataLoader from 'dataloader';
import type pg from 'pg';
import type { AppointmentStore } from '../appointments/appointment-store.ts';
import { invalidInput, notFound, type Failure } from '../appointments/failure.ts';
import { appointmentScope, maySeeHiddenEventTypes } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { CalcomClient, CalcomFailure } from '../calcom/calcom-client.ts';
import type { Config } from '../config.ts';
import { durationProblem } from '../event-types/event-type.ts';
import { eventTypesByIds, type BookableEventType } from '../event-types/event-type-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { bookingUid, userId, type EventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { SlotQuery } from '../services.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import type { SlotCache } from './slot-cache.ts';
import { holdsOf, type SlotHoldRow } from './slot-holds.ts';
import { isTimeZone, rangeProblems, slotIn, startOfDay, upstreamWindow } from './slot-window.ts';
import type { SlotList } from './slot.ts';

export interface FindSlotsOptions {
  pool: Pick<pg.Pool, 'query'>;
  client: Pick<CalcomClient, 'slots'>;
  credentials: Pick<CalcomCredentials, 'of'>;
  appointments: Pick<AppointmentStore, 'byIds'>;
  cache: SlotCache;
  clock: Clock;
  config: Pick<Config, 'clinic'>;
}

export type FindSlots = (viewer: Viewer | null, query: SlotQuery) => Promise<Result<SlotList, Failure>>;

export function createFindSlots(options: FindSlotsOptions): FindSlots {
  const { pool, client, clock } = options;
  // Asked for below a list of event types: one statement for all of them, nothing kept.
  const eventTypes = new DataLoader<EventTypeId, BookableEventType | null>((ids) => eventTypesByIds(pool, ids), { cache: false });
  const holds = new DataLoader<string, SlotHoldRow[]>(
    async (clinicianIds) => {
      const rows = await holdsOf(pool, clinicianIds, clock.now());
      return clinicianIds.map((id) => rows.filter((row) => row.clinicianId === id));
    },
    { cache: false },
  );

  return async (viewer, query) => {
    const now = clock.now().getTime();
    const problems = rangeProblems(query.from.getTime(), query.to.getTime(), now);
    const timeZone = query.timeZone ?? options.config.clinic.timeZone;
    if (!isTimeZone(timeZone)) problems.push({ path: 'timeZone', message: 'The time zone must be an IANA name such as Europe/Amsterdam.' });
    if (problems.length > 0) return fail(invalidInput(...problems));

    const eventType = await eventTypes.load(query.eventTypeId);
    if (eventType === null || (eventType.hidden && !maySeeHiddenEventTypes(viewer))) return fail(notFound('The event type'));
    const duration = query.durationMinutes ?? eventType.durationMinutes;
    const wrongDuration = durationProblem(eventType, duration);
    if (wrongDuration !== null) return fail(invalidInput({ path: 'durationMinutes', message: wrongDuration }));

    let moving: string | null = null;
    if (query.rescheduling !== null) {
      const [row] = await options.appointments.byIds(appointmentScope(viewer), [query.rescheduling]);
      if (row === null || row === undefined) return fail(notFound('The appointment'));
      moving = row.bookingUid;
    }

    const window = upstreamWindow(Math.max(query.from.getTime(), now), query.to.getTime());
    const question = {
      eventTypeId: eventType.id,
      clinicianId: eventType.clinicianId,
      ...window,
      durationMinutes: eventType.durationOptions.length > 0 ? duration : null,
      bookingUidToReschedule: moving,
    };
    const [answer, held] = await Promise.all([
      options.cache.ask(question, async () => {
        const credential = await options.credentials.of(userId(eventType.clinicianId));
        return client.slots(credential, {
          eventTypeId: query.eventTypeId,
          ...window,
          ...(question.durationMinutes === null ? {} : { durationMinutes: question.durationMinutes }),
          ...(moving === null ? {} : { bookingUidToReschedule: bookingUid(moving) }),
        });
      }),
      holds.load(eventType.clinicianId),
    ]);
    if (!answer.ok) return fail(slotsFailure(answer.failure));

    const own = held.find((hold) => hold.id === query.holdId && hold.viewerId === viewer?.userId && hold.eventTypeId === eventType.id);
    const free = answer.value.slots.filter((slot) => slot.startsAt >= now && !overlapsAnother(held, own, slot.startsAt, duration));
    // The reservation of the own hold hides the slot upstream.
    if (own !== undefined && !free.some((slot) => slot.startsAt === own.startsAt.getTime()))
      free.push({ startsAt: own.startsAt.getTime(), seatsRemaining: null });
    free.sort((a, b) => a.startsAt - b.startsAt);

    const inRange = free.filter((slot) => slot.startsAt >= query.from.getTime() && slot.startsAt < query.to.getTime());
    const next = inRange.length > 0 ? undefined : free.find((slot) => slot.startsAt >= query.to.getTime());
    return ok({
      slots: inRange.map((slot) => slotIn(timeZone, slot.startsAt, duration, slot.seatsRemaining)),
      stale: answer.value.stale,
      asOf: new Date(answer.value.asOf),
      nextFreeDay: next === undefined ? null : new Date(startOfDay(next.startsAt, timeZone)),
    });
  };
}

function overlapsAnother(held: readonly SlotHoldRow[], own: SlotHoldRow | undefined, startsAt: number, minutes: number): boolean {
  const endsAt = startsAt + minutes * 60_000;
  return held.some((hold) => hold.id !== own?.id && hold.startsAt.getTime() < endsAt && hold.endsAt.getTime() > startsAt);
}

function slotsFailure(failure: CalcomFailure): Failure {
  if (failure.kind === 'NotFound') return notFound('The event type');
  return {
    kind: 'CalcomUnavailable',
    message: 'The calendar cannot be read at the moment. Please try again shortly.',
    retryAfterMs: failure.retryAfterMs,
  };
}
