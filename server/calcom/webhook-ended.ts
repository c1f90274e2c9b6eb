/** Webhooks of a booking that ends: cancelled, rejected. */
import { bookingUid } from '../kernel/ids.ts';
import type { BookingObservation } from './booking.ts';
import { isSeated, organizerHasId, said, seriesOf, textOrNull, whole, withoutRawLocation } from './webhook-booking.ts';
import type { BookingPayload } from './webhook-contract.ts';
import { type Origin, saying, type Saying } from './webhook-saying.ts';

/** With seats it may mean one person or all of them, and the payload does not tell which. */
export function cancelled(booking: BookingPayload, origin: Origin): Saying {
  if (isSeated(booking)) return saying([], { refetch: [bookingUid(booking.uid)] });
  const observation: BookingObservation = {
    ...ended(booking, origin),
    status: 'CANCELLED',
    cancellationReason: textOrNull(booking.cancellationReason),
  };
  const refetch = organizerHasId(booking) ? [] : [observation.uid];
  return saying([observation], { refetch, refetchSeriesOf: seriesOf(booking) });
}

export function rejected(booking: BookingPayload, origin: Origin): Saying {
  const rejectionReason = textOrNull(booking.rejectionReason);
  const uid = bookingUid(booking.uid);
  if (isSeated(booking))
    return saying([{ ...origin, uid, seated: true, status: 'DECLINED', rejectionReason }], { refetch: [uid], refetchSeriesOf: null });
  return saying([{ ...ended(booking, origin), status: 'DECLINED', rejectionReason }], { refetchSeriesOf: seriesOf(booking) });
}

/**
 * A booking that ends: enough to make the row should this be the first we hear of it. Answers that are missing here may
 * have been lost on the way, so only what is present is said; an organizer without id (request-reschedule) is not said.
 */
function ended(booking: BookingPayload, origin: Origin): BookingObservation {
  const { metadata: _metadata, reschedulingReason: _moved, reason, description, hosts, ...kept } = whole(booking, origin);
  return withoutRawLocation({
    ...kept,
    ...said('reason', reason ?? undefined),
    ...said('description', description === null || description === '' ? undefined : description),
    ...said('hosts', organizerHasId(booking) ? hosts : undefined),
  });
}
