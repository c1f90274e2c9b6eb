/**
 * The door for what staff decide: who a participant is. Same locks and log as `record-booking`, which keeps the decision
 * whatever is heard of the booking later.
 */
import type pg from 'pg';
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { appendChange } from '../live/change-log.ts';
import { type StoredAppointment, updateAppointment } from './appointment-rows.ts';
import { changedFields, kindOf, snapshotOf } from './appointment-difference.ts';
import type { AppointmentState } from './appointment-state.ts';
import { sameJson } from './same-json.ts';
import { withAppointment } from './with-appointment.ts';

export interface LinkOrder {
  appointmentId: AppointmentId;
  /** Row id. */
  participantId: string;
  /** Null: nobody of ours. */
  patientId: UserId | null;
  actorId: UserId;
  /** More to do in the same transaction; `before` is who it was until now. */
  alongside: (tx: Transaction, before: UserId | null) => Promise<void>;
}

export interface LinkRecorder {
  /** NotFound: no such appointment, or nobody who takes part in it has that id. */
  record(order: LinkOrder): Promise<Result<{ version: number }, { kind: 'NotFound' }>>;
}

export function createLinkRecorder(options: { pool: pg.Pool; ring: () => void }): LinkRecorder {
  return {
    async record(order) {
      const outcome = await withAppointment(options.pool, order.appointmentId, (tx, stored) => apply(tx, stored, order));
      if (outcome === null) return fail({ kind: 'NotFound' });
      if (outcome.ok) options.ring();
      return outcome;
    },
  };
}

async function apply(
  tx: Transaction,
  stored: StoredAppointment,
  order: LinkOrder,
): Promise<Result<{ version: number }, { kind: 'NotFound' }>> {
  const { state } = stored;
  const participant = state.participants.find((known) => known.id === order.participantId && known.state === 'ACTIVE');
  if (participant === undefined) return fail({ kind: 'NotFound' });
  const decided = { ...participant, userId: order.patientId, linkDecided: true };
  const after: AppointmentState = {
    ...state,
    participants: state.participants.map((known) => (known === participant ? decided : known)),
    patientId: state.seated ? null : order.patientId,
  };
  const fields = changedFields(state, after);
  const version = fields.length === 0 ? stored.version : stored.version + 1;
  if (!sameJson(state, after)) await updateAppointment(tx, stored, version, after);
  if (fields.length > 0) {
    await appendChange(tx, {
      appointmentId: stored.id,
      mergedIntoId: null,
      version,
      kind: kindOf(state, after),
      changedFields: fields,
      before: snapshotOf(state),
      after: snapshotOf(after),
      cause: 'LINKING',
      actorId: order.actorId,
      bookingUid: state.bookingUid,
      webhookEventId: null,
      receivedAt: null,
      recordedAt: null,
    });
  }
  await order.alongside(tx, participant.userId);
  return ok({ version });
}
