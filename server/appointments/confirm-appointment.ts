/** The host accepts a request. Two requests may hold one slot, and Cal.com would let both be accepted: the second is refused here. */
import type { BookingDesk } from '../services.ts';
import type { AppointmentRow } from './appointment-store.ts';
import type { DeskOptions } from './booking-steps.ts';
import { decideRequest } from './decide-request.ts';
import { invalidInput } from './failure.ts';

export function createConfirmAppointment(options: DeskOptions): BookingDesk['confirm'] {
  return (caller, input) =>
    decideRequest(options, caller, input, {
      mutation: 'confirmAppointment',
      outcome: 'CONFIRMED',
      objection: async (row) =>
        (await overlapsConfirmed(options, row))
          ? invalidInput({
              path: 'appointmentId',
              message: 'Another confirmed appointment of this clinician overlaps. Move or decline one of them.',
            })
          : null,
      ask: (host, uid) => options.client.confirm(host, uid),
    });
}

async function overlapsConfirmed({ pool }: Pick<DeskOptions, 'pool'>, row: AppointmentRow): Promise<boolean> {
  if (row.clinician === null) return false;
  const result = await pool.query(
    `SELECT 1 FROM "Appointment" WHERE "clinicianId" = $1 AND "id" <> $2 AND "status" = 'CONFIRMED' AND "startsAt" < $3 AND "endsAt" > $4 LIMIT 1`,
    [row.clinician.id, row.id, row.endsAt, row.startsAt],
  );
  return result.rows.length > 0;
}
