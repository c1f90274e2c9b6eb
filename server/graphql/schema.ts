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
import '../event-types/event-types.graphql.ts';
import '../instance/calcom-status.graphql.ts';
import '../live/appointment-updated.graphql.ts';
import '../reconciliation/drift-reports.graphql.ts';
import '../slots/slots.graphql.ts';
import '../users/patients.graphql.ts';
import '../users/viewer.graphql.ts';
import './node.graphql.ts';
import './user-errors.graphql.ts';
import { builder } from './builder.ts';

export const schema = builder.toSchema();
