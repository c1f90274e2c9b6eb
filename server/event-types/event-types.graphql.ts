/** Event types: what may be booked. Public, apart from the hidden ones. */
import { ConsultationType } from '../appointments/words.graphql.ts';
import { maySeeHiddenEventTypes } from '../auth/authorize.ts';
import { builder, column } from '../graphql/builder.ts';
import { decodeEventTypeId, decodePersonId } from '../graphql/global-id.ts';
import { userId } from '../kernel/ids.ts';
import { Clinician } from '../users/people.graphql.ts';
import { eventTypeBySlug, eventTypesOf } from './event-type-store.ts';

export const EventType = builder.prismaNode('CalcomEventType', {
  variant: 'EventType',
  description: "Cal.com's bookable kind of appointment.",
  id: { field: 'id' },
  select: {
    id: true,
    clinicianId: true,
    slug: true,
    title: true,
    description: true,
    durationMinutes: true,
    durationOptions: true,
    consultationTypes: true,
    requiresConfirmation: true,
    hidden: true,
    seats: true,
    recurring: true,
  },
  fields: (t) => ({
    slug: t.string({ ...column('slug'), description: 'Short name, unique per clinician.', resolve: (type) => type.slug }),
    title: t.string({ ...column('title'), description: 'Name for people.', resolve: (type) => type.title }),
    description: t.string({
      ...column('description'),
      nullable: true,
      description: 'Longer text for people.',
      resolve: (type) => type.description,
    }),
    durationMinutes: t.int({
      ...column('durationMinutes'),
      description: 'Usual length in minutes.',
      resolve: (type) => type.durationMinutes,
    }),
    durationOptions: t.intList({
      ...column('durationOptions'),
      description: 'Lengths to choose from, in minutes; empty when there is only the usual one.',
      resolve: (type) => type.durationOptions,
    }),
    consultationTypes: t.field({
      ...column('consultationTypes'),
      type: [ConsultationType],
      description: 'How one can meet.',
      resolve: (type) => type.consultationTypes,
    }),
    requiresConfirmation: t.boolean({
      ...column('requiresConfirmation'),
      description: 'A booking is only requested until the host confirms.',
      resolve: (type) => type.requiresConfirmation,
    }),
    hidden: t.boolean({
      ...column('hidden'),
      description: 'Not offered to the public; staff may book it.',
      resolve: (type) => type.hidden,
    }),
    seats: t.int({
      ...column('seats'),
      nullable: true,
      description: 'Seats of a group visit; null when for one person.',
      resolve: (type) => type.seats,
    }),
    recurring: t.boolean({ ...column('recurring'), description: 'May be booked as a series.', resolve: (type) => type.recurring }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Who hosts it.',
      resolve: (type, _args, { loaders }) => loaders.users.load(type.clinicianId),
    }),
  }),
});

builder.prismaObjectFields(Clinician, (t) => ({
  eventTypes: t.field({
    type: [EventType],
    description: 'What they offer, by title; hidden ones for staff only. At most 1000.',
    resolve: (clinician, _args, { loaders }) => loaders.eventTypesOfClinician.load(userId(clinician.id)),
  }),
}));

const ClinicianSlugInput = builder.inputType('ClinicianSlugInput', {
  description: 'A slug is unique per clinician only.',
  fields: (t) => ({
    clinicianId: t.id({ required: true, description: 'Whose.' }),
    slug: t.string({ required: true, description: 'Which.' }),
  }),
});

const EventTypeBy = builder.inputType('EventTypeBy', {
  description: 'One way to name an event type.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ description: 'By global id.' }),
    clinicianSlug: t.field({ type: ClinicianSlugInput, description: 'By clinician and slug.' }),
  }),
});

builder.queryFields((t) => ({
  eventTypes: t.field({
    type: [EventType],
    skipTypeScopes: true,
    description: 'What may be booked, by clinician and title; public. At most 1000.',
    args: {
      clinicianId: t.arg.id({ description: 'Only what this clinician offers.' }),
      includeHidden: t.arg.boolean({ description: 'Also what is not offered to the public; for staff, ignored for others.' }),
    },
    resolve: (_root, args, { services, viewer }) => {
      const clinicianId = args.clinicianId == null ? null : decodePersonId(args.clinicianId, 'Clinician');
      if (args.clinicianId != null && clinicianId === null) return [];
      return eventTypesOf(services.pool, clinicianId, args.includeHidden === true && maySeeHiddenEventTypes(viewer));
    },
  }),
  eventType: t.field({
    type: EventType,
    nullable: true,
    skipTypeScopes: true,
    description: 'One event type; null when unknown, or hidden and not yours to see. Public.',
    args: { by: t.arg({ type: EventTypeBy, required: true, description: 'Which.' }) },
    resolve: async (_root, { by }, { services, loaders, viewer }) => {
      const found = by.clinicianSlug == null ? await byId(by.id) : await bySlug(by.clinicianSlug);
      return found !== null && found.hidden && !maySeeHiddenEventTypes(viewer) ? null : found;

      async function byId(globalId: string | null | undefined) {
        const id = globalId == null ? null : decodeEventTypeId(globalId);
        return id === null ? null : loaders.eventTypes.load(id);
      }
      async function bySlug({ clinicianId, slug }: { clinicianId: string; slug: string }) {
        const owner = decodePersonId(clinicianId, 'Clinician');
        return owner === null ? null : eventTypeBySlug(services.pool, owner, slug);
      }
    },
  }),
}));
