/** Webhooks of a booking with seats: each is about one person, and none says everything. */
import { bookingUid } from '../kernel/ids.ts';
import type { BookingObservation, BookingStatus } from './booking.ts';
import { whole } from './webhook-booking.ts';
import type { BookingPayload } from './webhook-contract.ts';
import { type Origin, saying, type Saying } from './webhook-saying.ts';

/** One person of a group. The title names the first person and the metadata may mix two, so neither is said. */
export function seat(booking: BookingPayload, status: BookingStatus | undefined, origin: Origin): Saying {
  const {
    title: _title,
    description: _description,
    reason: _reason,
    metadata: _metadata,
    icsUid: _icsUid,
    guests: _guests,
    ...shared
  } = whole(booking, origin);
  const seatUid = booking.attendeeSeatId;
  const { attendees: _everyone, ...withoutPeople } = shared;
  const observation: BookingObservation = {
    ...withoutPeople,
    seated: true,
    ...(status === undefined ? {} : { status }),
    ...(seatUid === undefined || shared.attendees === undefined
      ? {}
      : { attendees: shared.attendees.slice(0, 1).map((one) => ({ ...one, seatUid })) }),
  };
  return saying([observation], { refetch: [bookingUid(booking.uid)] });
}

/** A seat that moved to another group: neither booking names the other, both must be read (MEASURED "Bookings"). */
export function movedSeat(booking: BookingPayload): Saying {
  const from = booking.rescheduleUid;
  const refetch = [bookingUid(booking.uid)];
  if (from !== undefined && from !== booking.attendeeSeatId && from !== booking.uid) refetch.push(bookingUid(from));
  return saying([], { refetch });
}
