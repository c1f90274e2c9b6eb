/** The Appointment node and what hangs on it. Rows come complete from `appointment-store`; nothing here asks for more. */
import { appointmentScope, isStaff } from '../auth/authorize.ts';
import { EventType } from '../event-types/event-types.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { type GraphqlContext, viewerOf } from '../graphql/context.ts';
import { missing, NotFound } from '../graphql/errors.ts';
import { encodeId } from '../graphql/global-id.ts';
import { type AppointmentId, appointmentId } from '../kernel/ids.ts';
import { Clinician, Patient } from '../users/people.graphql.ts';
import { type AppointmentAction, viewerMay } from './appointment-actions.ts';
import type { HostRow, ParticipantRow, PersonRow } from './appointment-store.ts';
import { type VisibleAppointment, visibleAppointment } from './visible-appointment.ts';
import { AppointmentStatus, CareState, ConsultationType, ParticipantState } from './words.graphql.ts';

const AppointmentActionEnum = builder.enumType('AppointmentAction', {
  description: 'Something that can be done with an appointment.',
  values: {
    RESCHEDULE: { description: 'Move it to another time.' },
    CANCEL: { description: 'Call it off.' },
    CONFIRM: { description: 'Accept the request.' },
    DECLINE: { description: 'Refuse the request.' },
    SET_CARE_STATE: { description: 'Move the visit along.' },
    MARK_NO_SHOW: { description: 'Mark that somebody did not come, or take it back.' },
    REASSIGN: { description: 'Hand it over to another clinician, where Cal.com allows it.' },
    CHECK_IN: { description: 'Say "I am here".' },
    JOIN: { description: 'Enter the video visit.' },
  } satisfies Record<AppointmentAction, { description: string }>,
});

interface HostShape extends HostRow {
  person: PersonRow | null;
}

const Host = builder.objectRef<HostShape>('Host').implement({
  description: 'A host of the booking.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As Cal.com knows them.' }),
    organizer: t.exposeBoolean('organizer', { description: 'True for the one the booking belongs to.' }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Null when the host is nobody here.',
      resolve: (host, _args, { loaders }) => host.person ?? (host.userId === null ? null : loaders.users.load(host.userId)),
    }),
  }),
});

interface ParticipantShape extends ParticipantRow {
  person: PersonRow | null;
}

const Participant = builder.objectRef<ParticipantShape>('Participant').implement({
  description: 'A person who takes part. Exactly one unless the booking is seated; patients see only themselves.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque id, for `setCareState`.', resolve: (participant) => encodeId('Participant', participant.id) }),
    name: t.exposeString('name', { description: 'As said at booking time; initials for the DISPLAY role.' }),
    email: t.exposeString('email', { nullable: true, description: 'Null when unknown, and for the DISPLAY role.' }),
    phone: t.exposeString('phone', { nullable: true, description: 'Null when unknown, and for the DISPLAY role.' }),
    timeZone: t.expose('timeZone', { type: 'TimeZone', description: "The participant's zone." }),
    careState: t.expose('careState', { type: CareState, nullable: true, description: 'Where their visit stands.' }),
    careChangedAt: t.expose('careChangedAt', { type: 'DateTime', nullable: true, description: 'When that last changed.' }),
    absent: t.exposeBoolean('absent', { description: 'Marked absent at Cal.com.' }),
    state: t.expose('state', { type: ParticipantState, description: 'Whether they still take part.' }),
    patient: t.field({
      type: Patient,
      nullable: true,
      description: 'Null when not linked to a patient here, or not yours to see.',
      resolve: (participant, _args, context) => participant.person ?? linkedPatient(participant, context),
    }),
    linkSuggestion: t.field({
      type: Patient,
      nullable: true,
      description:
        'For staff, of a participant who is not linked: the one patient with the same e-mail or name, for `linkParticipant`. Null when there is none or there are several, and after staff have decided.',
      resolve: (participant, _args, { viewer, loaders }) =>
        isStaff(viewer) && participant.userId === null && participant.state === 'ACTIVE'
          ? loaders.linkSuggestions.load(participant.id)
          : null,
    }),
  }),
});

function linkedPatient(participant: ParticipantRow, { viewer, loaders }: GraphqlContext) {
  if (participant.userId === null || viewer === null) return null;
  return isStaff(viewer) || viewer.userId === participant.userId ? loaders.users.load(participant.userId) : null;
}

const VideoVisit = builder.objectRef<{ joinUrl: string | null }>('VideoVisit').implement({
  description: 'The video side of an appointment.',
  fields: (t) => ({ joinUrl: t.exposeString('joinUrl', { nullable: true, description: 'Where to join; null until the room is open.' }) }),
});

