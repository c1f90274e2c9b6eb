/** One live change as a person should hear of it: facts only, words are made where the language is known. */
import type { AppointmentUpdateKind, AppointmentStatus, CareState, LiveUpdatesSubscription } from '../generated/graphql.ts';
import type { ClockReading } from './server-clock.ts';

export type LiveUpdate = LiveUpdatesSubscription['appointmentUpdated'];

export interface AppointmentChange {
  appointmentId: string;
  version: number;
  kind: AppointmentUpdateKind;
  previous: { startsAt: string; status: AppointmentStatus; careState: CareState | null } | null;
  changedFields: readonly string[];
  /** Unix milliseconds when it was shown here. */
  shownAt: number;
  /** From Cal.com's webhook at our door to this screen; null when no webhook caused it, or it was replayed after an absence. */
  latencyMs: number | null;
  /** It happened while this screen was away. */
  replayed: boolean;
}

export interface Shown {
  /** This device's clock, Unix ms. */
  now: number;
  /** It happened while this screen was away. */
  replayed: boolean;
  clock: ClockReading | null;
}

export function changeOf(update: LiveUpdate, { now, replayed, clock }: Shown): AppointmentChange | null {
  if (update.appointmentId == null || update.version == null) return null;
  return {
    appointmentId: update.appointment?.id ?? update.appointmentId,
    version: update.version,
    kind: update.kind,
    previous:
      update.previous == null
        ? null
        : { startsAt: update.previous.startsAt, status: update.previous.status, careState: update.previous.careState ?? null },
    changedFields: update.changedFields,
    shownAt: now,
    latencyMs: replayed ? null : latency(update.trace ?? null, now, clock),
    replayed,
  };
}

/** To the screen by the gateway's clock; while that is not known, to the moment the gateway sent it. Null: no webhook caused it. */
export function latency(
  trace: { receivedAt?: string | null; publishedAt: string } | null,
  now: number,
  clock: ClockReading | null,
): number | null {
  if (trace?.receivedAt == null) return null;
  const received = Date.parse(trace.receivedAt);
  const inGateway = Date.parse(trace.publishedAt) - received;
  return clock === null ? inGateway : Math.max(inGateway, now + clock.offsetMs - received);
}
