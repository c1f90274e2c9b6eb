/** Event types grouped for booking: first the kind, then the clinician or "whoever is free first". Public. */
import { ConsultationType } from '../appointments/words.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { type EventTypeGroup as Group, groupsOf } from './event-type-group.ts';
import { eventTypesOf } from './event-type-store.ts';
import { EventType } from './event-types.graphql.ts';

const EventTypeGroup = builder.objectRef<Group>('EventTypeGroup').implement({
  description: 'The same kind of appointment at one or several clinicians: event types of one slug.',
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'Short name that they share; `firstFree` takes it.' }),
    title: t.exposeString('title', { description: 'Name for people; the commonest when clinicians call it differently.' }),
    durations: t.exposeIntList('durations', { description: 'Lengths in minutes that at least one clinician offers, ascending.' }),
    consultationTypes: t.field({
      type: [ConsultationType],
      description: 'How one can meet at one or another of them.',
      resolve: (group) => group.consultationTypes,
    }),
    eventTypes: t.field({ type: [EventType], description: "By clinician's name.", resolve: (group) => group.eventTypes }),
  }),
});

builder.queryFields((t) => ({
  eventTypeGroups: t.field({
    type: [EventTypeGroup],
    skipTypeScopes: true,
    description: 'What may be booked, the same kind across clinicians together, by title; hidden ones left out. Public. At most 1000.',
    resolve: async (_root, _args, { services }) => groupsOf(await eventTypesOf(services.pool, null, false)),
  }),
}));
