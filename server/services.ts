/**
 * What the composition root (gateway.ts) hands to the edges: every use case and store, by the part that offers it.
 * Interfaces only; each part implements its own and nothing here runs.
 */
import type pg from 'pg';
import type { AppointmentFilter, AppointmentRow, AppointmentStore } from './appointments/appointment-store.ts';
import type { CareState, ConsultationType } from './appointments/appointment.ts';
import type { BookingWarning } from './appointments/booking-warning.ts';
import type { Failure } from './appointments/failure.ts';
import type { Viewer } from './auth/viewer.ts';
import type { Config } from './config.ts';
import type { ConnectionDesk } from './connection/connection-desk.ts';
import type { EventTypeDesk } from './event-types/event-type-desk.ts';
import type { PrismaClient } from './generated/prisma/client.ts';
import type { InstanceDesk } from './instance/instance-desk.ts';
import type { Clock } from './kernel/clock.ts';
import type { AppointmentId, EventTypeId, UserId } from './kernel/ids.ts';
import type { Log } from './kernel/log.ts';
import type { Result } from './kernel/result.ts';
import type { ChangeCause, ChangeKind, ChangeSnapshot, LogPosition } from './live/change-log.ts';
import type { UpdateSource } from './live/update-queue.ts';
import type { ReconciliationDesk } from './reconciliation/reconciliation-desk.ts';
import type { ScheduleDesk } from './schedules/schedule-desk.ts';
import type { SlotList } from './slots/slot.ts';
import type { DeliveryDesk } from './telemetry/delivery-desk.ts';

export interface Services {
  config: Config;
  clock: Clock;
  log: Log;
  pool: pg.Pool;
  prisma: PrismaClient;
  appointments: AppointmentStore;
  care: CareDoor;
  links: LinkDesk;
  bookings: BookingDesk;
  slots: SlotDesk;
  eventTypes: EventTypeDesk;
  schedules: ScheduleDesk;
  live: LiveDesk;
  /** How long changes take from Cal.com to the screens. */
  deliveries: DeliveryDesk;
  connections: ConnectionDesk;
  /** The Cal.com in use: what it can do, and what is wrong with it. */
  instance: InstanceDesk;
  reconciliation: ReconciliationDesk;
}

/** Viewer and the id of the HTTP request or socket operation, for the log and the audit trail. */
export interface Caller {
  viewer: Viewer;
  requestId: string;
}

export interface CareDoor {
  set(
    caller: Caller,
    input: { appointmentId: AppointmentId; participantId: string | null; careState: CareState; expectedVersion: number | null },
  ): Promise<Result<AppointmentRow, Failure>>;
}

/** Who takes part, as staff say it. `participantId` is a row id. */
export interface LinkDesk {
  link(
    caller: Caller,
    input: { appointmentId: AppointmentId; participantId: string; patientId: UserId },
  ): Promise<Result<AppointmentRow, Failure>>;
  unlink(caller: Caller, input: { appointmentId: AppointmentId; participantId: string }): Promise<Result<AppointmentRow, Failure>>;
}

export interface BookInput {
  clientMutationKey: string;
  eventTypeId: EventTypeId;
  startsAt: Date;
  timeZone: string;
  durationMinutes: number | null;
  consultationType: ConsultationType | null;
  patientId: UserId | null;
  attendee: { name: string; email: string | null; phone: string | null } | null;
  guests: string[];
  phone: string | null;
  locale: string | null;
  reason: string | null;
  recurrenceCount: number | null;
  holdId: string | null;
  fields: { slug: string; value: string }[];
}

/** Done; `warnings` is what the person should know besides. */
export interface Booked {
  /** One, or those of a series, by start. */
  appointments: AppointmentRow[];
  warnings: BookingWarning[];
}

export interface Changed {
  appointment: AppointmentRow;
  warnings: BookingWarning[];
}

/** What every change of one appointment is asked with. */
export interface ChangeInput {
  clientMutationKey: string;
  appointmentId: AppointmentId;
  expectedVersion: number | null;
}

