/** The advisory locks that both write doors take before their first write (STACK 14). */
import type { Transaction } from '../database/transaction.ts';
import type { BookingUid, UserId } from '../kernel/ids.ts';

export interface LockSet {
  uids: BookingUid[];
  /** Null stands for "no clinician of ours". */
  clinicians: (UserId | null)[];
}

/** Waits for all of them, in one order for everybody, without an xid of our own yet. Held until the transaction ends. */
export async function lockAppointments(tx: Transaction, locks: LockSet): Promise<void> {
  const names = [...locks.uids.map((uid) => `booking:${uid}`), ...locks.clinicians.map((id) => `clinician:${id ?? 'none'}`)];
  await tx.query(
    `SELECT pg_advisory_xact_lock(k.key) FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM unnest($1::text[]) AS name ORDER BY 1 OFFSET 0) k`,
    [names],
  );
}