export const Appointment = builder.loadableNode(builder.objectRef<VisibleAppointment>('Appointment'), {
  description: 'One visit. Its id stays when Cal.com gives the booking a new one at every reschedule.',
  id: { resolve: (appointment) => appointment.id },
  load: (ids: string[], context) => loadVisible(context, ids),
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Rises with every change; give it back as `expectedVersion`.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Start.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'End.' }),
    durationMinutes: t.int({ description: 'Length in minutes.', resolve: minutesOf }),
    timeZone: t.expose('timeZone', {
      type: 'TimeZone',
      description: "The organizer's zone; a participant's own is `Participant.timeZone`.",
    }),
    status: t.expose('status', { type: AppointmentStatus, description: 'What Cal.com says.' }),
    careState: t.expose('careState', {
      type: CareState,
      nullable: true,
      description: 'Where the visit stands; null on a seated booking (see `participants`).',
    }),
    careChangedAt: t.expose('careChangedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the care state last changed; waiting minutes count from ARRIVED.',
    }),
    consultationType: t.expose('consultationType', { type: ConsultationType, description: 'How they meet.' }),
    title: t.exposeString('title', { nullable: true, description: 'As at Cal.com; null where it could name somebody else.' }),
    description: t.exposeString('description', { nullable: true, description: 'As at Cal.com; null where it is not yours to see.' }),
    reason: t.exposeString('reason', { nullable: true, description: "The patient's own words; null where they are not yours to see." }),
    location: t.exposeString('location', {
      nullable: true,
      description: 'Address, number or link as at Cal.com; null where it is not yours to see.',
    }),
    cancellationReason: t.exposeString('cancellationReason', { nullable: true, description: 'Why it was called off.' }),
    rejectionReason: t.exposeString('rejectionReason', { nullable: true, description: 'Why it was declined.' }),
    seated: t.exposeBoolean('seated', { description: 'A group visit: several people, each with a seat and a care state.' }),
    hasConflict: t.exposeBoolean('hasConflict', {
      description: 'Overlaps another confirmed appointment of the clinician. Always false for patients.',
    }),
    clinician: t.expose('clinician', { type: Clinician, nullable: true, description: 'The organizer; null when nobody here.' }),
    hosts: t.field({
      type: [Host],
      description: 'Every host, organizer first. At most a handful.',
      resolve: ({ hosts, clinician }) => hosts.map((host) => ({ ...host, person: host.userId === clinician?.id ? clinician : null })),
    }),
    patient: t.expose('patient', {
      type: Patient,
      nullable: true,
      description: 'Null on a seated booking and when not linked to a patient here (see `participants`).',
    }),
    participants: t.field({
      type: [Participant],
      description: 'Who takes part: one, or as many as the event type has seats.',
      resolve: ({ participants, patient }) =>
        participants.map((participant) => ({ ...participant, person: participant.userId === patient?.id ? patient : null })),
    }),
    eventType: t.expose('eventType', { type: EventType, nullable: true, description: 'What was booked; null when unknown here.' }),
    video: t.field({
      type: VideoVisit,
      nullable: true,
      description: 'Null when the visit is not by video or video is off.',
      resolve: () => null,
    }),
    seriesId: t.id({
      nullable: true,
      description: 'The same for all visits of a recurring booking.',
      resolve: ({ seriesId }) => (seriesId === null ? null : encodeId('Series', seriesId)),
    }),
    viewerMay: t.field({
      type: [AppointmentActionEnum],
      description: 'What you may do with it now.',
      resolve: (appointment, _args, context) =>
        viewerMay(viewerOf(context), appointment, context.services.clock.now(), context.services.config),
    }),
    bookingUid: t.exposeString('bookingUid', {
      nullable: true,
      description: "Cal.com's uid of the live booking; for admins, null for others.",
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'First seen here.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'Last changed here.' }),
  }),
});

/** In the order asked; NotFound for unknown and foreign ids alike. One statement. */
async function loadVisible(context: GraphqlContext, ids: readonly string[]): Promise<(VisibleAppointment | NotFound)[]> {
  const viewer = viewerOf(context);
  const rows = await context.services.appointments.byIds(appointmentScope(viewer), ids.map(appointmentId));
  return rows.map((row) => (row === null ? missing('The appointment') : visibleAppointment(viewer, row)));
}

/** Null for unknown and foreign ids alike. All that ask in the same moment share one statement. */
export async function findAppointment(context: GraphqlContext, id: AppointmentId): Promise<VisibleAppointment | null> {
  const [found] = await Appointment.getDataloader(context).loadMany([id]);
  if (found instanceof NotFound || found === undefined) return null;
  if (found instanceof Error) throw found;
  return found;
}

const MINUTE_MS = 60_000;

export function minutesOf(span: { startsAt: Date | number; endsAt: Date | number }): number {
  return Math.round((Number(span.endsAt) - Number(span.startsAt)) / MINUTE_MS);
}
