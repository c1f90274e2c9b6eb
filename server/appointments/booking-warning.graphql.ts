/** Warnings: on every success of a mutation that asks Cal.com, and before a move. */
import { builder } from '../graphql/builder.ts';
import { Appointment } from './appointment.graphql.ts';
import { type BookingWarning as Warning, type BookingWarningCode, lengthWarnings, notifyWarnings } from './booking-warning.ts';

const BookingWarningCodeEnum = builder.enumType('BookingWarningCode', {
  description: 'What somebody should know, for programs.',
  values: {
    CANNOT_NOTIFY: { description: 'Cal.com has no e-mail address of the person and tells them nothing.' },
    LENGTH_RESET: { description: 'A move gives the appointment the usual length of its event type.' },
    OVERLAPS: { description: 'It overlaps another confirmed appointment of the clinician; told to staff only.' },
  } satisfies Record<BookingWarningCode, { description: string }>,
});

export const BookingWarning = builder.objectRef<Warning>('BookingWarning').implement({
  description: 'Something that a person should know although it worked, or before they try.',
  fields: (t) => ({
    code: t.expose('code', { type: BookingWarningCodeEnum, description: 'For programs.' }),
    message: t.exposeString('message', { description: 'A sentence for people.' }),
  }),
});

builder.objectFields(Appointment, (t) => ({
  rescheduleWarnings: t.field({
    type: [BookingWarning],
    description: 'What to tell the person before it is moved. At most a handful.',
    resolve: (appointment) => [...lengthWarnings(appointment), ...notifyWarnings(appointment.participants)],
  }),
}));
