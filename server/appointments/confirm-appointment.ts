/** The host accepts a request. Two requests may hold one slot, and Cal.com would let both be accepted: the second is refused here. */
import type { BookingDesk } from '../services.ts';
import type { DeskOptions } from './booking-steps.ts';
import { decideRequest } from './decide-request.ts';
import { invalidInput } from './failure.ts';
import { overlapsConfirmed, requestsDecidedWith } from './overlapping.ts';

export function createConfirmAppointment(options: DeskOptions): BookingDesk['confirm'] {
  return (caller, input) =>
    decideRequest(options, caller, input, {
      mutation: 'confirmAppointment',
      outcome: 'CONFIRMED',
      objection: async (row, clinicianId) =>
        (await overlapsConfirmed(options.pool, clinicianId, await requestsDecidedWith(options.pool, row)))
          ? invalidInput({
              path: 'appointmentId',
              message: 'Another confirmed appointment of this clinician overlaps. Move or decline one of them.',
            })
          : null,
      ask: (host, uid) => options.client.confirm(host, uid),
    });
}
