/**
 * Our own claim on a clinician's time while Cal.com is asked: the person's hold, or a short one. Two people who press the
 * button together do not both reach Cal.com, which would answer one of them with a lost race.
 */
import type { UserId } from '../kernel/ids.ts';
import { dropHold, dropOwnHolds, takeHold, useHold } from '../slots/slot-holds.ts';
import type { Attempt, DeskOptions } from './booking-steps.ts';
import { TAKEOVER_MS } from './mutation-key.ts';

export interface WantedTime {
  holdId: string | null;
  eventTypeId: number;
  clinicianId: string;
  startsAt: Date;
  minutes: number;
  seated: boolean;
}

/** The id of the claim; null: somebody else, or another wish of the same desk, has that time at the moment. */
export async function claimTime(
  options: Pick<DeskOptions, 'pool' | 'clock' | 'slots'>,
  viewerId: UserId,
  { requestId }: Pick<Attempt, 'requestId'>,
  { holdId, minutes, ...wanted }: WantedTime,
): Promise<string | null> {
  const { pool, clock } = options;
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + TAKEOVER_MS);
  const endsAt = new Date(wanted.startsAt.getTime() + minutes * 60_000);
  const claim = { ...wanted, viewerId, endsAt, requestId, expiresAt };
  if (holdId !== null && (await useHold(pool, holdId, claim, now))) return holdId;
  // The claim of an earlier attempt, whose end is not known, does not stand in the way of the next one.
  const { eventTypeId, startsAt } = wanted;
  for (const earlier of await dropOwnHolds(pool, viewerId, { eventTypeId, startsAt, requestId }))
    await options.slots.releaseUpstream(earlier);
  return takeHold(pool, claim, now);
}

/** Cal.com does not consume a reservation, so it is given back there too (CONTRACT 5). */
export async function letGo(options: Pick<DeskOptions, 'pool' | 'slots'>, claimId: string | null): Promise<void> {
  if (claimId === null) return;
  const hold = await dropHold(options.pool, claimId);
  if (hold !== null) await options.slots.releaseUpstream(hold);
}
