/**
 * Staff say who a participant is, or that it is nobody of ours. Whoever is linked sees the appointment from now on and
 * whoever was, no longer: live, and for good, because the rules of `link-people` do not touch what was decided here.
 */
import type pg from 'pg';
import { recordAudit } from '../audit/audit-log.ts';
import { appointmentScope, mayLinkPeople } from '../auth/authorize.ts';
import type { AppointmentId, UserId } from '../kernel/ids.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import type { Caller, LinkDesk } from '../services.ts';
import { usersByIds } from '../users/user-store.ts';
import type { AppointmentRow, AppointmentStore } from './appointment-store.ts';
import { type Failure, notAllowed, notFound } from './failure.ts';
import type { LinkRecorder } from './record-link.ts';

export interface LinkOptions {
  pool: pg.Pool;
  store: AppointmentStore;
  recorder: LinkRecorder;
}

export function createLinkDesk(options: LinkOptions): LinkDesk {
  return {
    async link(caller, input) {
      const visit = await findVisit(options, caller, input.appointmentId);
      if (!visit.ok) return visit;
      const [patient] = await usersByIds(options.pool, [input.patientId]);
      if (patient?.role !== 'PATIENT' || patient.disabledAt !== null) return fail(notFound('The patient'));
      return decide(options, caller, visit.value, input.participantId, patient.id);
    },
    async unlink(caller, input) {
      const visit = await findVisit(options, caller, input.appointmentId);
      return visit.ok ? decide(options, caller, visit.value, input.participantId, null) : visit;
    },
  };
}

async function findVisit({ store }: LinkOptions, { viewer }: Caller, id: AppointmentId): Promise<Result<AppointmentRow, Failure>> {
  const [visit] = await store.byIds(appointmentScope(viewer), [id]);
  if (visit == null) return fail(notFound('The appointment'));
  return mayLinkPeople(viewer, visit) ? ok(visit) : fail(notAllowed('Only staff say who takes part in an appointment.'));
}

async function decide(
  { store, recorder }: LinkOptions,
  caller: Caller,
  visit: AppointmentRow,
  participantId: string,
  patientId: UserId | null,
): Promise<Result<AppointmentRow, Failure>> {
  const outcome = await recorder.record({
    appointmentId: visit.id,
    participantId,
    patientId,
    actorId: caller.viewer.userId,
    async alongside(tx, before) {
      if (before !== null && before !== patientId) {
        await recordAudit(tx, caller, { action: 'participant.unlink', subjectType: 'Patient', subjectId: before });
      }
      if (patientId !== null) await recordAudit(tx, caller, { action: 'participant.link', subjectType: 'Patient', subjectId: patientId });
    },
  });
  if (!outcome.ok) return fail(notFound('The participant'));
  const [current] = await store.byIds(appointmentScope(caller.viewer), [visit.id]);
  return current == null ? fail(notFound('The appointment')) : ok(current);
}
