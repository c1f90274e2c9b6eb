/**
 * Our own claim on a clinician's time while Cal.com is asked: the person's hold, or a short one. Two people who press the
 * button together do not both reach Cal.com, which would answer one of them with a lost race.
 */
import type { UserId } from '../kernel/ids.ts';
import { dropHold, dropOwnHolds, extendHold, ownHold, takeHold } from '../slots/slot-holds.ts';
import type { DeskOptions } from './booking-steps.ts';
import { TAKEOVER_MS } from './mutation-key.ts';

export interface WantedTime {
  holdId: string | null;
  eventTypeId: number;
  clinicianId: string;
  startsAt: Date;
  minutes: number;
  seated: boolean;
}

/** The id of the claim; null: somebody else has that time at the moment. */
export async function claimTime(
  options: Pick<DeskOptions, 'pool' | 'clock' | 'slots'>,
  viewerId: UserId,
  wanted: WantedTime,
): Promise<string | null> {
  const { pool, clock } = options;
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + TAKEOVER_MS);
  const hold = wanted.holdId === null ? null : await ownHold(pool, viewerId, wanted.holdId, now);
  if (hold !== null && hold.eventTypeId === wanted.eventTypeId && hold.startsAt.getTime() === wanted.startsAt.getTime()) {
    await extendHold(pool, hold.id, expiresAt);
    return hold.id;
  }
  // An own claim of an attempt whose end is not known does not stand in the way of the next one.
  for (const earlier of await dropOwnHolds(pool, viewerId, wanted.eventTypeId, wanted.startsAt))
    await options.slots.releaseUpstream(earlier);
  const endsAt = new Date(wanted.startsAt.getTime() + wanted.minutes * 60_000);
  const { eventTypeId, clinicianId, startsAt, seated } = wanted;
  return takeHold(pool, { eventTypeId, clinicianId, viewerId, startsAt, endsAt, seated, expiresAt }, now);
}

/** Cal.com does not consume a reservation, so it is given back there too (CONTRACT 5). */
export async function letGo(options: Pick<DeskOptions, 'pool' | 'slots'>, claimId: string | null): Promise<void> {
  if (claimId === null) return;
  const hold = await dropHold(options.pool, claimId);
  if (hold !== null) await options.slots.releaseUpstream(hold);
}
