/** A free time. */
import { builder } from '../graphql/builder.ts';
import type { Slot as SlotShape } from './slot.ts';

export const Slot = builder.objectRef<SlotShape>('Slot').implement({
  description: 'A free start of an event type, as Cal.com computed it.',
  fields: (t) => ({
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Start.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'End.' }),
    localStart: t.exposeString('localStart', { description: 'Wall clock time in `timeZone`, for instance `2026-12-07T09:00`.' }),
    timeZone: t.expose('timeZone', { type: 'TimeZone', description: 'The zone asked for.' }),
    seatsLeft: t.exposeInt('seatsLeft', { nullable: true, description: 'Null when the event type has no seats.' }),
  }),
});
