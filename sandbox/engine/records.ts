/**
 * The rows the imitated server keeps, named after Cal.com's own columns. Instants are Unix milliseconds.
 * Rows are never changed in place: a write puts a new row (see `store.ts`).
 */

export interface UserRow {
  id: number;
  username: string;
  name: string;
  email: string;
  timeZone: string;
  timeFormat: 12 | 24;
  weekStart: string;
  defaultScheduleId: number;
  /** The whole `cal_…` key; a sandbox key opens nothing else. */
  apiKey: string;
}

/** Day names in English, times `HH:mm` on the wall clock of the schedule's zone. */
export interface AvailabilityRule {
  days: string[];
  startTime: string;
  endTime: string;
}

export interface ScheduleOverride {
  /** `YYYY-MM-DD` in the schedule's zone. */
  date: string;
  startTime: string;
  endTime: string;
}

export interface ScheduleRow {
  id: number;
  ownerId: number;
  name: string;
  timeZone: string;
  availability: AvailabilityRule[];
  overrides: ScheduleOverride[];
}

/** As API version 2024-06-14 spells it: `address`, `link`, `phone`, `integration`, `attendeePhone` … */
export type EventTypeLocation = { type: string } & Record<string, string | boolean>;

export interface CustomField {
  type: string;
  slug: string;
  label: string;
  required: boolean;
  placeholder?: string;
  options?: string[];
}

export type BookingWindow =
  | { disabled: true }
  | { type: 'calendarDays' | 'businessDays'; value: number; rolling: boolean }
  | { type: 'range'; value: [string, string] };

export interface Recurrence {
  interval: number;
  occurrences: number;
  frequency: 'weekly' | 'monthly' | 'yearly';
}

export interface Seats {
  seatsPerTimeSlot: number;
  showAttendeeInfo: boolean;
  showAvailabilityCount: boolean;
}

export interface EventTypeRow {
  id: number;
  ownerId: number;
  slug: string;
  title: string;
  description: string;
  /** Minutes. */
  length: number;
  lengthOptions: number[] | null;
  locations: EventTypeLocation[];
  customFields: CustomField[];
  recurrence: Recurrence | null;
  slotInterval: number | null;
  /** Minutes, as the two buffers. */
  minimumBookingNotice: number;
  beforeEventBuffer: number;
  afterEventBuffer: number;
  requiresConfirmation: boolean;
  blockUnconfirmed: boolean;
  seats: Seats | null;
  bookingWindow: BookingWindow;
  hidden: boolean;
  disableGuests: boolean;
  scheduleId: number | null;
  price: number;
  currency: string;
  /** Who may take a booking over, when the event type is shared; slots and the choice of a host are not imitated. */
  roundRobinHosts?: number[];
}

export type BookingState = 'ACCEPTED' | 'PENDING' | 'CANCELLED' | 'REJECTED' | 'AWAITING_HOST';
export type Metadata = Record<string, string | number | boolean>;
export type FieldResponses = Record<string, unknown>;

export interface Seat {
  /** uuid; `attendeeSeatId` in webhooks. */
  uid: string;
  responses: FieldResponses;
  metadata: Metadata;
}

export interface AttendeeRow {
  id: number;
  name: string;
  email: string;
  phoneNumber: string | null;
  timeZone: string;
  locale: string;
  noShow: boolean;
  seat: Seat | null;
}

export interface BookingRow {
  id: number;
  uid: string;
  idempotencyKey: string;
  /** The organizer. */
  userId: number;
  /** Null once the event type was deleted (MEASURED 360, 361). */
  eventTypeId: number | null;
  title: string;
  description: string | null;
  startTime: number;
  endTime: number;
  status: BookingState;
  location: string;
  attendees: AttendeeRow[];
  /** Null for seated bookings: there each seat has its own. */
  responses: FieldResponses | null;
  metadata: Metadata;
  /** Kept in `metadata` upstream; hidden from the API, visible in webhooks. */
  videoCallUrl: string | null;
  cancellationReason: string | null;
  cancelledBy: string | null;
  rejectionReason: string | null;
  /** True once it was replaced, or once its host asked for another time. */
  rescheduled: boolean;
  /** uid of the booking it replaces. */
  fromReschedule: string | null;
  rescheduledBy: string | null;
  recurringEventId: string | null;
  iCalUID: string;
  createdAt: number;
  updatedAt: number;
  absentHost: boolean;
  oneTimePassword: string | null;
  paid: boolean;
  paymentId: number | null;
}

export const TRIGGERS = [
  'BOOKING_CREATED',
  'BOOKING_PAYMENT_INITIATED',
  'BOOKING_PAID',
  'BOOKING_RESCHEDULED',
  'BOOKING_REQUESTED',
  'BOOKING_CANCELLED',
  'BOOKING_REJECTED',
  'BOOKING_NO_SHOW_UPDATED',
  'FORM_SUBMITTED',
  'MEETING_ENDED',
  'MEETING_STARTED',
  'RECORDING_READY',
  'INSTANT_MEETING',
  'RECORDING_TRANSCRIPTION_GENERATED',
  'OOO_CREATED',
  'AFTER_HOSTS_CAL_VIDEO_NO_SHOW',
  'AFTER_GUESTS_CAL_VIDEO_NO_SHOW',
  'FORM_SUBMITTED_NO_EVENT',
] as const;
export type Trigger = (typeof TRIGGERS)[number];

export interface WebhookRow {
  /** uuid. */
  id: string;
  /** Exactly one owner is set. */
  userId: number | null;
  eventTypeId: number | null;
  subscriberUrl: string;
  payloadTemplate: string | null;
  active: boolean;
  secret: string | null;
  triggers: Trigger[];
  createdAt: number;
}

export interface ReservationRow {
  uid: string;
  eventTypeId: number;
  slotStart: number;
  slotEnd: number;
  /** Instant at which it lapses. */
  until: number;
}

/** Time off that a host entered. */
export interface OutOfOfficeRow {
  id: number;
  uuid: string;
  userId: number;
  start: number;
  end: number;
  notes: string | null;
  createdAt: number;
  updatedAt: number;
}

/** A MEETING_STARTED or MEETING_ENDED that waits for its instant; the body is frozen at booking time (MEASURED "Webhooks"). */
export interface MeetingTriggerRow {
  key: string;
  bookingUid: string;
  webhookId: string;
  subscriberUrl: string;
  trigger: 'MEETING_STARTED' | 'MEETING_ENDED';
  dueAt: number;
  body: Record<string, unknown>;
}

/** Access to one user's account: what an OAuth client was granted, or a managed user's tokens. */
export interface GrantRow {
  id: string;
  kind: 'oauth' | 'managed';
  userId: number;
  /** `profile` opens `/v2/me` and no booking; `none` nothing of API v2, as the tokens of 5.6 do. */
  scope: 'all' | 'profile' | 'none';
  accessToken: string;
  accessEndsAt: number;
  refreshToken: string;
  revoked: boolean;
  refreshes: number;
}

/** A code that waits to be exchanged. */
export interface CodeRow {
  code: string;
  userId: number;
  redirectUri: string;
  /** S256; null when none was sent. */
  challenge: string | null;
  scope: GrantRow['scope'];
  endsAt: number;
}

/** Small facts about the sandbox itself: its seed, days already filled. */
export interface MarkRow {
  key: string;
  value: string;
}
