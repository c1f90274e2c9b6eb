/** What goes into a recording, and what comes of it. */
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId, BookingUid, UserId, WebhookEventId } from '../kernel/ids.ts';
import type { ChangeCause } from '../live/change-log.ts';

export interface RecordContext {
  cause: ChangeCause;
  actorId?: UserId | null;
  webhookEventId?: WebhookEventId | null;
  receivedAt?: Date | null;
  recordedAt?: Date | null;
  /** More to do in the same transaction, last: marking the inbox row processed. */
  alongside?: (tx: Transaction, result: RecordResult) => Promise<void>;
}

export interface RecordResult {
  /** Of each observation, in its order; null where its booking is not (yet) an appointment. */
  appointmentIds: (AppointmentId | null)[];
  /** Whose time it is about: organizers and other hosts, of before and now. */
  clinicians: UserId[];
  /** Rows of the log written. Zero: everything was known. */
  changes: number;
  /** Bookings that must be read from the API to know the truth. */
  refetch: BookingUid[];
  /** The organizer is nobody of ours: nothing was stored. */
  waitingForHost: boolean;
}
