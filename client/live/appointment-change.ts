/** One live change as a person should hear of it: facts only, words are made where the language is known. */
import type { AppointmentUpdateKind, AppointmentStatus, CareState, LiveUpdatesSubscription } from '../generated/graphql.ts';

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

/** More than this between server and screen is a wrong clock, not a slow wire. */
const PLAUSIBLE_MS = 5_000;

export function changeOf(update: LiveUpdate, now: number, replayed: boolean): AppointmentChange | null {
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
    latencyMs: replayed ? null : latency(update.trace?.receivedAt ?? null, update.trace?.publishedAt ?? null, now),
    replayed,
  };
}

/** Measured to the screen when both clocks agree, else to the moment the gateway sent it. */
export function latency(receivedAt: string | null, publishedAt: string | null, now: number): number | null {
  if (receivedAt === null || publishedAt === null) return null;
  const received = Date.parse(receivedAt);
  const inGateway = Date.parse(publishedAt) - received;
  const toScreen = now - received;
  return toScreen >= inGateway && toScreen <= inGateway + PLAUSIBLE_MS ? toScreen : inGateway;
}
