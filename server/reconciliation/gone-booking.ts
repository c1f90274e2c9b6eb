/**
 * What is recorded of a booking that Cal.com no longer knows (docs/adr): cancelled, with a reason of its own, everything
 * else as it was. Pure.
 */
import type { BookingFacts } from '../appointments/booking-facts.ts';
import type { BookingObservation } from '../calcom/booking.ts';

/** The cancellation reason of an appointment whose booking was deleted upstream; nobody typed it. */
export const GONE_AT_CALCOM = 'This booking no longer exists at Cal.com.';

/** An answer as Cal.com would have given it, as of `observedAt` (Unix ms). Should the booking come back, its next answer is newer. */
export function goneObservation(facts: BookingFacts, observedAt: number): BookingObservation {
  return {
    source: 'API',
    uid: facts.uid,
    observedAt,
    upstreamAt: facts.apiAt,
    status: 'CANCELLED',
    cancellationReason: GONE_AT_CALCOM,
    description: facts.description,
    reason: facts.reason,
    location: facts.location,
    reschedulingReason: facts.reschedulingReason,
    ...(facts.metadata === null ? {} : { metadata: facts.metadata }),
    attendees: facts.attendees,
    guests: facts.guests,
    seated: facts.seated,
    rescheduledToUid: facts.toUid,
  };
}
