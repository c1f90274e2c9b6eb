/** The host turns a request down. The reason is in Cal.com's webhook only, never in its API (153). */
import type { BookingDesk } from '../services.ts';
import type { DeskOptions } from './booking-steps.ts';
import { decideRequest } from './decide-request.ts';
import { invalidInput } from './failure.ts';

const LONGEST_REASON = 1_000;

export function createDeclineAppointment(options: DeskOptions): BookingDesk['decline'] {
  return (caller, input) => {
    const reason = input.reason?.trim() ?? '';
    return decideRequest(options, caller, input, {
      mutation: 'declineAppointment',
      outcome: 'DECLINED',
      objection: async () =>
        reason.length > LONGEST_REASON
          ? invalidInput({ path: 'reason', message: `Please keep the reason below ${LONGEST_REASON} characters.` })
          : null,
      ask: (host, uid) => options.client.decline(host, uid, reason === '' ? {} : { reason }),
    });
  };
}
