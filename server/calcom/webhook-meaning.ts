/**
 * What one webhook says about bookings (CONTRACT 8 and 9, MEASURED "Webhooks"). Pure: the body in, observations out.
 * A field that a variant has lost or shows differently is left unsaid rather than guessed.
 */
import type { z } from 'zod';
import { bookingUid, type BookingUid } from '../kernel/ids.ts';
import { unreachable } from '../kernel/result.ts';
import type { BookingAttendee, BookingHost, BookingObservation, BookingStatus } from './booking.ts';
import { ourMetadata, reasonFrom, splitGuests } from './booking-words.ts';
import {
  addressOfEvent,
  endedBookingPayload,
  envelope,
  isKnownTrigger,
  meetingRow,
  newBookingPayload,
  noShowPayload,
  paidPayload,
  timeOffPayload,
  type BookingPayload,
  type KnownTrigger,
  type WebhookAttendee,
} from './webhook-contract.ts';
import { withoutSecrets } from './webhook-secrets.ts';

export interface WebhookReading {
  triggerEvent: string | null;
  /** `createdAt` of the envelope, Unix ms; null on flat bodies, whose `createdAt` is the booking's. */
  sentAt: number | null;
  bookingUid: BookingUid | null;
  /** Our own request id, when the booking was made through us and the variant still has its metadata. */
  requestId: string | null;
  hostCalcomId: number | null;
  /** Lower case. */
  hostEmail: string | null;
  meaning: WebhookMeaning;
  /** The body with secrets stripped, for storing. */
  stripped: unknown;
}

export type WebhookMeaning =
  | {
      kind: 'BOOKING';
      observations: BookingObservation[];
      /** Must be read from the API to know the truth. */
      refetch: BookingUid[];
      /** One event stood for a whole series: every booking of this one's series must be read. */
      refetchSeriesOf: BookingUid | null;
    }
  /** A host is away: new, or changed since. */
  | { kind: 'TIME_OFF'; timeOff: HostTimeOff }
  | { kind: 'IGNORED'; reason: 'UNKNOWN_TRIGGER' | 'NOT_ABOUT_AN_APPOINTMENT' }
  /** Paths and codes only, no values. */
  | { kind: 'INVALID'; problem: string };

/** Instants are Unix ms. */
export interface HostTimeOff {
  /** Cal.com's id of the entry: the same when it is changed later. */
  upstreamUid: string;
  startsAt: number;
  endsAt: number;
  /** When it was changed at Cal.com. */
  upstreamAt: number;
  host: { calcomUserId: number | null; email: string | null };
}

/** Reads a body that was verified and parsed as JSON. Never throws. `receivedAt` is Unix ms of our clock. */
export function readWebhook(json: unknown, receivedAt: number): WebhookReading {
  const stripped = withoutSecrets(json);
  const head = envelope.safeParse(json);
  if (!head.success) {
    const nothing = { triggerEvent: null, sentAt: null, bookingUid: null, requestId: null, hostCalcomId: null, hostEmail: null };
    return { ...nothing, meaning: invalid(head.error), stripped };
  }
  const { triggerEvent } = head.data;
  const enveloped = payloadOf(json);
  const payload = enveloped ?? json;
  const sentAt = enveloped === undefined ? null : (head.data.createdAt ?? null);
  const meaning: WebhookMeaning = isKnownTrigger(triggerEvent)
    ? meaningOf(triggerEvent, payload, { source: 'WEBHOOK', observedAt: receivedAt, upstreamAt: sentAt })
    : { kind: 'IGNORED', reason: 'UNKNOWN_TRIGGER' };
  return { triggerEvent, sentAt, ...address(payload), meaning, stripped };
}

function payloadOf(json: unknown): unknown {
  return typeof json === 'object' && json !== null && 'payload' in json ? json.payload : undefined;
}

