/** What an event type asks for when it is booked, besides name and address. Public, as the event type is. */
import { builder } from '../graphql/builder.ts';
import { eventTypeId } from '../kernel/ids.ts';
import type { BookingField as Field } from './event-type.ts';
import { EventType } from './event-types.graphql.ts';

const BookingField = builder.objectRef<Field>('BookingField').implement({
  description: 'A question of an event type; answer it in `BookAppointmentInput.fields`.',
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'Its name for programs.' }),
    label: t.exposeString('label', { nullable: true, description: 'The question as it was written for people.' }),
    type: t.exposeString('type', {
      description: "Cal.com's kind of field, for instance `text`, `select` or `phone`; an unknown kind takes text.",
    }),
    required: t.exposeBoolean('required', { description: 'Nothing is booked without an answer.' }),
    options: t.exposeStringList('options', { nullable: true, description: 'What to choose from; null for free answers.' }),
  }),
});

builder.prismaObjectFields(EventType, (t) => ({
  bookingFields: t.field({
    type: [BookingField],
    description: 'Questions of its own, in the order to ask them; hidden ones left out. At most a handful.',
    resolve: async (type, _args, { loaders }) => {
      const found = await loaders.eventTypes.load(eventTypeId(type.id));
      return found?.bookingFields.filter((field) => !field.isDefault && !field.hidden) ?? [];
    },
  }),
}));
