/**
 * What is known of one Booking: the merge of everything said about its uid. Pure.
 *
 * An API answer is everything, as of its `updatedAt`; a webhook is a part, as of its `createdAt`. Webhooks come in any
 * order, twice, or never (MEASURED, "Webhooks"), so the rules are: older never beats newer; a webhook never revives a
 * cancelled booking; in doubt nothing changes and the booking is read from the API.
 */
import type { BookingAttendee, BookingHost, BookingObservation, BookingStatus } from '../calcom/booking.ts';
import type { BookingUid } from '../kernel/ids.ts';

export interface FactAttendee extends BookingAttendee {
  absent: boolean;
}

/** JSON as stored in `AppointmentBooking.facts`. Instants are Unix ms. */
export interface BookingFacts {
  uid: BookingUid;
  bookingId: number | null;
  /** Null: known by name only, because another booking names it. */
  status: BookingStatus | null;
  startsAt: number | null;
  endsAt: number | null;
  eventTypeId: number | null;
  eventTypeSlug: string | null;
  title: string;
  description: string | null;
  reason: string | null;
  location: string | null;
  metadata: Record<string, string | number | boolean> | null;
  cancellationReason: string | null;
  reschedulingReason: string | null;
  /** First is the organizer. */
  hosts: BookingHost[];
  attendees: FactAttendee[];
  guests: string[];
  seated: boolean;
  fromUid: BookingUid | null;
  toUid: BookingUid | null;
  seriesId: string | null;
  icsUid: string | null;
  createdAt: number | null;
  /** Said by webhooks only; an API answer leaves them alone. */
  rejectionReason: string | null;
  payment: 'PENDING' | 'PAID' | null;
  meetingStartedAt: number | null;
  meetingEndedAt: number | null;
  /** `updatedAt` of the newest API answer applied, and when that answer was asked for. */
  apiAt: number | null;
  apiObservedAt: number | null;
  /** `createdAt` of the newest webhook applied, and when it was received. */
  webhookAt: number | null;
  webhookObservedAt: number | null;
}

export interface MergeOutcome {
  facts: BookingFacts;
  /** The observation could not be trusted by itself: read the booking from the API. */
  refetch: boolean;
}

export function emptyFacts(uid: BookingUid): BookingFacts {
  return {
    uid,
    bookingId: null,
    status: null,
    startsAt: null,
    endsAt: null,
    eventTypeId: null,
    eventTypeSlug: null,
    title: '',
    description: null,
    reason: null,
    location: null,
    metadata: null,
    cancellationReason: null,
    reschedulingReason: null,
    hosts: [],
    attendees: [],
    guests: [],
    seated: false,
    fromUid: null,
    toUid: null,
    seriesId: null,
    icsUid: null,
    createdAt: null,
    rejectionReason: null,
    payment: null,
    meetingStartedAt: null,
    meetingEndedAt: null,
    apiAt: null,
    apiObservedAt: null,
    webhookAt: null,
    webhookObservedAt: null,
  };
}

/** Whether enough is known to show an appointment. */
export function isDescribed(facts: BookingFacts): facts is BookingFacts & { status: BookingStatus; startsAt: number; endsAt: number } {
  return facts.status !== null && facts.startsAt !== null && facts.endsAt !== null && facts.hosts.length > 0;
}

export function mergeObservation(facts: BookingFacts, seen: BookingObservation): MergeOutcome {
  return seen.source === 'API' ? mergeAnswer(facts, seen) : mergeWebhook(facts, seen);
}

