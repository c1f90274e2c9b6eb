/** The subscription: one event of the stream to one AppointmentUpdate, seen with the viewer's eyes. */
import { GraphQLError } from 'graphql';
import { liveFilter, AppointmentLiveFilter } from '../appointments/appointment-filter.graphql.ts';
import { AppointmentSnapshot } from '../appointments/appointment-snapshot.graphql.ts';
import { Appointment } from '../appointments/appointment.graphql.ts';
import { visibleAppointment } from '../appointments/visible-appointment.ts';
import { CHANGE_KINDS, ChangeCause } from '../appointments/words.graphql.ts';
import { appointmentScope } from '../auth/authorize.ts';
import { builder } from '../graphql/builder.ts';
import { viewerOf } from '../graphql/context.ts';
import { encodeId } from '../graphql/global-id.ts';
import type { LiveUpdate } from '../services.ts';
import { previousFor } from './matching.ts';

const AppointmentUpdateKind = builder.enumType('AppointmentUpdateKind', {
  description: 'What an update tells.',
  values: {
    ...CHANGE_KINDS,
    LEFT_FILTER: { description: 'Still yours to see, but no longer what you asked for.' },
    REMOVED: { description: 'No longer yours to see.' },
    POSITION: { description: 'Nothing happened up to `cursor`: a heartbeat, or the end of a replay.' },
    RESYNC: { description: 'The log does not reach back to `since`: query again, then go on from `cursor`.' },
  },
});

const DeliveryTrace = builder.objectRef<NonNullable<LiveUpdate['trace']>>('DeliveryTrace').implement({
  description: 'How long a change took from Cal.com to you.',
  fields: (t) => ({
    receivedAt: t.expose('receivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the webhook arrived; null when it was none.',
    }),
    recordedAt: t.expose('recordedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the webhook was durable; null when it was none.',
    }),
    appliedAt: t.expose('appliedAt', { type: 'DateTime', description: 'When the appointment was changed.' }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'When it was handed to your stream.' }),
  }),
});

const AppointmentUpdate = builder.objectRef<LiveUpdate>('AppointmentUpdate').implement({
  description: 'One event of the stream.',
  fields: (t) => ({
    kind: t.expose('kind', { type: AppointmentUpdateKind, description: 'What it tells.' }),
    cursor: t.expose('cursor', { type: 'Cursor', description: 'Give it back as `since` to go on after this event.' }),
    appointmentId: t.id({
      nullable: true,
      description: 'Which appointment; null only for POSITION and RESYNC.',
      resolve: ({ appointmentId }) => (appointmentId === null ? null : encodeId('Appointment', appointmentId)),
    }),
    version: t.exposeInt('version', {
      nullable: true,
      description: 'The version this change produced; null only for POSITION and RESYNC.',
    }),
    appointment: t.field({
      type: Appointment,
      nullable: true,
      description: 'As it is now, never older than `version`; null when it may no longer be seen.',
      resolve: ({ appointment }, _args, context) => (appointment === null ? null : visibleAppointment(viewerOf(context), appointment)),
    }),
    changedFields: t.exposeStringList('changedFields', { description: 'Names of the fields that changed.' }),
    previous: t.field({
      type: AppointmentSnapshot,
      nullable: true,
      description: 'As it was before; null when there was nothing, or it was not yours to see.',
      resolve: ({ previous }, _args, context) => previousFor(appointmentScope(viewerOf(context)), previous),
    }),
    cause: t.expose('cause', { type: ChangeCause, nullable: true, description: 'How it came here.' }),
    trace: t.expose('trace', { type: DeliveryTrace, nullable: true, description: 'How long it took; null for POSITION and RESYNC.' }),
  }),
});

builder.subscriptionFields((t) => ({
  appointmentUpdated: t.field({
    type: AppointmentUpdate,
    description: 'Every change of the appointments you may see, as it happens, from `since` on or from now.',
    args: {
      filter: t.arg({ type: AppointmentLiveFilter, description: 'Which ones.' }),
      since: t.arg({ type: 'Cursor', description: '`changeCursor` of a list, or `cursor` of the last update you got.' }),
    },
    subscribe: (_root, args, context) => {
      const viewer = viewerOf(context);
      const stream = context.services.live.subscribe(viewer, liveFilter(viewer, args.filter), args.since ?? null);
      if (!stream.ok) throw new GraphQLError(stream.failure.message, { extensions: { code: stream.failure.code } });
      return stream.value;
    },
    // Which updates a stream is given is decided before: what is shown of one depends on the viewer and on no argument (group-key).
    resolve: (update) => update,
  }),
}));
