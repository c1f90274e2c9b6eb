/** The rows that one recording adds to the change log, and how many they are. */
import type { Transaction } from '../database/transaction.ts';
import type { AppointmentId } from '../kernel/ids.ts';
import { appendChange } from '../live/change-log.ts';
import type { StoredAppointment } from './appointment-rows.ts';
import { changedFields, kindOf, snapshotOf } from './appointment-difference.ts';
import type { AppointmentState } from './appointment-state.ts';
import type { Outcome } from './plan-recording.ts';
import type { RecordContext } from './recording.ts';

export type ChangeLogger = ReturnType<typeof createChangeLogger>;

export function createChangeLogger(tx: Transaction, context: RecordContext) {
  let written = 0;
  const shared = {
    cause: context.cause,
    actorId: context.actorId ?? null,
    webhookEventId: context.webhookEventId ?? null,
    receivedAt: context.receivedAt ?? null,
    recordedAt: context.recordedAt ?? null,
  };
  return {
    count: () => written,
    async created(id: AppointmentId, after: AppointmentState) {
      written += 1;
      await appendChange(tx, {
        ...shared,
        appointmentId: id,
        mergedIntoId: null,
        version: 1,
        kind: 'CREATED',
        changedFields: [],
        before: null,
        after: snapshotOf(after),
        bookingUid: after.bookingUid,
      });
    },
    async changed(id: AppointmentId, before: AppointmentState, after: AppointmentState, version: number) {
      written += 1;
      await appendChange(tx, {
        ...shared,
        appointmentId: id,
        mergedIntoId: null,
        version,
        kind: kindOf(before, after),
        changedFields: changedFields(before, after),
        before: snapshotOf(before),
        after: snapshotOf(after),
        bookingUid: after.bookingUid,
      });
    },
    async merged(loser: StoredAppointment, winner: Outcome) {
      if (winner.appointmentId === null) return;
      written += 1;
      const after = winner.after ?? winner.before?.state ?? loser.state;
      const grew = winner.before !== null && winner.after !== null && changedFields(winner.before.state, winner.after).length > 0;
      await appendChange(tx, {
        ...shared,
        appointmentId: loser.id,
        mergedIntoId: winner.appointmentId,
        version: winner.before === null ? 1 : winner.before.version + (grew ? 1 : 0),
        kind: 'MERGED',
        changedFields: [],
        before: snapshotOf(loser.state),
        after: snapshotOf(after),
        bookingUid: loser.state.bookingUid,
      });
    },
  };
}