function mergeAnswer(facts: BookingFacts, seen: BookingObservation): MergeOutcome {
  if (seen.upstreamAt !== null && facts.apiAt !== null) {
    if (seen.upstreamAt < facts.apiAt) return { facts, refetch: false };
    // Seats and absences do not move `updatedAt` (MEASURED, "Bookings"): among equals the later question wins.
    if (seen.upstreamAt === facts.apiAt && facts.apiObservedAt !== null && seen.observedAt < facts.apiObservedAt)
      return { facts, refetch: false };
  }
  const askedBeforeWebhook = facts.webhookObservedAt !== null && seen.observedAt < facts.webhookObservedAt;
  if (askedBeforeWebhook && facts.webhookAt !== null && (seen.upstreamAt ?? 0) < facts.webhookAt) return { facts, refetch: true };
  if (perhapsNotWrittenYet(facts, seen)) return { facts, refetch: true };

  return {
    refetch: false,
    facts: {
      ...facts,
      bookingId: seen.bookingId ?? facts.bookingId,
      // A status that this version does not know keeps the old one; the caller counts it.
      status: seen.status ?? facts.status,
      startsAt: seen.startsAt ?? facts.startsAt,
      endsAt: seen.endsAt ?? facts.endsAt,
      // A deleted event type leaves null upstream; the appointment keeps what it was.
      eventTypeId: seen.eventTypeId ?? facts.eventTypeId,
      eventTypeSlug: seen.eventTypeSlug ?? facts.eventTypeSlug,
      title: seen.title ?? facts.title,
      description: seen.description ?? null,
      reason: seen.reason ?? null,
      location: seen.location ?? null,
      metadata: seen.metadata ?? null,
      cancellationReason: seen.cancellationReason ?? null,
      reschedulingReason: seen.reschedulingReason ?? null,
      hosts: seen.hosts === undefined || seen.hosts.length === 0 ? facts.hosts : seen.hosts,
      attendees: (seen.attendees ?? []).map((attendee) => ({ ...attendee, absent: attendee.absent ?? false })),
      guests: seen.guests ?? [],
      seated: seen.seated ?? facts.seated,
      fromUid: seen.rescheduledFromUid ?? facts.fromUid,
      // Occurrences of a series never carry it (CONTRACT 4): their heir is known by its own `fromUid`.
      toUid: seen.rescheduledToUid ?? null,
      seriesId: seen.seriesId ?? facts.seriesId,
      icsUid: seen.icsUid ?? facts.icsUid,
      createdAt: seen.createdAt ?? facts.createdAt,
      apiAt: seen.upstreamAt ?? facts.apiAt,
      apiObservedAt: seen.observedAt,
    },
  };
}

/** How long after a webhook an older answer that contradicts it is not believed. */
const WRITE_GRACE_MS = 60_000;

/**
 * A cancellation is told before it is written (recordings 138–140, 209, 223: `updatedAt` is later than the webhook's
 * `createdAt`), so an answer in between still shows a live booking.
 */
function perhapsNotWrittenYet(facts: BookingFacts, seen: BookingObservation): boolean {
  if (!ended(facts.status) || seen.status === undefined || ended(seen.status)) return false;
  if (facts.webhookAt === null || facts.webhookObservedAt === null || seen.upstreamAt === null) return false;
  return seen.upstreamAt < facts.webhookAt && seen.observedAt < facts.webhookObservedAt + WRITE_GRACE_MS;
}

function mergeWebhook(before: BookingFacts, seen: BookingObservation): MergeOutcome {
  const facts = withWebhookOnlyFacts(before, seen);
  if (!speaksOfBooking(seen)) return absences(facts, seen);

  const at = seen.upstreamAt;
  // The API has already told a later state of the row than this event.
  if (at !== null && facts.apiAt !== null && at <= facts.apiAt) return { facts, refetch: false };
  if (at !== null && facts.webhookAt !== null && at < facts.webhookAt) return { facts, refetch: true };
  // One seat or the whole group, and this variant has lost the seats that would say so (request-reschedule, CONTRACT 8).
  if (facts.seated && seen.status === 'CANCELLED') return { facts, refetch: true };
  const revives = ended(facts.status) && (seen.status === 'REQUESTED' || seen.status === 'CONFIRMED');
  if (revives) return { facts, refetch: true };
  const contradicts = seen.rescheduledToUid !== undefined && facts.toUid !== null && seen.rescheduledToUid !== facts.toUid;
  if (contradicts) return { facts, refetch: true };

  const ends = ended(seen.status ?? null);
  const stamped: BookingFacts = {
    ...(ends && isDescribed(facts) ? facts : withDescription(facts, seen)),
    bookingId: seen.bookingId ?? facts.bookingId,
    status: seen.status ?? facts.status,
    cancellationReason: seen.cancellationReason ?? facts.cancellationReason,
    fromUid: facts.fromUid ?? seen.rescheduledFromUid ?? null,
    toUid: facts.toUid ?? seen.rescheduledToUid ?? null,
    webhookAt: at ?? facts.webhookAt,
    webhookObservedAt: seen.observedAt,
  };
  return { facts: stamped, refetch: false };
}

