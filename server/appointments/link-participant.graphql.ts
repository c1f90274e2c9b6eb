/** Who takes part, said by staff. */
import { builder } from '../graphql/builder.ts';
import { callerOf, viewerOf } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodeAppointmentId, decodePersonId, decodeUuid } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { Appointment } from './appointment.graphql.ts';
import type { AppointmentRow } from './appointment-store.ts';
import { visibleAppointment } from './visible-appointment.ts';

const LinkParticipantInput = builder.inputType('LinkParticipantInput', {
  description: 'Which participant is which patient.',
  fields: (t) => ({
    appointmentId: t.id({ required: true, description: 'Which appointment.' }),
    participantId: t.id({ required: true, description: '`Participant.id`.' }),
    patientId: t.id({ required: true, description: 'Who it is.' }),
  }),
});

const UnlinkParticipantInput = builder.inputType('UnlinkParticipantInput', {
  description: 'Which participant is nobody here.',
  fields: (t) => ({
    appointmentId: t.id({ required: true, description: 'Which appointment.' }),
    participantId: t.id({ required: true, description: '`Participant.id`.' }),
  }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ appointment: AppointmentRow }>(name).implement({
    description,
    fields: (t) => ({
      appointment: t.field({
        type: Appointment,
        description: 'As it is now.',
        resolve: ({ appointment }, _args, context) => visibleAppointment(viewerOf(context), appointment),
      }),
    }),
  });

const LinkParticipantSuccess = success('LinkParticipantSuccess', 'Linked.');
const UnlinkParticipantSuccess = success('UnlinkParticipantSuccess', 'Not linked any more.');

function place(input: { appointmentId: string | number; participantId: string | number }) {
  const appointmentId = decodeAppointmentId(String(input.appointmentId));
  if (appointmentId === null) throw missing('The appointment');
  const participantId = decodeUuid(String(input.participantId), 'Participant');
  if (participantId === null) throw missing('The participant');
  return { appointmentId, participantId };
}

builder.mutationFields((t) => ({
  linkParticipant: t.field({
    type: LinkParticipantSuccess,
    errors: resultUnion('LinkParticipantResult'),
    description:
      'Says which patient a participant is: that patient sees the appointment from now on, and nothing heard of the booking later changes it. Staff only, audited.',
    args: { input: t.arg({ type: LinkParticipantInput, required: true, description: 'Who is who.' }) },
    resolve: async (_root, { input }, context) => {
      const where = place(input);
      const patientId = decodePersonId(input.patientId, 'Patient');
      if (patientId === null) throw missing('The patient');
      return { appointment: orThrow(await context.services.links.link(callerOf(context), { ...where, patientId })) };
    },
  }),
  unlinkParticipant: t.field({
    type: UnlinkParticipantSuccess,
    errors: resultUnion('UnlinkParticipantResult'),
    description:
      'Says that a participant is no patient here: whoever was linked no longer sees the appointment, until staff link somebody. Staff only, audited.',
    args: { input: t.arg({ type: UnlinkParticipantInput, required: true, description: 'Who.' }) },
    resolve: async (_root, { input }, context) => ({
      appointment: orThrow(await context.services.links.unlink(callerOf(context), place(input))),
    }),
  }),
}));
