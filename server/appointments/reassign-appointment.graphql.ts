/** Handing an appointment over: arguments to values, one call, result to union. */
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { missing, VersionConflict } from '../graphql/errors.ts';
import { decodePersonId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { appointmentOf, changeSuccess, EXPECTED_VERSION, KEY, shownChange, WHICH } from './appointment-mutations.graphql.ts';
import { ChangeAppointmentBounds } from './booking-input.ts';

const ReassignAppointmentInput = builder.inputType('ReassignAppointmentInput', {
  description: 'What to hand over, and to whom.',
  validate: ChangeAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    appointmentId: t.id({ required: true, description: WHICH }),
    clinicianId: t.id({ required: true, description: 'Who takes it over.' }),
    reason: t.string({ description: 'Why; at most 1000 characters.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
});

const ReassignAppointmentSuccess = changeSuccess('ReassignAppointmentSuccess', 'Handed over.');

builder.mutationFields((t) => ({
  reassignAppointment: t.field({
    type: ReassignAppointmentSuccess,
    errors: resultUnion('ReassignAppointmentResult', VersionConflict),
    description:
      'Gives an appointment to another clinician at the same time. Cal.com allows it only for event types that both host; otherwise NotAllowed says so.',
    args: { input: t.arg({ type: ReassignAppointmentInput, required: true, description: 'What, and to whom.' }) },
    resolve: async (_root, { input }, context) => {
      const clinicianId = decodePersonId(input.clinicianId, 'Clinician');
      if (clinicianId === null) throw missing('The clinician');
      const reassigned = await context.services.bookings.reassign(callerOf(context), {
        clientMutationKey: input.clientMutationKey,
        appointmentId: appointmentOf(input.appointmentId),
        clinicianId,
        reason: input.reason ?? null,
        expectedVersion: input.expectedVersion ?? null,
      });
      return shownChange(context, reassigned);
    },
  }),
}));
