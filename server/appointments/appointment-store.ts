/** Reads of appointments. (Filled in by the lead; the types are fixed.) */
import type { AppointmentId, UserId } from '../kernel/ids.ts';
import type { LogPosition } from '../live/change-log.ts';
import type { AppointmentStatus, CareState, ConsultationType } from './appointment.ts';

/** A person as joined to an appointment: the columns of `User` that may be shown. */
export interface PersonRow {
  id: string;
  role: string;
  name: string;
  email: string | null;
  phone: string | null;
  timezone: string;
  locale: string;
  disabledAt: Date | null;
}

export interface EventTypeRow {
  id: number;
  clinicianId: string;
  slug: string;
  title: string;
  description: string | null;
  durationMinutes: number;
  durationOptions: number[];
  consultationTypes: ConsultationType[];
  requiresConfirmation: boolean;
  hidden: boolean;
  seats: number | null;
  recurring: boolean;
}

export interface HostRow {
  userId: UserId | null;
  name: string;
  organizer: boolean;
}

export interface ParticipantRow {
  id: string;
  userId: UserId | null;
  seatUid: string | null;
  name: string;
  email: string | null;
  phone: string | null;
  timeZone: string;
  careState: CareState | null;
  careChangedAt: Date | null;
  absent: boolean;
  state: 'ACTIVE' | 'CANCELLED' | 'MOVED';
}

/** One appointment with everything the schema shows; one SQL statement yields any number of them. */
export interface AppointmentRow {
  id: AppointmentId;
  version: number;
  bookingUid: string;
  bookingId: number | null;
  eventTypeId: number | null;
  metadata: Record<string, unknown> | null;
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
  status: AppointmentStatus;
  careState: CareState | null;
  careChangedAt: Date | null;
  consultationType: ConsultationType;
  title: string;
  description: string | null;
  reason: string | null;
  location: string | null;
  cancellationReason: string | null;
  rejectionReason: string | null;
  seated: boolean;
  hasConflict: boolean;
  seriesId: string | null;
  createdAt: Date;
  updatedAt: Date;
  clinician: PersonRow | null;
  patient: PersonRow | null;
  eventType: EventTypeRow | null;
  hosts: HostRow[];
  participants: ParticipantRow[];
}

/** Which rows a viewer may see at all; made by `auth/authorize` (`appointmentScope`), required by every read. */
export type AppointmentScope =
  | { all: true }
  | { hostId: UserId }
  | { patientId: UserId }
  | { none: true };

export interface AppointmentFilter {
  clinicianIds?: string[];
  patientId?: string;
  statuses?: AppointmentStatus[];
  careStates?: CareState[];
  eventTypeIds?: number[];
  startsAfter?: Date;
  startsBefore?: Date;
  updatedSince?: Date;
  /** Literal text of at least 2 characters, staff only. */
  search?: string;
}

export interface AppointmentPageRequest {
  filter: AppointmentFilter;
  orderBy: { field: 'STARTS_AT' | 'UPDATED_AT'; direction: 'ASC' | 'DESC' };
  /** Exactly one of first and last, 1..100. */
  first?: number;
  last?: number;
  /** Opaque keyset cursors made by `edgeCursor`. */
  after?: string;
  before?: string;
}

export interface AppointmentPage {
  rows: AppointmentRow[];
  /** Cursor of each row, same order. */
  cursors: string[];
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  /** Where the log stood in the snapshot the rows were read in. */
  changePosition: LogPosition;
}

export interface AppointmentStore {
  page(scope: AppointmentScope, request: AppointmentPageRequest): Promise<AppointmentPage>;
  count(scope: AppointmentScope, filter: AppointmentFilter): Promise<number>;
  /** Rows in the order asked, null where unknown or not in scope; merged ids answer with the winner. */
  byIds(scope: AppointmentScope, ids: readonly AppointmentId[]): Promise<(AppointmentRow | null)[]>;
  /** The log of one appointment (and of those merged into it), newest first. */
  history(scope: AppointmentScope, id: AppointmentId, first: number, after: string | null): Promise<HistoryPage | null>;
}

export interface HistoryEntry {
  cursor: string;
  kind: string;
  version: number;
  changedFields: string[];
  cause: string;
  actorId: UserId | null;
  at: Date;
  before: import('../live/change-log.ts').ChangeSnapshot | null;
  after: import('../live/change-log.ts').ChangeSnapshot;
  /** For admins only. */
  bookingUid: string;
}

export interface HistoryPage {
  entries: HistoryEntry[];
  hasNextPage: boolean;
}
