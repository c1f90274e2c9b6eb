/**
 * `node` and `nodes`: anything by its global id, as the viewer may see it. Unknown, foreign and malformed ids are all
 * null. Each type of node costs one statement, however many ids are asked for.
 */
import { brandWithType } from '@pothos/core';
import { Appointment, findAppointment } from '../appointments/appointment.graphql.ts';
import { maySeeHiddenEventTypes, maySeePatient, maySeeUser } from '../auth/authorize.ts';
import { EventType } from '../event-types/event-types.graphql.ts';
import { Clinician, Patient, User } from '../users/people.graphql.ts';
import { builder } from './builder.ts';
import type { GraphqlContext } from './context.ts';
import { invalid } from './errors.ts';
import { decodeAppointmentId, decodeEventTypeId, decodeId, decodeUuid } from './global-id.ts';
import { MAX_PAGE } from './page.ts';

async function findNode(context: GraphqlContext, globalId: string): Promise<object | null> {
  const { viewer, loaders } = context;
  switch (decodeId(globalId)?.type) {
    case 'Appointment': {
      const id = decodeAppointmentId(globalId);
      return named(Appointment, id === null ? null : await findAppointment(context, id));
    }
    case 'EventType': {
      const id = decodeEventTypeId(globalId);
      const eventType = id === null ? null : await loaders.eventTypes.load(id);
      return named(EventType, eventType?.hidden === true && !maySeeHiddenEventTypes(viewer) ? null : eventType);
    }
    case 'Clinician': {
      const id = decodeUuid(globalId, 'Clinician');
      const user = id === null ? null : await loaders.users.load(id);
      return named(Clinician, user?.role === 'CLINICIAN' ? user : null);
    }
    case 'Patient': {
      const id = decodeUuid(globalId, 'Patient');
      const user = id === null || !maySeePatient(viewer, id) ? null : await loaders.users.load(id);
      return named(Patient, user?.role === 'PATIENT' ? user : null);
    }
    case 'User': {
      const id = decodeUuid(globalId, 'User');
      return named(User, id === null || !maySeeUser(viewer, id) ? null : await loaders.users.load(id));
    }
    default:
      return null;
  }
}

type NodeRef = Parameters<typeof brandWithType>[1];

/** A copy that says which type it is: one row may be a Clinician in one place and a User in another. */
function named(type: NodeRef, row: object | null): object | null {
  if (row === null) return null;
  const node = { ...row };
  brandWithType(node, type);
  return node;
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Anything by its global id; null when unknown or not yours to see.',
    args: { id: t.arg.id({ required: true, description: 'Global id.' }) },
    resolve: (_root, { id }, context) => findNode(context, id),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: `Several at once, in the order asked; at most ${MAX_PAGE}.`,
    args: { ids: t.arg.idList({ required: true, description: 'Global ids.' }) },
    resolve: (_root, { ids }, context) => {
      if (ids.length > MAX_PAGE) throw invalid({ path: 'ids', message: `At most ${MAX_PAGE} ids at once.` });
      return ids.map((id) => findNode(context, id));
    },
  }),
}));
