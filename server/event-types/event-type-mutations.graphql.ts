/** Creating, changing and deleting event types: arguments to values, one call, result to union. Admins only. */
import { ConsultationType } from '../appointments/words.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodeEventTypeId, decodePersonId, encodeId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import type { EventTypeId } from '../kernel/ids.ts';
import { CreateEventTypeBounds, type EventTypePlace, type EventTypeWish, UpdateEventTypeBounds } from './event-type-input.ts';
import type { BookableEventType } from './event-type-store.ts';
import { EventType } from './event-types.graphql.ts';

const DESCRIPTION = {
  title: 'Name for people, at most 200 characters.',
  slug: 'Short name of small letters, digits and hyphens; unique per clinician, the same for the same kind at several clinicians.',
  description: 'Longer text for people; empty takes it away.',
  durationMinutes: 'Usual length in minutes.',
  durationOptions: 'Lengths to choose from, the usual one among them; an empty list: the usual one only.',
  places: 'Where one can meet, the usual place first.',
  requiresConfirmation: 'A booking is only requested until the host confirms.',
  hidden: 'Not offered to the public.',
  seats: 'Seats of a group visit; null: for one person.',
};

const EventTypePlaceInput = builder.inputType('EventTypePlaceInput', {
  description: 'A way to meet.',
  fields: (t) => ({
    consultationType: t.field({ type: ConsultationType, required: true, description: 'How.' }),
    detail: t.string({
      description: 'IN_PERSON: the address. AUDIO: the number to call; without one we call the patient. VIDEO: nothing.',
    }),
  }),
});

const CreateEventTypeInput = builder.inputType('CreateEventTypeInput', {
  description: 'A new event type of one clinician.',
  validate: CreateEventTypeBounds,
  fields: (t) => ({
    clinicianId: t.id({ required: true, description: 'Who hosts it.' }),
    title: t.string({ required: true, description: DESCRIPTION.title }),
    slug: t.string({ required: true, description: DESCRIPTION.slug }),
    description: t.string({ description: DESCRIPTION.description }),
    durationMinutes: t.int({ required: true, description: DESCRIPTION.durationMinutes }),
    durationOptions: t.intList({ description: DESCRIPTION.durationOptions }),
    places: t.field({ type: [EventTypePlaceInput], description: DESCRIPTION.places }),
    requiresConfirmation: t.boolean({ description: DESCRIPTION.requiresConfirmation }),
    hidden: t.boolean({ description: DESCRIPTION.hidden }),
    seats: t.int({ description: DESCRIPTION.seats }),
  }),
});

const UpdateEventTypeInput = builder.inputType('UpdateEventTypeInput', {
  description: 'What to change of an event type; what is left out stays.',
  validate: UpdateEventTypeBounds,
  fields: (t) => ({
    eventTypeId: t.id({ required: true, description: 'Which.' }),
    title: t.string({ description: DESCRIPTION.title }),
    slug: t.string({ description: DESCRIPTION.slug }),
    description: t.string({ description: DESCRIPTION.description }),
    durationMinutes: t.int({ description: DESCRIPTION.durationMinutes }),
    durationOptions: t.intList({ description: DESCRIPTION.durationOptions }),
    places: t.field({ type: [EventTypePlaceInput], description: DESCRIPTION.places }),
    requiresConfirmation: t.boolean({ description: DESCRIPTION.requiresConfirmation }),
    hidden: t.boolean({ description: DESCRIPTION.hidden }),
    seats: t.int({ description: DESCRIPTION.seats }),
  }),
});

