/**
 * Holds a slot while a person fills the form: five minutes, one slot per person and event type. Our row counts between
 * people of this gateway; Cal.com's reservation also hides the slot from others, where it can be had.
 */
import type pg from 'pg';
import { invalidInput, notAllowed, notFound, type Failure } from '../appointments/failure.ts';
import { mayBook, maySeeHiddenEventTypes } from '../auth/authorize.ts';
import type { CalcomClient } from '../calcom/calcom-client.ts';
import { durationProblem } from '../event-types/event-type.ts';
import { eventTypesByIds } from '../event-types/event-type-store.ts';
import type { Clock } from '../kernel/clock.ts';
import { userId } from '../kernel/ids.ts';
import { fail, ok } from '../kernel/result.ts';
import type { SlotDesk } from '../services.ts';
import type { CalcomCredentials } from '../users/calcom-credentials.ts';
import type { NearestSlots } from './nearest-slots.ts';
import type { SlotCache } from './slot-cache.ts';
import { dropHold, dropOwnHolds, ownHold, rememberReservation, takeHold, type SlotHoldRow } from './slot-holds.ts';

const HOLD_MINUTES = 5;

export interface HoldSlotOptions {
  pool: Pick<pg.Pool, 'query'>;
  client: Pick<CalcomClient, 'reserveSlot' | 'releaseReservation'>;
  credentials: Pick<CalcomCredentials, 'of'>;
  cache: SlotCache;
  nearest: NearestSlots;
  clock: Clock;
}

export function createHoldSlot(
  options: HoldSlotOptions,
): Pick<SlotDesk, 'hold' | 'release'> & { releaseUpstream(hold: SlotHoldRow): Promise<void> } {
  const { pool, client, clock } = options;

  /** Best effort: a reservation that stays behind ends by itself. */
  async function releaseUpstream(hold: SlotHoldRow): Promise<void> {
    options.cache.invalidate(hold.clinicianId);
    if (hold.reservationUid === null) return;
    const credential = await options.credentials.of(hold.clinicianId);
    if (credential !== null) await client.releaseReservation(credential, hold.reservationUid);
  }

  return {
    releaseUpstream,

    async hold({ viewer }, input) {
      const [eventType] = await eventTypesByIds(pool, [input.eventTypeId]);
      if (eventType == null || (eventType.hidden && !maySeeHiddenEventTypes(viewer))) return fail(notFound('The event type'));
      const permission = mayBook(viewer, { clinicianId: eventType.clinicianId, patientId: null, hasAttendee: false });
      if (!permission.allowed) return fail(notAllowed(permission.because));
      const now = clock.now();
      if (input.startsAt <= now) return fail(invalidInput({ path: 'startsAt', message: 'This time has passed.' }));
      const minutes = input.durationMinutes ?? eventType.durationMinutes;
      const wrongDuration = durationProblem(eventType, minutes);
      if (wrongDuration !== null) return fail(invalidInput({ path: 'durationMinutes', message: wrongDuration }));

      const endsAt = new Date(input.startsAt.getTime() + minutes * 60_000);
      const expiresAt = new Date(now.getTime() + HOLD_MINUTES * 60_000);
      // A patient holds one time; the front desk may fill forms for several people.
      const startsAt = viewer.role === 'PATIENT' ? null : input.startsAt;
      const replaced = await dropOwnHolds(pool, viewer.userId, { eventTypeId: eventType.id, startsAt, requestId: null });
      for (const earlier of replaced) await releaseUpstream(earlier);
      const taken = async (): Promise<{ ok: false; failure: Failure }> => {
        const nearest = await options.nearest(viewer, input.eventTypeId, input.startsAt, input.durationMinutes);
        return fail({ kind: 'SlotTaken', message: 'This time has just been taken.', nearest });
      };
      const hold = {
        eventTypeId: eventType.id,
        clinicianId: eventType.clinicianId,
        viewerId: viewer.userId,
        startsAt: input.startsAt,
        endsAt,
        seated: eventType.seats !== null,
        requestId: null,
        expiresAt,
      };
      const id = await takeHold(pool, hold, now);
      if (id === null) return taken();

      const credential = await options.credentials.of(userId(eventType.clinicianId));
      if (credential !== null) {
        const reserved = await client.reserveSlot(credential, {
          eventTypeId: input.eventTypeId,
          startsAt: input.startsAt.getTime(),
          minutes: HOLD_MINUTES,
          ...(eventType.durationOptions.length > 0 ? { durationMinutes: minutes } : {}),
        });
        if (reserved.ok) await rememberReservation(pool, id, reserved.value.reservationUid);
        else if (reserved.failure.kind === 'SlotTaken') {
          await dropHold(pool, id);
          return taken();
        }
      }
      options.cache.invalidate(eventType.clinicianId);
      return ok({ id, startsAt: input.startsAt, endsAt, expiresAt });
    },

    async release({ viewer }, input) {
      const hold = await ownHold(pool, viewer.userId, input.holdId, clock.now());
      if (hold === null) return fail(notFound('The hold'));
      // One that is being booked ends with the booking.
      if (hold.requestId === null) {
        await dropHold(pool, hold.id);
        await releaseUpstream(hold);
      }
      return ok({ id: hold.id });
    },
  };
}
