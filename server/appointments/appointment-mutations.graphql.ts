/** Booking and changing appointments: arguments to values, one call, result to union. */
import { builder } from '../graphql/builder.ts';
import { callerOf, type GraphqlContext, viewerOf } from '../graphql/context.ts';
import { InvalidTransition, missing, orThrow, SlotTaken, VersionConflict } from '../graphql/errors.ts';
import { decodeAppointmentId, decodeEventTypeId, decodePersonId, decodeUuid, NO_UUID } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import type { AppointmentId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Changed } from '../services.ts';
import { Appointment } from './appointment.graphql.ts';
import { BookingWarning } from './booking-warning.graphql.ts';
import type { BookingWarning as Warning } from './booking-warning.ts';
import { BookAppointmentBounds, ChangeAppointmentBounds, SetCareStateBounds } from './booking-input.ts';
import type { Failure } from './failure.ts';
import { type VisibleAppointment, visibleAppointment } from './visible-appointment.ts';
import { CareState, ConsultationType } from './words.graphql.ts';

export const KEY =
  'Made by you, kept for 24 h: the same key with the same input is done once, however often it is sent. A UUID is a good one.';
export const EXPECTED_VERSION = 'Do it only if the appointment still has this version.';
export const WHICH = 'Which appointment.';

export const PARTICIPANT_OF_GROUP = 'Of a group visit, whose seat; staff leave it out to mean everybody, patients to mean themselves.';

export function appointmentOf(globalId: string): AppointmentId {
  const id = decodeAppointmentId(globalId);
  if (id === null) throw missing('The appointment');
  return id;
}

/** A participant that cannot be one is passed on as one that does not exist. */
export const participantOf = (globalId: string | null | undefined): string | null =>
  globalId == null ? null : (decodeUuid(globalId, 'Participant') ?? NO_UUID);

/** A hold that cannot be one is passed on as one that does not exist, so that the use case says what that means. */
const holdOf = (globalId: string | null | undefined): string | null =>
  globalId == null ? null : (decodeUuid(globalId, 'SlotHold') ?? NO_UUID);

export interface ShownChange {
  appointment: VisibleAppointment;
  warnings: Warning[];
}

export function shownChange(context: GraphqlContext, result: Result<Changed, Failure>): ShownChange {
  const { appointment, warnings } = orThrow(result);
  return { appointment: visibleAppointment(viewerOf(context), appointment), warnings };
}

const AttendeeInput = builder.inputType('AttendeeInput', {
  description: 'A person who is not a patient here (yet).',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Full name.' }),
    email: t.string({ description: 'Cal.com notifies this address.' }),
    phone: t.string({ description: 'International form, for instance `+31 20 123 4567`.' }),
  }),
});

const BookingFieldInput = builder.inputType('BookingFieldInput', {
  description: "The answer to one of the event type's own questions.",
  fields: (t) => ({
    slug: t.string({ required: true, description: "The question's slug at Cal.com." }),
    value: t.string({ required: true, description: 'The answer.' }),
  }),
});

const BookAppointmentInput = builder.inputType('BookAppointmentInput', {
  description: 'What to book, for whom.',
  validate: BookAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    eventTypeId: t.id({ required: true, description: 'What.' }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'When: the start of a free slot.' }),
    timeZone: t.field({ type: 'TimeZone', required: true, description: 'The zone that times are told to the person in.' }),
    durationMinutes: t.int({ description: 'One of `durationOptions`; the usual length when not given.' }),
    consultationType: t.field({ type: ConsultationType, description: "How to meet; the event type's first when not given." }),
    patientId: t.id({ description: 'For whom; yourself when you are a patient.' }),
    attendee: t.field({ type: AttendeeInput, description: 'For whom, when not a patient here. Staff only.' }),
    guests: t.stringList({ description: 'E-mail addresses of further people; at most 10.' }),
    phone: t.string({ description: 'Where to call, for AUDIO.' }),
    locale: t.string({ description: "Language of Cal.com's messages, a BCP 47 tag." }),
    reason: t.string({ description: 'What it is about, in own words; at most 2000 characters.' }),
    recurrenceCount: t.int({ description: 'How many visits, for a recurring event type; at most 52.' }),
    holdId: t.id({ description: 'Your hold on the slot.' }),
    fields: t.field({ type: [BookingFieldInput], description: "Answers to the event type's own questions; at most 50." }),
  }),
});

const RescheduleAppointmentInput = builder.inputType('RescheduleAppointmentInput', {
  description: 'What to move, and where to.',
  validate: ChangeAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    appointmentId: t.id({ required: true, description: WHICH }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'The new start: that of a free slot.' }),
    reason: t.string({ description: 'Why; at most 1000 characters.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    holdId: t.id({ description: 'Your hold on the slot.' }),
    participantId: t.id({ description: PARTICIPANT_OF_GROUP }),
  }),
});

