/**
 * One change of an appointment at a time, over all instances: two reschedules in parallel would both succeed upstream and
 * leave two bookings (MEASURED "Bookings"). No lock may be held across a network call, so the turn is a committed row in
 * `MutationKey` under the nil viewer; the turn of a process that died ends by itself.
 */
import type pg from 'pg';
import { userId, type AppointmentId, type UserId } from '../kernel/ids.ts';
import { claimKey, forgetKey, type KeyOwner } from './mutation-key.ts';

const NOBODY = userId('00000000-0000-0000-0000-000000000000');

/** Whose turn it is: an appointment's, a clinician's where two appointments must not be decided at once, or that of a clinician's hours. */
export type TurnOf = { appointment: AppointmentId } | { clinician: UserId } | { schedule: UserId };

/** Runs `work` in its turn; null when somebody else has it. */
export async function inTurn<Value>(db: Pick<pg.Pool, 'query'>, of: TurnOf, now: Date, work: () => Promise<Value>): Promise<Value | null> {
  const owner: KeyOwner = { viewerId: NOBODY, key: keyOf(of) };
  const claim = await claimKey(db, owner, { mutation: 'turn', inputHash: '' }, now);
  if (claim.kind !== 'CLAIMED') return null;
  try {
    return await work();
  } finally {
    await forgetKey(db, owner, claim.claimant);
  }
}

function keyOf(of: TurnOf): string {
  if ('appointment' in of) return `turn:${of.appointment}`;
  return 'clinician' in of ? `turn:clinician:${of.clinician}` : `turn:schedule:${of.schedule}`;
}