function address(payload: unknown): Pick<WebhookReading, 'bookingUid' | 'requestId' | 'hostCalcomId' | 'hostEmail'> {
  const found = addressOfEvent.safeParse(payload);
  if (!found.success) return { bookingUid: null, requestId: null, hostCalcomId: null, hostEmail: null };
  const { data } = found;
  const uid = data.uid ?? data.bookingUid;
  const away = data.oooEntry?.user;
  const email = data.organizer?.email ?? data.user?.email ?? data.userPrimaryEmail ?? data.hostEmail ?? away?.email;
  return {
    bookingUid: uid === undefined ? null : bookingUid(uid),
    requestId: data.metadata?.fintanRequestId ?? null,
    hostCalcomId: data.organizer?.id ?? data.userId ?? away?.id ?? null,
    hostEmail: email?.toLowerCase() ?? null,
  };
}

type Origin = Pick<BookingObservation, 'source' | 'observedAt' | 'upstreamAt'>;

function meaningOf(trigger: KnownTrigger, payload: unknown, origin: Origin): WebhookMeaning {
  switch (trigger) {
    case 'BOOKING_CREATED':
      return reading(newBookingPayload, payload, (booking) => created(booking, origin));
    case 'BOOKING_REQUESTED':
      return reading(newBookingPayload, payload, (booking) => requested(booking, origin));
    case 'BOOKING_RESCHEDULED':
      return reading(newBookingPayload, payload, (booking) => rescheduled(booking, origin));
    case 'BOOKING_PAYMENT_INITIATED':
      return reading(newBookingPayload, payload, (booking) => paymentInitiated(booking, origin));
    case 'BOOKING_PAID':
      return reading(paidPayload, payload, ({ uid }) =>
        saying([{ ...origin, uid: bookingUid(uid), payment: 'PAID' }], { refetch: [bookingUid(uid)] }),
      );
    case 'BOOKING_CANCELLED':
      return reading(endedBookingPayload, payload, (booking) => cancelled(booking, origin));
    case 'BOOKING_REJECTED':
      return reading(endedBookingPayload, payload, (booking) => rejected(booking, origin));
    case 'BOOKING_NO_SHOW_UPDATED':
      return reading(noShowPayload, payload, (update) => {
        const absences = update.attendees.map((one) => ({ email: one.email.toLowerCase(), absent: one.noShow }));
        return saying([{ ...origin, uid: bookingUid(update.bookingUid), absences }]);
      });
    case 'MEETING_STARTED':
      return reading(meetingRow, payload, (row) => saying([{ ...origin, uid: bookingUid(row.uid), meetingStartedAt: row.startTime }]));
    case 'MEETING_ENDED':
      return reading(meetingRow, payload, (row) => saying([{ ...origin, uid: bookingUid(row.uid), meetingEndedAt: row.endTime }]));
    case 'OOO_CREATED':
      return reading(timeOffPayload, payload, ({ oooEntry }) => timeOff(oooEntry, origin));
    case 'FORM_SUBMITTED':
    case 'FORM_SUBMITTED_NO_EVENT':
    case 'RECORDING_READY':
    case 'RECORDING_TRANSCRIPTION_GENERATED':
    case 'INSTANT_MEETING':
    case 'AFTER_HOSTS_CAL_VIDEO_NO_SHOW':
    case 'AFTER_GUESTS_CAL_VIDEO_NO_SHOW':
    case 'PING':
      return { kind: 'IGNORED', reason: 'NOT_ABOUT_AN_APPOINTMENT' };
    default:
      return unreachable(trigger);
  }
}

/**
 * Direct, or after approval. The latter is built elsewhere: it has lost our metadata, the notes and the calendar uid,
 * and a reschedule that was approved no longer names its predecessor.
 */
function created(booking: BookingPayload, origin: Origin): WebhookMeaning {
  if (isSeated(booking)) return seat(booking, statusOf(booking, 'CONFIRMED'), origin);
  const said = whole(booking, origin);
  const status = statusOf(booking, 'CONFIRMED');
  const observation: BookingObservation = booking.iCalUID === undefined ? withoutLostFacts(said) : said;
  return withStatus(observation, status, booking);
}