export interface RescheduleInput extends ChangeInput {
  startsAt: Date;
  reason: string | null;
  holdId: string | null;
  /** Row id. Of a group visit, staff move this person alone; null: the own seat of a patient, the whole group for staff. */
  participantId: string | null;
}

export interface CancelInput extends ChangeInput {
  reason: string | null;
  /** Also every later visit of the series. */
  wholeSeries: boolean;
  /** As in `RescheduleInput`. */
  participantId: string | null;
}

export interface NoShowInput extends ChangeInput {
  /** Row id; needed on a group visit. */
  participantId: string | null;
  /** False takes it back. */
  absent: boolean;
}

export interface ReassignInput extends ChangeInput {
  clinicianId: UserId;
  reason: string | null;
}

/** Everything that asks Cal.com to change a booking. Each key of a mutation is honoured as SCHEMA "Mutation keys" says. */
export interface BookingDesk {
  book(caller: Caller, input: BookInput): Promise<Result<Booked, Failure>>;
  reschedule(caller: Caller, input: RescheduleInput): Promise<Result<Changed, Failure>>;
  cancel(caller: Caller, input: CancelInput): Promise<Result<Changed, Failure>>;
  confirm(caller: Caller, input: ChangeInput): Promise<Result<Changed, Failure>>;
  decline(caller: Caller, input: ChangeInput & { reason: string | null }): Promise<Result<Changed, Failure>>;
  markNoShow(caller: Caller, input: NoShowInput): Promise<Result<Changed, Failure>>;
  reassign(caller: Caller, input: ReassignInput): Promise<Result<Changed, Failure>>;
}

export interface SlotQuery {
  eventTypeId: EventTypeId;
  from: Date;
  to: Date;
  timeZone: string | null;
  durationMinutes: number | null;
  /** The appointment being moved: its own time counts as free. */
  rescheduling: AppointmentId | null;
  holdId: string | null;
}

export interface SlotDesk {
  /** Identical queries at the same moment cause one upstream call. Anonymous viewers may look at slots of visible event types. */
  find(viewer: Viewer | null, query: SlotQuery): Promise<Result<SlotList, Failure>>;
  hold(
    caller: Caller,
    input: { eventTypeId: EventTypeId; startsAt: Date; durationMinutes: number | null },
  ): Promise<Result<{ id: string; startsAt: Date; endsAt: Date; expiresAt: Date }, Failure>>;
  release(caller: Caller, input: { holdId: string }): Promise<Result<{ id: string }, Failure>>;
}

export interface LiveFilter {
  clinicianIds?: string[];
  patientId?: string;
  statuses?: string[];
  careStates?: string[];
  eventTypeIds?: number[];
  startsAfter?: Date;
  startsBefore?: Date;
}

export type LiveKind = ChangeKind | 'LEFT_FILTER' | 'REMOVED' | 'POSITION' | 'RESYNC';

/** One event of the stream, before GraphQL selects from it. */
export interface LiveUpdate {
  kind: LiveKind;
  cursor: string;
  appointmentId: AppointmentId | null;
  version: number | null;
  appointment: AppointmentRow | null;
  changedFields: string[];
  previous: ChangeSnapshot | null;
  cause: ChangeCause | null;
  trace: { receivedAt: Date | null; recordedAt: Date | null; appliedAt: Date; publishedAt: Date } | null;
}

export interface LiveDesk {
  /**
   * The stream of one subscriber, as ARCHITECTURE "The subscription" says. A malformed cursor is a failure;
   * one that the log no longer reaches makes RESYNC the first event.
   */
  subscribe(viewer: Viewer, filter: LiveFilter, since: string | null): Result<UpdateSource, { code: 'BAD_CURSOR'; message: string }>;
  /** The opaque, signed form of a position in the log. */
  cursor(position: LogPosition): string;
  /** Rings the bell: something new is in the log. Cheap, may be lost without harm. */
  ring(): void;
}

export type { AppointmentFilter };
