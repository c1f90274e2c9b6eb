/** One appointment, read under the lock that both write doors share (docs/adr/0002), for a change that is ours alone. */
import type pg from 'pg';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import type { AppointmentId, UserId } from '../kernel/ids.ts';
import { lockAppointments } from './appointment-locks.ts';
import { loadAppointments, type StoredAppointment } from './appointment-rows.ts';

const MAX_STARTS = 5;

/** What `work` answers; null when there is no such appointment. Begins anew when the appointment changes hands meanwhile. */
export async function withAppointment<Value>(
  pool: pg.Pool,
  id: AppointmentId,
  work: (tx: Transaction, stored: StoredAppointment) => Promise<Value>,
): Promise<Value | null> {
  for (let start = 0; start < MAX_STARTS; start += 1) {
    const locked = await clinicianOf(pool, id);
    if (locked === undefined) return null;
    const outcome = await inTransaction(pool, async (tx) => {
      await lockAppointments(tx, { uids: [], clinicians: [locked] });
      const stored = (await loadAppointments(tx, [id])).get(id);
      if (stored === undefined) return { value: null };
      return stored.state.clinicianId === locked ? { value: await work(tx, stored) } : null;
    });
    if (outcome !== null) return outcome.value;
  }
  throw new Error('The clinician of an appointment kept changing while it was written.');
}

async function clinicianOf(pool: pg.Pool, id: AppointmentId): Promise<UserId | null | undefined> {
  const result = await pool.query<{ clinicianId: UserId | null }>(`SELECT "clinicianId" FROM "Appointment" WHERE "id" = $1`, [id]);
  return result.rows[0]?.clinicianId;
}