const CancelAppointmentInput = builder.inputType('CancelAppointmentInput', {
  description: 'What to call off.',
  validate: ChangeAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    appointmentId: t.id({ required: true, description: WHICH }),
    reason: t.string({ description: 'Why; at most 1000 characters. Cal.com tells the other side. Staff must give one.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
    wholeSeries: t.boolean({ description: 'Also all later visits of the series.' }),
    participantId: t.id({ description: PARTICIPANT_OF_GROUP }),
  }),
});

const ConfirmAppointmentInput = builder.inputType('ConfirmAppointmentInput', {
  description: 'Which request to accept.',
  validate: ChangeAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    appointmentId: t.id({ required: true, description: WHICH }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
});

const DeclineAppointmentInput = builder.inputType('DeclineAppointmentInput', {
  description: 'Which request to refuse.',
  validate: ChangeAppointmentBounds,
  fields: (t) => ({
    clientMutationKey: t.id({ required: true, description: KEY }),
    appointmentId: t.id({ required: true, description: WHICH }),
    reason: t.string({ description: 'Why; at most 1000 characters. Cal.com tells the patient.' }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
});

const SetCareStateInput = builder.inputType('SetCareStateInput', {
  description: 'Where a visit stands now.',
  validate: SetCareStateBounds,
  fields: (t) => ({
    appointmentId: t.id({ required: true, description: WHICH }),
    participantId: t.id({ description: 'Which participant; needed by staff on a seated booking.' }),
    careState: t.field({
      type: CareState,
      required: true,
      description: 'The new care state. Setting the present one again changes nothing.',
    }),
    expectedVersion: t.int({ description: EXPECTED_VERSION }),
  }),
});

const WARNINGS = 'What the person should know besides; empty when there is nothing.';

export const changeSuccess = (name: string, description: string) =>
  builder.objectRef<ShownChange>(name).implement({
    description,
    fields: (t) => ({
      appointment: t.field({ type: Appointment, description: 'As it is now.', resolve: ({ appointment }) => appointment }),
      warnings: t.field({ type: [BookingWarning], description: WARNINGS, resolve: ({ warnings }) => warnings }),
    }),
  });

interface ShownBooking {
  appointments: VisibleAppointment[];
  warnings: Warning[];
}

const BookAppointmentSuccess = builder.objectRef<ShownBooking>('BookAppointmentSuccess').implement({
  description: 'Booked; `status` says whether the host has to confirm.',
  fields: (t) => ({
    appointments: t.field({
      type: [Appointment],
      description: 'One, or several for a series, by start.',
      resolve: ({ appointments }) => appointments,
    }),
    warnings: t.field({ type: [BookingWarning], description: WARNINGS, resolve: ({ warnings }) => warnings }),
  }),
});

const RescheduleAppointmentSuccess = builder.objectRef<ShownChange>('RescheduleAppointmentSuccess').implement({
  description: 'Moved, or asked to be.',
  fields: (t) => ({
    appointment: t.field({ type: Appointment, description: 'As it is now.', resolve: ({ appointment }) => appointment }),
    awaitsConfirmation: t.boolean({
      description: 'The host has to confirm the new time first.',
      resolve: ({ appointment }) => appointment.status === 'REQUESTED',
    }),
    warnings: t.field({ type: [BookingWarning], description: WARNINGS, resolve: ({ warnings }) => warnings }),
  }),
});

const CancelAppointmentSuccess = changeSuccess('CancelAppointmentSuccess', 'Called off.');
const ConfirmAppointmentSuccess = changeSuccess('ConfirmAppointmentSuccess', 'Accepted.');
const DeclineAppointmentSuccess = changeSuccess('DeclineAppointmentSuccess', 'Refused.');
const SetCareStateSuccess = builder.objectRef<{ appointment: VisibleAppointment }>('SetCareStateSuccess').implement({
  description: 'Noted.',
  fields: (t) => ({
    appointment: t.field({ type: Appointment, description: 'As it is now.', resolve: ({ appointment }) => appointment }),
  }),
});

builder.mutationFields((t) => ({
  bookAppointment: t.field({
    type: BookAppointmentSuccess,
    errors: resultUnion('BookAppointmentResult', SlotTaken),
    description: 'Books at Cal.com. The answer comes when it is recorded here too.',
    args: { input: t.arg({ type: BookAppointmentInput, required: true, description: 'What, when, for whom.' }) },
    resolve: async (_root, { input }, context) => {
      const eventTypeId = decodeEventTypeId(input.eventTypeId);
      if (eventTypeId === null) throw missing('The event type');
      const patientId = input.patientId == null ? null : decodePersonId(input.patientId, 'Patient');
      if (input.patientId != null && patientId === null) throw missing('The patient');
      const booked = await context.services.bookings.book(callerOf(context), {
        clientMutationKey: input.clientMutationKey,
        eventTypeId,
        startsAt: input.startsAt,
        timeZone: input.timeZone,
        durationMinutes: input.durationMinutes ?? null,
        consultationType: input.consultationType ?? null,
        patientId,
        attendee:
          input.attendee == null
            ? null
            : { name: input.attendee.name, email: input.attendee.email ?? null, phone: input.attendee.phone ?? null },
        guests: input.guests ?? [],
        phone: input.phone ?? null,
        locale: input.locale ?? null,
        reason: input.reason ?? null,
        recurrenceCount: input.recurrenceCount ?? null,
        holdId: holdOf(input.holdId),
        fields: input.fields ?? [],
      });
      const viewer = viewerOf(context);
      const { appointments, warnings } = orThrow(booked);
      return { appointments: appointments.map((row) => visibleAppointment(viewer, row)), warnings };
    },
  }),
  rescheduleAppointment: t.field({
    type: RescheduleAppointmentSuccess,
    errors: resultUnion('RescheduleAppointmentResult', SlotTaken, VersionConflict, InvalidTransition),
    description: 'Moves an appointment; its id stays. Of a seated booking a patient moves the own seat.',
    args: { input: t.arg({ type: RescheduleAppointmentInput, required: true, description: 'What, and where to.' }) },
    resolve: async (_root, { input }, context) =>
      shownChange(
        context,
        await context.services.bookings.reschedule(callerOf(context), {
          clientMutationKey: input.clientMutationKey,
          appointmentId: appointmentOf(input.appointmentId),
          startsAt: input.startsAt,
          reason: input.reason ?? null,
          expectedVersion: input.expectedVersion ?? null,
          holdId: holdOf(input.holdId),
          participantId: participantOf(input.participantId),
        }),
      ),
  }),
  cancelAppointment: t.field({
    type: CancelAppointmentSuccess,
    errors: resultUnion('CancelAppointmentResult', VersionConflict, InvalidTransition),
    description: 'Calls an appointment off. Of a seated booking a patient gives up the own seat.',
    args: { input: t.arg({ type: CancelAppointmentInput, required: true, description: 'What, and why.' }) },
    resolve: async (_root, { input }, context) =>
      shownChange(
        context,
        await context.services.bookings.cancel(callerOf(context), {
          clientMutationKey: input.clientMutationKey,
          appointmentId: appointmentOf(input.appointmentId),
          reason: input.reason ?? null,
          expectedVersion: input.expectedVersion ?? null,
          wholeSeries: input.wholeSeries ?? false,
          participantId: participantOf(input.participantId),
        }),
      ),
  }),
  confirmAppointment: t.field({
    type: ConfirmAppointmentSuccess,
    errors: resultUnion('ConfirmAppointmentResult', VersionConflict, InvalidTransition),
    description: "Accepts a request, with the host's own Cal.com credential.",
    args: { input: t.arg({ type: ConfirmAppointmentInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, context) =>
      shownChange(
        context,
        await context.services.bookings.confirm(callerOf(context), {
          clientMutationKey: input.clientMutationKey,
          appointmentId: appointmentOf(input.appointmentId),
          expectedVersion: input.expectedVersion ?? null,
        }),
      ),
  }),
  declineAppointment: t.field({
    type: DeclineAppointmentSuccess,
    errors: resultUnion('DeclineAppointmentResult', VersionConflict, InvalidTransition),
    description: "Refuses a request, with the host's own Cal.com credential.",
    args: { input: t.arg({ type: DeclineAppointmentInput, required: true, description: 'Which, and why.' }) },
    resolve: async (_root, { input }, context) =>
      shownChange(
        context,
        await context.services.bookings.decline(callerOf(context), {
          clientMutationKey: input.clientMutationKey,
          appointmentId: appointmentOf(input.appointmentId),
          reason: input.reason ?? null,
          expectedVersion: input.expectedVersion ?? null,
        }),
      ),
  }),
  setCareState: t.field({
    type: SetCareStateSuccess,
    errors: resultUnion('SetCareStateResult', VersionConflict, InvalidTransition),
    description: 'Moves a visit along; patients check themselves in. Cal.com is not told.',
    args: { input: t.arg({ type: SetCareStateInput, required: true, description: 'Which, and where it stands.' }) },
    resolve: async (_root, { input }, context) => {
      const set = await context.services.care.set(callerOf(context), {
        appointmentId: appointmentOf(input.appointmentId),
        participantId: participantOf(input.participantId),
        careState: input.careState,
        expectedVersion: input.expectedVersion ?? null,
      });
      return { appointment: visibleAppointment(viewerOf(context), orThrow(set)) };
    },
  }),
}));
