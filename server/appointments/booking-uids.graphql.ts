/** Every uid Cal.com has had for an appointment, for admins. */
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { Appointment } from './appointment.graphql.ts';
import { type KnownBookingUid, readBookingUids } from './read-booking-uids.ts';

const AppointmentBookingUid = builder.objectRef<KnownBookingUid>('AppointmentBookingUid').implement({
  description: "A uid that Cal.com has, or had, for an appointment's booking.",
  fields: (t) => ({
    uid: t.exposeString('uid', { description: "Cal.com's uid. It opens the booking's page there: share it with nobody." }),
    current: t.exposeBoolean('current', { description: 'False: superseded by a reschedule.' }),
    replaces: t.exposeString('replaces', { nullable: true, description: 'Uid of the booking it replaced; null for the first.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When it became known here.' }),
  }),
});

builder.objectFields(Appointment, (t) => ({
  bookingUids: t.field({
    type: [AppointmentBookingUid],
    nullable: true,
    description: 'Every uid Cal.com has had for it, oldest first, at most 200. For admins, audited; null for others.',
    resolve: (appointment, _args, context) => readBookingUids(context.services.pool, callerOf(context), appointment.id),
  }),
}));