function ended(status: BookingStatus | null): boolean {
  return status === 'CANCELLED' || status === 'DECLINED' || status === 'MOVED';
}

/** Meetings and absences are said beside the booking, not of it. */
function speaksOfBooking(seen: BookingObservation): boolean {
  return seen.status !== undefined || seen.startsAt !== undefined || seen.attendees !== undefined || seen.rescheduledToUid !== undefined;
}

function withWebhookOnlyFacts(facts: BookingFacts, seen: BookingObservation): BookingFacts {
  return {
    ...facts,
    rejectionReason: seen.rejectionReason ?? facts.rejectionReason,
    // PAID is the end of it: a late PENDING does not take it back.
    payment: facts.payment === 'PAID' ? 'PAID' : (seen.payment ?? facts.payment),
    meetingStartedAt: seen.meetingStartedAt ?? facts.meetingStartedAt,
    meetingEndedAt: seen.meetingEndedAt ?? facts.meetingEndedAt,
  };
}

function absences(facts: BookingFacts, seen: BookingObservation): MergeOutcome {
  if (seen.absences === undefined) return { facts, refetch: false };
  const said = new Map(seen.absences.map((absence) => [absence.email.toLowerCase(), absence.absent]));
  const attendees = facts.attendees.map((attendee) => ({ ...attendee, absent: said.get(attendee.email ?? '') ?? attendee.absent }));
  // The event carries no order against `updatedAt`, which absences do not move: the API has the last word.
  return { facts: { ...facts, attendees }, refetch: true };
}

function withDescription(facts: BookingFacts, seen: BookingObservation): BookingFacts {
  return {
    ...facts,
    startsAt: seen.startsAt ?? facts.startsAt,
    endsAt: seen.endsAt ?? facts.endsAt,
    eventTypeId: seen.eventTypeId ?? facts.eventTypeId,
    eventTypeSlug: seen.eventTypeSlug ?? facts.eventTypeSlug,
    title: seen.title ?? facts.title,
    description: seen.description === undefined ? facts.description : seen.description,
    reason: seen.reason === undefined ? facts.reason : seen.reason,
    location: seen.location === undefined ? facts.location : seen.location,
    metadata: seen.metadata ?? facts.metadata,
    reschedulingReason: seen.reschedulingReason === undefined ? facts.reschedulingReason : seen.reschedulingReason,
    hosts: mergeHosts(facts.hosts, seen.hosts),
    attendees: mergeAttendees(facts, seen),
    guests: seen.guests ?? facts.guests,
    seated: facts.seated || seen.seated === true,
    seriesId: seen.seriesId ?? facts.seriesId,
    icsUid: seen.icsUid ?? facts.icsUid,
    createdAt: seen.createdAt ?? facts.createdAt,
  };
}

/** A webhook names the organizer alone; with the same organizer the fuller list from the API stays. */
function mergeHosts(known: BookingHost[], said: BookingHost[] | undefined): BookingHost[] {
  const organizer = said?.[0];
  if (said === undefined || organizer === undefined) return known;
  const same = known[0] !== undefined && known[0].calcomUserId === organizer.calcomUserId && known[0].email === organizer.email;
  return same ? known : said;
}

function mergeAttendees(facts: BookingFacts, seen: BookingObservation): FactAttendee[] {
  if (seen.attendees === undefined) return facts.attendees;
  const seated = facts.seated || seen.seated === true;
  if (!seated) {
    const absent = new Set(facts.attendees.filter((attendee) => attendee.absent).map((attendee) => attendee.email));
    return seen.attendees.map((attendee) => ({ ...attendee, absent: attendee.absent ?? absent.has(attendee.email) }));
  }
  // A seated webhook carries only the person concerned; without a seat it cannot be told apart: the refetch will.
  const attendees = [...facts.attendees];
  for (const attendee of seen.attendees) {
    if (attendee.seatUid === null) continue;
    const at = attendees.findIndex((known) => known.seatUid === attendee.seatUid);
    const absent = attendee.absent ?? attendees[at]?.absent ?? false;
    if (at < 0) attendees.push({ ...attendee, absent });
    else attendees[at] = { ...attendees[at], ...attendee, absent };
  }
  return attendees;
}
