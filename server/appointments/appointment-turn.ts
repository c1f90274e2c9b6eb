/**
 * One change of an appointment at a time, over all instances: two reschedules in parallel would both succeed upstream and
 * leave two bookings (MEASURED "Bookings"). No lock may be held across a network call, so the turn is a committed row in
 * `MutationKey` under the nil viewer; the turn of a process that died ends by itself.
 */
import type pg from 'pg';
import { userId, type AppointmentId } from '../kernel/ids.ts';
import { claimKey, forgetKey, type KeyOwner } from './mutation-key.ts';

const NOBODY = userId('00000000-0000-0000-0000-000000000000');

/** Runs `work` in this appointment's turn; null when somebody else has it. */
export async function inTurn<Value>(
  db: Pick<pg.Pool, 'query'>,
  id: AppointmentId,
  now: Date,
  work: () => Promise<Value>,
): Promise<Value | null> {
  const owner: KeyOwner = { viewerId: NOBODY, key: `turn:${id}` };
  const claim = await claimKey(db, owner, { mutation: 'turn', inputHash: '' }, now);
  if (claim.kind !== 'CLAIMED') return null;
  try {
    return await work();
  } finally {
    await forgetKey(db, owner, claim.claimant);
  }
}
