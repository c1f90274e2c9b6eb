/** Webhooks of a booking that comes into being: created, requested, rescheduled, waiting for its payment. */
import { bookingUid } from '../kernel/ids.ts';
import type { BookingObservation, BookingStatus } from './booking.ts';
import { isSeated, said, seriesOf, whole, withoutRawLocation } from './webhook-booking.ts';
import type { BookingPayload } from './webhook-contract.ts';
import { type Origin, saying, type Saying } from './webhook-saying.ts';
import { movedSeat, seat } from './webhook-seat.ts';

/**
 * Direct, or after approval. The latter is built elsewhere: it has lost our metadata, the notes and the calendar uid,
 * and a reschedule that was approved no longer names its predecessor.
 */
export function created(booking: BookingPayload, origin: Origin): Saying {
  if (isSeated(booking)) return seat(booking, statusOf(booking, 'CONFIRMED'), origin);
  const said = whole(booking, origin);
  const status = statusOf(booking, 'CONFIRMED');
  const observation: BookingObservation = booking.iCalUID === undefined ? withoutLostFacts(said) : said;
  return withStatus(observation, status, booking);
}

/** Also a reschedule that needs approval: the only event that tells that the earlier booking is gone (MEASURED 304-306). */
export function requested(booking: BookingPayload, origin: Origin): Saying {
  if (isSeated(booking)) return booking.rescheduleUid === undefined ? seat(booking, 'REQUESTED', origin) : movedSeat(booking);
  return saying([{ ...whole(booking, origin), status: 'REQUESTED', ...predecessor(booking) }, ...movedAway(booking, origin)], {
    refetchSeriesOf: seriesOf(booking),
  });
}

export function rescheduled(booking: BookingPayload, origin: Origin): Saying {
  if (isSeated(booking)) return movedSeat(booking);
  const said = { ...whole(booking, origin), ...predecessor(booking) };
  const meaning = withStatus(said, statusOf(booking, 'CONFIRMED'), booking);
  return { ...meaning, observations: [...meaning.observations, ...movedAway(booking, origin)] };
}

/** Its status says ACCEPTED although the booking waits for the money. */
export function paymentInitiated(booking: BookingPayload, origin: Origin): Saying {
  if (isSeated(booking)) return seat(booking, undefined, origin);
  return saying([{ ...whole(booking, origin), status: 'REQUESTED', payment: 'PENDING' }], { refetchSeriesOf: seriesOf(booking) });
}

function withoutLostFacts(said: BookingObservation): BookingObservation {
  const { metadata: _metadata, reason: _reason, description: _description, reschedulingReason: _moved, ...kept } = said;
  return withoutRawLocation(kept);
}

function predecessor(booking: BookingPayload): Pick<BookingObservation, 'rescheduledFromUid'> {
  return booking.rescheduleUid === undefined ? {} : { rescheduledFromUid: bookingUid(booking.rescheduleUid) };
}

function movedAway(booking: BookingPayload, origin: Origin): BookingObservation[] {
  if (booking.rescheduleUid === undefined || booking.rescheduleUid === booking.uid) return [];
  return [
    {
      ...origin,
      uid: bookingUid(booking.rescheduleUid),
      status: 'MOVED',
      rescheduledToUid: bookingUid(booking.uid),
      ...said('bookingId', booking.rescheduleId),
      ...said('startsAt', booking.rescheduleStartTime),
      ...said('endsAt', booking.rescheduleEndTime),
    },
  ];
}

/** SCHEMA "Status from Cal.com"; undefined: a word we do not know, so the API must be asked. */
function statusOf(booking: BookingPayload, standard: BookingStatus): BookingStatus | undefined {
  switch (booking.status) {
    case undefined:
      return standard;
    case 'ACCEPTED':
      return 'CONFIRMED';
    case 'PENDING':
    case 'AWAITING_HOST':
      return 'REQUESTED';
    case 'REJECTED':
      return 'DECLINED';
    default:
      return undefined;
  }
}

function withStatus(observation: BookingObservation, status: BookingStatus | undefined, booking: BookingPayload): Saying {
  if (status === undefined) return saying([observation], { refetch: [observation.uid], refetchSeriesOf: seriesOf(booking) });
  return saying([{ ...observation, status }], { refetchSeriesOf: seriesOf(booking) });
}