/** Also a reschedule that needs approval: the only event that tells that the earlier booking is gone (MEASURED 304-306). */
function requested(booking: BookingPayload, origin: Origin): WebhookMeaning {
  if (isSeated(booking)) return booking.rescheduleUid === undefined ? seat(booking, 'REQUESTED', origin) : movedSeat(booking);
  return saying([{ ...whole(booking, origin), status: 'REQUESTED', ...predecessor(booking) }, ...movedAway(booking, origin)], {
    refetchSeriesOf: seriesOf(booking),
  });
}

function rescheduled(booking: BookingPayload, origin: Origin): WebhookMeaning {
  if (isSeated(booking)) return movedSeat(booking);
  const said = { ...whole(booking, origin), ...predecessor(booking) };
  const meaning = withStatus(said, statusOf(booking, 'CONFIRMED'), booking);
  return { ...meaning, observations: [...meaning.observations, ...movedAway(booking, origin)] };
}

/** Its status says ACCEPTED although the booking waits for the money. */
function paymentInitiated(booking: BookingPayload, origin: Origin): WebhookMeaning {
  if (isSeated(booking)) return seat(booking, undefined, origin);
  return saying([{ ...whole(booking, origin), status: 'REQUESTED', payment: 'PENDING' }], { refetchSeriesOf: seriesOf(booking) });
}

/** With seats it may mean one person or all of them, and the payload does not tell which. */
function cancelled(booking: BookingPayload, origin: Origin): WebhookMeaning {
  if (isSeated(booking)) return saying([], { refetch: [bookingUid(booking.uid)] });
  const observation: BookingObservation = {
    ...ended(booking, origin),
    status: 'CANCELLED',
    cancellationReason: textOrNull(booking.cancellationReason),
  };
  const refetch = organizerHasId(booking) ? [] : [observation.uid];
  return saying([observation], { refetch, refetchSeriesOf: seriesOf(booking) });
}

function rejected(booking: BookingPayload, origin: Origin): WebhookMeaning {
  const rejectionReason = textOrNull(booking.rejectionReason);
  const uid = bookingUid(booking.uid);
  if (isSeated(booking))
    return saying([{ ...origin, uid, seated: true, status: 'DECLINED', rejectionReason }], { refetch: [uid], refetchSeriesOf: null });
  return saying([{ ...ended(booking, origin), status: 'DECLINED', rejectionReason }], { refetchSeriesOf: seriesOf(booking) });
}

