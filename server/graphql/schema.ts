/** The executable schema: every part registers itself with the builder when it is imported. */
import '../appointments/appointment-history.graphql.ts';
import '../appointments/appointment-list.graphql.ts';
import '../appointments/appointment-mutations.graphql.ts';
import '../appointments/booking-uids.graphql.ts';
import '../appointments/booking-warning.graphql.ts';
import '../appointments/link-participant.graphql.ts';
import '../appointments/mark-no-show.graphql.ts';
import '../appointments/reassign-appointment.graphql.ts';
import '../auth/demo-sign-in.graphql.ts';
import '../clinic/clinic.graphql.ts';
import '../connection/connection.graphql.ts';
import '../event-types/booking-fields.graphql.ts';
import '../event-types/event-type-groups.graphql.ts';
import '../event-types/event-type-mirror.graphql.ts';
import '../event-types/event-type-mutations.graphql.ts';
import '../event-types/event-types.graphql.ts';
import '../instance/calcom-status.graphql.ts';
import '../live/appointment-updated.graphql.ts';
import '../reconciliation/drift-reports.graphql.ts';
import '../schedules/blocked-times.graphql.ts';
import '../schedules/schedules.graphql.ts';
import '../slots/first-free.graphql.ts';
import '../slots/slots.graphql.ts';
import '../telemetry/delivery-latency.graphql.ts';
import '../telemetry/report-delivery.graphql.ts';
import '../users/patients.graphql.ts';
import '../users/users.graphql.ts';
import '../users/viewer.graphql.ts';
import './node.graphql.ts';
import './user-errors.graphql.ts';
import { assertInterfaceType, type GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import { encodeId, type NodeType } from './global-id.ts';

export const schema = withDirectIds(builder.toSchema());

/** The relay plugin awaits each id, also where nothing waits: three promises for every row and person of a list. */
function withDirectIds(built: GraphQLSchema): GraphQLSchema {
  for (const type of built.getPossibleTypes(assertInterfaceType(built.getType('Node')))) {
    const { id } = type.getFields();
    if (id !== undefined) id.resolve = (row: { id: string | number }) => encodeId(type.name as NodeType, row.id);
  }
  return built;
}
