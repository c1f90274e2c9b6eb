/** Free slots of an event type. Looking is allowed without signing in, for event types that are not hidden. */
import type pg from 'pg';
import type { AppointmentStore } from '../appointments/appointment-store.ts';
import { invalidInput, notFound, type Failure } from '../appointments/failure.ts';
import { appointmentScope, maySeeHiddenEventTypes } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { UpstreamSlot } from '../calcom/slot-calls.ts';
import type { CalcomFailure } from '../calcom/calcom-client.ts';
import type { Config } from '../config.ts';
import { durationProblem } from '../event-types/event-type.ts';
import { eventTypesByIds, type BookableEventType } from '../event-types/event-type-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { bookingUid, type EventTypeId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { SlotQuery } from '../services.ts';
import { type AskSlotsOptions, createAskSlots, type SlotWish } from './ask-slots.ts';
import { groupedLoader } from './grouped-loader.ts';
import { within } from './patience.ts';
import { holdsOf, type SlotHoldRow } from './slot-holds.ts';
import { isTimeZone, pieceAfter, piecesOf, rangeProblems, slotIn, startOfDay } from './slot-window.ts';
import type { SlotList } from './slot.ts';

export interface FindSlotsOptions extends AskSlotsOptions {
  pool: Pick<pg.Pool, 'query'>;
  appointments: Pick<AppointmentStore, 'byIds'>;
  clock: Clock;
  config: Pick<Config, 'clinic' | 'slotPatienceMs'>;
}

export type FindSlots = (viewer: Viewer | null, query: SlotQuery) => Promise<Result<SlotList, Failure>>;

interface Wish extends SlotWish {
  eventType: BookableEventType;
  timeZone: string;
}

export function createFindSlots(options: FindSlotsOptions): FindSlots {
  const { pool, clock } = options;
  const ask = createAskSlots(options);
  // Asked for below a list of event types, and by many at once: one statement for all of them.
  const eventTypes = groupedLoader<EventTypeId, BookableEventType | null>((ids) => eventTypesByIds(pool, ids));
  const holds = groupedLoader<string, SlotHoldRow[]>(async (clinicianIds) => {
    const rows = Map.groupBy(await holdsOf(pool, clinicianIds, clock.now()), (row): string => row.clinicianId);
    return clinicianIds.map((id) => rows.get(id) ?? []);
  });

  async function wishOf(viewer: Viewer | null, query: SlotQuery): Promise<Result<Wish, Failure>> {
    const problems = rangeProblems(query.from.getTime(), query.to.getTime(), clock.now().getTime());
    const timeZone = query.timeZone ?? options.config.clinic.timeZone;
    if (!isTimeZone(timeZone)) problems.push({ path: 'timeZone', message: 'The time zone must be an IANA name such as Europe/Amsterdam.' });
    if (problems.length > 0) return fail(invalidInput(...problems));

    const eventType = await eventTypes.load(query.eventTypeId);
    if (eventType === null || (eventType.hidden && !maySeeHiddenEventTypes(viewer))) return fail(notFound('The event type'));
    const durationMinutes = query.durationMinutes ?? eventType.durationMinutes;
    const wrongDuration = durationProblem(eventType, durationMinutes);
    if (wrongDuration !== null) return fail(invalidInput({ path: 'durationMinutes', message: wrongDuration }));

    if (query.rescheduling === null) return ok({ eventType, durationMinutes, timeZone, moving: null });
    // Of an appointment that the viewer may not see, not even the time may shine through.
    const [row] = await options.appointments.byIds(appointmentScope(viewer), [query.rescheduling]);
    if (row == null) return fail(notFound('The appointment'));
    return ok({ eventType, durationMinutes, timeZone, moving: bookingUid(row.bookingUid) });
  }

  return async (viewer, query) => {
    const wish = await wishOf(viewer, query);
    if (!wish.ok) return wish;
    const { eventType, durationMinutes, timeZone } = wish.value;
    const now = clock.now().getTime();
    const pieces = piecesOf(Math.max(query.from.getTime(), now), query.to.getTime());
    const [answer, held] = await Promise.all([ask(wish.value, pieces), holds.load(eventType.clinicianId)]);
    if (!answer.ok) return fail(slotsFailure(answer.failure));

    const own = held.find((hold) => hold.id === query.holdId && hold.viewerId === viewer?.userId && hold.eventTypeId === eventType.id);
    const from = Math.max(query.from.getTime(), now);
    const to = query.to.getTime();
    const isFree = ({ startsAt }: UpstreamSlot) => startsAt >= from && !overlapsAnother(held, own, startsAt, durationMinutes);
    const inRange = answer.value.slots.filter((slot) => slot.startsAt < to && isFree(slot));
    const ownStart = own?.startsAt.getTime();
    // The reservation of the own hold hides the slot upstream.
    if (ownStart !== undefined && ownStart >= from && ownStart < to && !inRange.some((slot) => slot.startsAt === ownStart)) {
      inRange.push({ startsAt: ownStart, seatsRemaining: null });
      inRange.sort((a, b) => a.startsAt - b.startsAt);
    }
    let next: UpstreamSlot | undefined;
    if (inRange.length === 0) {
      const isLater = (slot: UpstreamSlot) => slot.startsAt >= to && isFree(slot);
      next = answer.value.slots.find(isLater);
      if (next === undefined) {
        const further = await within(options.config.slotPatienceMs, ask(wish.value, [pieceAfter(pieces)]));
        if (further !== 'late' && further.ok) next = further.value.slots.find(isLater);
      }
    }
    return ok({
      slots: inRange.map((slot) => slotIn(timeZone, slot.startsAt, durationMinutes, slot.seatsRemaining)),
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
