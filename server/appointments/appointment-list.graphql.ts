/** Reading appointments: one by id, and the list the board is made of. One statement, whatever is selected below it. */
import { appointmentScope } from '../auth/authorize.ts';
import { builder } from '../graphql/builder.ts';
import { refuseInUrl, viewerOf } from '../graphql/context.ts';
import { decodeAppointmentId } from '../graphql/global-id.ts';
import { connection, pageRequest } from '../graphql/page.ts';
import { AppointmentFilter, storeFilter } from './appointment-filter.graphql.ts';
import { refuseForeignCursor } from '../graphql/list-cursor.ts';
import { Appointment, findAppointment } from './appointment.graphql.ts';
import { visibleAppointment } from './visible-appointment.ts';

const AppointmentOrderField = builder.enumType('AppointmentOrderField', {
  description: 'What a list of appointments is ordered by.',
  values: { STARTS_AT: { description: 'The start.' }, UPDATED_AT: { description: 'The last change here.' } },
});

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which end comes first.',
  values: { ASC: { description: 'Earliest first.' }, DESC: { description: 'Latest first.' } },
});

const AppointmentOrder = builder.inputType('AppointmentOrder', {
  description: 'An order; equal values by id.',
  fields: (t) => ({
    field: t.field({ type: AppointmentOrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'Which end first.' }),
  }),
});

builder.queryFields((t) => ({
  appointment: t.field({
    type: Appointment,
    nullable: true,
    description: 'One appointment. Null when unknown or not yours to see; an id that was merged into another answers with that one.',
    args: { id: t.arg.id({ required: true, description: 'Which.' }) },
    resolve: (_root, args, context) => {
      const id = decodeAppointmentId(args.id);
      return id === null ? null : findAppointment(context, id);
    },
  }),
  appointments: t.connection(
    {
      type: Appointment,
      description: 'The appointments you may see, by start unless ordered otherwise.',
      args: {
        filter: t.arg({ type: AppointmentFilter, description: 'Which ones.' }),
        orderBy: t.arg({ type: AppointmentOrder, description: 'In which order; by start, earliest first, when not given.' }),
      },
      resolve: async (_root, args, context) => {
        const viewer = viewerOf(context);
        const { services } = context;
        const scope = appointmentScope(viewer);
        if (args.filter?.search != null) refuseInUrl(context, 'filter.search');
        const filter = storeFilter(viewer, args.filter);
        const orderBy = args.orderBy ?? { field: 'STARTS_AT' as const, direction: 'ASC' as const };
        const request = pageRequest(args);
        refuseForeignCursor('after', request.after, 'ROW');
        refuseForeignCursor('before', request.before, 'ROW');
        const page = await services.appointments.page(scope, { filter, orderBy, ...request });
        const nodes = page.rows.map((row) => visibleAppointment(viewer, row));
        return { ...connection(nodes, page.cursorOf, page), scope, filter, changePosition: page.changePosition };
      },
    },
    {
      name: 'AppointmentConnection',
      description: 'A page of appointments.',
      fields: (c) => ({
        totalCount: c.int({
          description: 'How many match in all; counted only when selected.',
          resolve: ({ scope, filter }, _args, { services }) => services.appointments.count(scope, filter),
        }),
        changeCursor: c.field({
          type: 'Cursor',
          description:
            'Where the change log stood when the rows were read, also for an empty page: subscribe with `since: changeCursor` and nothing is missed.',
          resolve: ({ changePosition }, _args, { services }) => services.live.cursor(changePosition),
        }),
      }),
    },
    { name: 'AppointmentEdge', description: 'An appointment in a list.' },
  ),
}));
