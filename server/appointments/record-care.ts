/** The door for what we decide ourselves: care states. Same locks, same log as `record-booking`. */
import type pg from 'pg';
import type { Transaction } from '../database/transaction.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AppointmentId, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { appendChange } from '../live/change-log.ts';
import { type CareState, mayBecome } from './appointment.ts';
import { type StoredAppointment, updateAppointment } from './appointment-rows.ts';
import { changedFields, snapshotOf } from './appointment-difference.ts';
import type { AppointmentState, ParticipantState } from './appointment-state.ts';
import { withAppointment } from './with-appointment.ts';

export type CareRefusal =
  | { kind: 'NotFound' }
  | { kind: 'VersionConflict' }
  | { kind: 'InvalidTransition'; from: CareState | null; to: CareState }
  /** A seated booking has a care state per participant: which one must be said. */
  | { kind: 'ParticipantNeeded' };

export interface CareOrder {
  appointmentId: AppointmentId;
  /** Row id of the participant; null for the one person of an unseated booking. */
  participantId: string | null;
  careState: CareState;
  expectedVersion: number | null;
  actorId: UserId;
}

export interface CareRecorder {
  record(order: CareOrder): Promise<Result<{ version: number }, CareRefusal>>;
}

export function createCareRecorder(options: { pool: pg.Pool; clock: Clock; ring: () => void }): CareRecorder {
  return {
    async record(order) {
      const outcome = await withAppointment(options.pool, order.appointmentId, (tx, stored) =>
        apply(tx, stored, order, options.clock.now().getTime()),
      );
      if (outcome === null) return fail({ kind: 'NotFound' });
      if (outcome.ok) options.ring();
      return outcome;
    },
  };
}

async function apply(
  tx: Transaction,
  stored: StoredAppointment,
  order: CareOrder,
  now: number,
): Promise<Result<{ version: number }, CareRefusal>> {
  const { state } = stored;
  if (order.expectedVersion !== null && order.expectedVersion !== stored.version) return fail({ kind: 'VersionConflict' });
  const participant = findParticipant(state, order.participantId);
  if (participant === 'NEEDED') return fail({ kind: 'ParticipantNeeded' });
  if (participant === null) return fail({ kind: 'NotFound' });
  const from = participant.careState ?? state.careState ?? 'EXPECTED';
  if (from === order.careState) return ok({ version: stored.version });
  if (!mayBecome(state.status, from, order.careState)) return fail({ kind: 'InvalidTransition', from, to: order.careState });

  const moved: ParticipantState = { ...participant, careState: order.careState, careChangedAt: now };
  const after: AppointmentState = {
    ...state,
    participants: state.participants.map((known) => (known === participant ? moved : known)),
    ...(state.seated ? {} : { careState: order.careState, careChangedAt: now }),
  };
  const version = stored.version + 1;
  await updateAppointment(tx, stored, version, after);
  await appendChange(tx, {
    appointmentId: stored.id,
    mergedIntoId: null,
    version,
    kind: 'CARE_CHANGED',
    changedFields: changedFields(state, after),
    before: snapshotOf(state),
    after: snapshotOf(after),
    cause: 'MUTATION',
    actorId: order.actorId,
    bookingUid: state.bookingUid,
    webhookEventId: null,
    receivedAt: null,
    recordedAt: null,
  });
  return ok({ version });
}

function findParticipant(state: AppointmentState, id: string | null): ParticipantState | null | 'NEEDED' {
  const active = state.participants.filter((participant) => participant.state === 'ACTIVE');
  if (id !== null) return active.find((participant) => participant.id === id) ?? null;
  if (state.seated) return 'NEEDED';
  return active[0] ?? null;
}