/** One person of a group. The title names the first person and the metadata may mix two, so neither is said. */
function seat(booking: BookingPayload, status: BookingStatus | undefined, origin: Origin): WebhookMeaning {
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
function movedSeat(booking: BookingPayload): WebhookMeaning {
  const from = booking.rescheduleUid;
  const refetch = [bookingUid(booking.uid)];
  if (from !== undefined && from !== booking.attendeeSeatId && from !== booking.uid) refetch.push(bookingUid(from));
  return saying([], { refetch });
}

/** Its end is the last second of the last day; "also on update" has the same uuid and a later `updatedAt`. */
function timeOff({ uuid, start, end, updatedAt, user }: z.output<typeof timeOffPayload>['oooEntry'], origin: Origin): WebhookMeaning {
  if (end <= start) return { kind: 'INVALID', problem: 'oooEntry.end: before its start' };
  const host = { calcomUserId: user.id ?? null, email: user.email?.toLowerCase() ?? null };
  const upstreamAt = updatedAt ?? origin.upstreamAt ?? origin.observedAt;
  return { kind: 'TIME_OFF', timeOff: { upstreamUid: uuid, startsAt: start, endsAt: end, upstreamAt, host } };
}

function isSeated(booking: BookingPayload): boolean {
  return booking.seatsPerTimeSlot !== undefined || booking.attendeeSeatId !== undefined;
}

function seriesOf(booking: BookingPayload): BookingUid | null {
  return booking.recurringEvent === undefined ? null : bookingUid(booking.uid);
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

/** Everything the usual payload says, without status and chain. `length` is never read: CANCELLED shows the type's default (138). */
function whole(booking: BookingPayload, origin: Origin): BookingObservation {
  const listed = stringsIn(booking.responses?.guests?.value).concat(booking.guests ?? []);
  const people = booking.attendees === undefined ? undefined : splitGuests(booking.attendees.map(attendeeOf), listed);
  return {
    ...origin,
    uid: bookingUid(booking.uid),
    ...said('bookingId', booking.bookingId),
    ...said('startsAt', booking.startTime),
    ...said('endsAt', booking.endTime),
    ...said('eventTypeId', booking.eventTypeId),
    ...said('eventTypeSlug', booking.type),
    ...said('title', booking.title),
    ...said('description', booking.additionalNotes),
    ...said('reason', booking.responses === undefined ? undefined : reasonFrom(answersIn(booking.responses))),
    ...said('reschedulingReason', textIn(booking.responses?.rescheduleReason?.value)),
    ...said('location', booking.location),
    ...said('metadata', booking.metadata === undefined ? undefined : ourMetadata(booking.metadata)),
    ...said('hosts', hostsOf(booking)),
    ...said('attendees', people?.attendees),
    ...said('guests', people?.guests),
    ...said('icsUid', booking.iCalUID),
    seated: false,
  };
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

function organizerHasId(booking: BookingPayload): boolean {
  return booking.organizer?.id !== undefined;
}

function withoutLostFacts(said: BookingObservation): BookingObservation {
  const { metadata: _metadata, reason: _reason, description: _description, reschedulingReason: _moved, ...kept } = said;
  return withoutRawLocation(kept);
}

/** `integrations:daily` and its like once had become a link; falling back to the raw word would undo that. */
function withoutRawLocation(said: BookingObservation): BookingObservation {
  if (said.location === undefined || (said.location !== null && !said.location.startsWith('integrations:'))) return said;
  const { location: _location, ...kept } = said;
  return kept;
}

function hostsOf(booking: BookingPayload): BookingHost[] | undefined {
  if (booking.organizer === undefined) return undefined;
  const organizer = booking.organizer;
  const others = (booking.team?.members ?? []).filter((member) => member.id !== undefined && member.id !== organizer.id);
  return [organizer, ...others].map((host) => ({
    calcomUserId: host.id ?? null,
    name: host.name ?? '',
    email: host.email?.toLowerCase() ?? null,
    timeZone: host.timeZone ?? null,
  }));
}

function attendeeOf(attendee: WebhookAttendee): BookingAttendee {
  return {
    seatUid: null,
    name: attendee.name ?? '',
    email: attendee.email?.toLowerCase() ?? null,
    phone: textOrNull(attendee.phoneNumber),
    timeZone: attendee.timeZone ?? 'UTC',
    locale: attendee.language?.locale ?? attendee.locale ?? null,
  };
}

function answersIn(responses: NonNullable<BookingPayload['responses']>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(responses).map(([slug, answer]) => [slug, answer.value]));
}

function stringsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** `{ key: value }`, or nothing when the source did not say. */
function said<Key extends keyof BookingObservation>(key: Key, value: BookingObservation[Key] | undefined): Partial<BookingObservation> {
  return value === undefined ? {} : { [key]: value };
}

type Saying = Extract<WebhookMeaning, { kind: 'BOOKING' }>;

function saying(observations: BookingObservation[], and: { refetch?: BookingUid[]; refetchSeriesOf?: BookingUid | null } = {}): Saying {
  return { kind: 'BOOKING', observations, refetch: and.refetch ?? [], refetchSeriesOf: and.refetchSeriesOf ?? null };
}

function reading<Schema extends z.ZodType>(
  schema: Schema,
  payload: unknown,
  means: (value: z.output<Schema>) => WebhookMeaning,
): WebhookMeaning {
  const parsed = schema.safeParse(payload);
  return parsed.success ? means(parsed.data) : invalid(parsed.error);
}

function invalid(error: z.ZodError): WebhookMeaning {
  const problems = error.issues.slice(0, 5).map((issue) => `${issue.path.map(String).join('.') || '(body)'}: ${issue.code}`);
  return { kind: 'INVALID', problem: problems.join(', ') };
}
