/** Marking that somebody did not come: arguments to values, one call, result to union. */
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { InvalidTransition, VersionConflict } from '../graphql/errors.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { appointmentOf, changeSuccess, EXPECTED_VERSION, KEY, participantOf, shownChange, WHICH } from './appointment-mutations.graphql.ts';
import { ChangeAppointmentBounds } from './booking-input.ts';

const MarkNoShowInput = builder.inputType('MarkNoShowInput', {
  description: 'Who did not come.',
  validate: ChangeAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    appointmentId: t.id({ required: true, description: WHICH }),
    participantId: t.id({ description: 'Which participant; needed on a group visit.' }),
    absent: t.boolean({ description: 'False takes it back; true when not given.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
});

const MarkNoShowSuccess = changeSuccess('MarkNoShowSuccess', 'Noted here and at Cal.com.');

builder.mutationFields((t) => ({
  markNoShow: t.field({
    type: MarkNoShowSuccess,
    errors: resultUnion('MarkNoShowResult', VersionConflict, InvalidTransition),
    description: 'Marks, after the start, that somebody did not come; Cal.com is told, and the care state becomes NO_SHOW.',
    args: { input: t.arg({ type: MarkNoShowInput, required: true, description: 'Who, and where.' }) },
    resolve: async (_root, { input }, context) =>
      shownChange(
        context,
        await context.services.bookings.markNoShow(callerOf(context), {
          clientMutationKey: input.clientMutationKey,
          appointmentId: appointmentOf(input.appointmentId),
          participantId: participantOf(input.participantId),
          absent: input.absent ?? true,
          expectedVersion: input.expectedVersion ?? null,
        }),
      ),
  }),
}));
