import type { BookingUid } from '../kernel/ids.ts';

/** Cal.com's statuses in our words (SCHEMA "Status from Cal.com"). MOVED: cancelled because another booking replaced it. */
export type BookingStatus = 'REQUESTED' | 'CONFIRMED' | 'CANCELLED' | 'DECLINED' | 'MOVED';

export interface BookingHost {
  /** Cal.com's user id; null when upstream says "unknown" or leaves it out. */
  calcomUserId: number | null;
  name: string;
  email: string | null;
  timeZone: string | null;
}

export interface BookingAttendee {
  seatUid: string | null;
  name: string;
  /** Lower case. */
  email: string | null;
  phone: string | null;
  timeZone: string;
  locale: string | null;
  /** Undefined when the source does not say (webhooks other than the no-show one). */
  absent?: boolean;
  /** Of a seat, as sent when it was booked; API answers only, because webhooks mix in the first person's. */
  metadata?: Record<string, string | number | boolean>;
}

/**
 * What one source says of one Booking: an API answer (everything, as of then) or a webhook (a part).
 * A field left undefined is not spoken of and changes nothing.
 */
export interface BookingObservation {
  source: 'API' | 'WEBHOOK';
  uid: BookingUid;
  /** API: when our request was sent. WEBHOOK: when it was received. Our clock, Unix ms. */
  observedAt: number;
  /** API: `updatedAt`. WEBHOOK: the envelope's `createdAt`. Cal.com's clock, Unix ms; null when absent. */
  upstreamAt: number | null;

  bookingId?: number;
  status?: BookingStatus;
  startsAt?: number;
  endsAt?: number;
  eventTypeId?: number | null;
  eventTypeSlug?: string | null;
  title?: string;
  description?: string | null;
  /** The person's own words at booking time (`notes` or the first free-text field). */
  reason?: string | null;
  location?: string | null;
  /** Ours, as sent at creation; left out by webhooks that have lost it. */
  metadata?: Record<string, string | number | boolean>;
  cancellationReason?: string | null;
  rejectionReason?: string | null;
  reschedulingReason?: string | null;
  /** First is the organizer. Empty when upstream knows none. */
  hosts?: BookingHost[];
  /** Without guests. Complete for API answers and unseated webhooks; only the person concerned for a seated webhook. */
  attendees?: BookingAttendee[];
  guests?: string[];
  seated?: boolean;
  /** The earlier booking this one replaces. */
  rescheduledFromUid?: BookingUid | null;
  /** The later booking that replaces this one. */
  rescheduledToUid?: BookingUid | null;
  seriesId?: string | null;
  icsUid?: string | null;
  createdAt?: number;
  payment?: 'PENDING' | 'PAID';
  meetingStartedAt?: number;
  meetingEndedAt?: number;
  /** Attendees named absent or present by e-mail (BOOKING_NO_SHOW_UPDATED). */
  absences?: { email: string; absent: boolean }[];
}