const DeleteEventTypeInput = builder.inputType('DeleteEventTypeInput', {
  description: 'Which event type to delete.',
  fields: (t) => ({ eventTypeId: t.id({ required: true, description: 'Which.' }) }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ eventType: BookableEventType }>(name).implement({
    description,
    fields: (t) => ({ eventType: t.field({ type: EventType, description: 'As it is now.', resolve: ({ eventType }) => eventType }) }),
  });

const CreateEventTypeSuccess = success('CreateEventTypeSuccess', 'It can be booked.');
const UpdateEventTypeSuccess = success('UpdateEventTypeSuccess', 'Changed, here and at Cal.com.');
const DeleteEventTypeSuccess = builder.objectRef<{ id: EventTypeId }>('DeleteEventTypeSuccess').implement({
  description: 'It cannot be booked any more; its appointments stay.',
  fields: (t) => ({ eventTypeId: t.id({ description: 'Which one it was.', resolve: ({ id }) => encodeId('EventType', id) }) }),
});

interface GivenFacts {
  title?: string | null | undefined;
  slug?: string | null | undefined;
  description?: string | null | undefined;
  durationMinutes?: number | null | undefined;
  durationOptions?: number[] | null | undefined;
  places?: { consultationType: EventTypePlace['consultationType']; detail?: string | null | undefined }[] | null | undefined;
  requiresConfirmation?: boolean | null | undefined;
  hidden?: boolean | null | undefined;
  seats?: number | null | undefined;
}

/** Null says nothing, apart from seats, where it is a value. */
function wishOf(input: GivenFacts): EventTypeWish {
  return {
    ...(input.title == null ? {} : { title: input.title }),
    ...(input.slug == null ? {} : { slug: input.slug }),
    ...(input.description == null ? {} : { description: input.description }),
    ...(input.durationMinutes == null ? {} : { durationMinutes: input.durationMinutes }),
    ...(input.durationOptions == null ? {} : { durationOptions: input.durationOptions }),
    ...(input.places == null
      ? {}
      : { places: input.places.map(({ consultationType, detail }) => ({ consultationType, detail: detail ?? null })) }),
    ...(input.requiresConfirmation == null ? {} : { requiresConfirmation: input.requiresConfirmation }),
    ...(input.hidden == null ? {} : { hidden: input.hidden }),
    ...(input.seats === undefined ? {} : { seats: input.seats }),
  };
}

function known(globalId: string): EventTypeId {
  const id = decodeEventTypeId(globalId);
  if (id === null) throw missing('The event type');
  return id;
}

builder.mutationFields((t) => ({
  createEventType: t.field({
    type: CreateEventTypeSuccess,
    errors: resultUnion('CreateEventTypeResult'),
    description: "Adds an event type at the clinician's Cal.com account. Admins only, audited.",
    args: { input: t.arg({ type: CreateEventTypeInput, required: true, description: 'What to offer.' }) },
    resolve: async (_root, { input }, context) => {
      const clinicianId = decodePersonId(input.clinicianId, 'Clinician');
      if (clinicianId === null) throw missing('The clinician');
      const { title, slug, durationMinutes } = input;
      const wish = { ...wishOf(input), title, slug, durationMinutes };
      return { eventType: orThrow(await context.services.eventTypes.create(callerOf(context), clinicianId, wish)) };
    },
  }),
  updateEventType: t.field({
    type: UpdateEventTypeSuccess,
    errors: resultUnion('UpdateEventTypeResult'),
    description: 'Changes an event type at Cal.com. Admins only, audited.',
    args: { input: t.arg({ type: UpdateEventTypeInput, required: true, description: 'Which, and what.' }) },
    resolve: async (_root, { input }, context) => ({
      eventType: orThrow(await context.services.eventTypes.update(callerOf(context), known(input.eventTypeId), wishOf(input))),
    }),
  }),
  deleteEventType: t.field({
    type: DeleteEventTypeSuccess,
    errors: resultUnion('DeleteEventTypeResult'),
    description: 'Deletes an event type at Cal.com; its appointments stay and keep naming it. Admins only, audited.',
    args: { input: t.arg({ type: DeleteEventTypeInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, context) =>
      orThrow(await context.services.eventTypes.delete(callerOf(context), known(input.eventTypeId))),
  }),
}));
