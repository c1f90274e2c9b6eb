/** A person moves a visit along: arrived, in room, with clinician, done; or marks a no-show. */
import { appointmentScope, mayCheckIn, maySetCareState } from '../auth/authorize.ts';
import { fail, ok, unreachable } from '../kernel/result.ts';
import type { CareDoor } from '../services.ts';
import type { AppointmentStore } from './appointment-store.ts';
import { invalidInput, notAllowed, notFound } from './failure.ts';
import type { CareRecorder } from './record-care.ts';

export function createCareDoor(options: { store: AppointmentStore; recorder: CareRecorder }): CareDoor {
  return {
    async set({ viewer }, input) {
      const scope = appointmentScope(viewer);
      const [row] = await options.store.byIds(scope, [input.appointmentId]);
      if (row == null) return fail(notFound('The appointment'));
      const mine = row.participants.find((participant) => participant.userId === viewer.userId && participant.state === 'ACTIVE');
      const participantId = input.participantId ?? (viewer.role === 'PATIENT' && row.seated ? (mine?.id ?? null) : null);
      const allowed = maySetCareState(viewer, row) || mayCheckIn(viewer, row, participantId, input.careState);
      if (!allowed) return fail(notAllowed('Your role does not allow this care state to be set.'));

      const outcome = await options.recorder.record({
        appointmentId: row.id,
        participantId,
        careState: input.careState,
        expectedVersion: input.expectedVersion,
        actorId: viewer.userId,
      });
      const [current] = await options.store.byIds(scope, [row.id]);
      if (current == null) return fail(notFound('The appointment'));
      if (outcome.ok) return ok(current);
      const refusal = outcome.failure;
      switch (refusal.kind) {
        case 'NotFound':
          return fail(notFound('The participant'));
        case 'ParticipantNeeded':
          return fail(invalidInput({ path: 'participantId', message: 'This is a group visit: say which participant is meant.' }));
        case 'VersionConflict':
          return fail({
            kind: 'VersionConflict',
            message: 'Somebody changed this appointment in the meantime. Look at it again, then repeat.',
            current,
          });
        case 'InvalidTransition':
          return fail({
            kind: 'InvalidTransition',
            message:
              current.status === 'CONFIRMED'
                ? `A visit cannot go from ${refusal.from ?? 'nothing'} to ${refusal.to}.`
                : 'Only a confirmed visit has a care state that can be changed.',
            from: refusal.from,
            to: refusal.to,
          });
        default:
          return unreachable(refusal);
      }
    },
  };
}
