/** A family may share a mailbox, so a patient is known by name and e-mail together. */
import { type Failure, invalidInput } from '../appointments/failure.ts';
import type { Transaction } from '../database/transaction.ts';
import type { UserId } from '../kernel/ids.ts';
import { patientExists } from './user-store.ts';

/** The failure when another active patient has both; to be asked before the write, in its transaction. */
export async function refuseSamePatient(tx: Transaction, name: string, email: string, except: UserId | null): Promise<Failure | null> {
  // Two clicks at the same moment: the second waits here and then finds the first.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('patient:' || $1, 0))`, [email]);
  if (!(await patientExists(tx, name, email, except))) return null;
  return invalidInput({ path: 'email', message: 'A patient with this name and e-mail is already there: search for them.' });
}
