/** Free times of the same kind at several clinicians. Public, as slots are. */
import { z } from 'zod';
import { EventType } from '../event-types/event-types.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { CalcomUnavailable, InvalidInput, invalid, missing, NotFound, orThrow } from '../graphql/errors.ts';
import { decodeEventTypeId } from '../graphql/global-id.ts';
import {
  type FirstFree,
  firstFree,
  type FirstFreeQuery,
  type FreeTime as FreeTimeShape,
  LONGEST_FIRST_FREE_DAYS,
  MOST_EVENT_TYPES,
  MOST_FIRST_FREE,
} from './first-free.ts';
import { Slot } from './slot.graphql.ts';

const USUAL_FIRST = 20;

const FreeTime = builder.objectRef<FreeTimeShape>('FreeTime').implement({
  description: 'A free time, and whose it is.',
  fields: (t) => ({
    slot: t.field({ type: Slot, description: 'When.', resolve: ({ slot }) => slot }),
    eventType: t.field({ type: EventType, description: 'What to book, and with whom.', resolve: ({ eventType }) => eventType }),
  }),
});

const FirstFreeList = builder.objectRef<FirstFree>('FirstFreeList').implement({
  description: 'The earliest free times. Empty means "none"; whoever could not be asked is in `unavailable`.',
  fields: (t) => ({
    times: t.field({ type: [FreeTime], description: 'By start, as many as asked for.', resolve: (list) => list.times }),
    unavailable: t.field({
      type: [EventType],
      description: `Cal.com could not be asked about these, or no longer has them, so their times are missing. At most ${MOST_EVENT_TYPES}.`,
      resolve: (list) => list.unavailable,
    }),
    leftOut: t.exposeInt('leftOut', {
      description: `Event types that were not asked about, because there are more than ${MOST_EVENT_TYPES}.`,
    }),
    stale: t.exposeBoolean('stale', { description: 'True when Cal.com could not be asked and some of it is the last known answer.' }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When Cal.com said so; the oldest part of it.' }),
    nextFreeDay: t.expose('nextFreeDay', {
      type: 'DateTime',
      nullable: true,
      description: 'When there is none: where the next free day begins; null when unknown.',
    }),
  }),
});

const FirstFreeResult = builder.errorUnion('FirstFreeResult', {
  description: 'Free times, or why they cannot be told.',
  types: [FirstFreeList, CalcomUnavailable, InvalidInput, NotFound],
  resolveType: () => 'FirstFreeList',
});

const FirstFreeOf = builder.inputType('FirstFreeOf', {
  description: 'One way to say what to book.',
  isOneOf: true,
  fields: (t) => ({
    slug: t.string({ description: 'The kind, as in `EventTypeGroup.slug`.' }),
    eventTypeIds: t.idList({ description: `These event types, at most ${MOST_EVENT_TYPES}.` }),
  }),
});

function meant({
  slug,
  eventTypeIds,
}: {
  slug?: string | null | undefined;
  eventTypeIds?: string[] | null | undefined;
}): FirstFreeQuery['of'] {
  if (slug != null) return { slug };
  const ids = eventTypeIds ?? [];
  if (ids.length === 0) throw invalid({ path: 'of.eventTypeIds', message: 'Name at least one event type.' });
  if (ids.length > MOST_EVENT_TYPES)
    throw invalid({ path: 'of.eventTypeIds', message: `At most ${MOST_EVENT_TYPES} event types at once.` });
  const known = ids.map(decodeEventTypeId);
  if (known.some((id) => id === null)) throw missing('The event type');
  return { eventTypeIds: known.filter((id) => id !== null) };
}

builder.queryFields((t) => ({
  firstFree: t.field({
    type: FirstFreeResult,
    skipTypeScopes: true,
    description: 'Whoever is free first: the earliest free times of the same kind at several clinicians. Public for event types that are.',
    args: {
      of: t.arg({ type: FirstFreeOf, required: true, description: 'What to book.' }),
      from: t.arg({ type: 'DateTime', required: true, description: 'Beginning of the range.' }),
      to: t.arg({ type: 'DateTime', required: true, description: `End of the range, at most ${LONGEST_FIRST_FREE_DAYS} days later.` }),
      timeZone: t.arg({ type: 'TimeZone', description: "The zone of `localStart`; the clinic's when not given." }),
      durationMinutes: t.arg.int({ description: 'Only where this length is offered; the usual length of each when not given.' }),
      first: t.arg.int({ description: `How many times, 1 to ${MOST_FIRST_FREE}; ${USUAL_FIRST} when not given.` }),
    },
    validate: z.looseObject({
      durationMinutes: z.number().min(1).max(1440).nullish(),
      first: z.number().min(1, 'At least one.').max(MOST_FIRST_FREE, `At most ${MOST_FIRST_FREE}.`).nullish(),
    }),
    resolve: async (_root, args, { services, viewer }) =>
      orThrow(
        await firstFree(services, viewer, {
          of: meant(args.of),
          from: args.from,
          to: args.to,
          timeZone: args.timeZone ?? null,
          durationMinutes: args.durationMinutes ?? null,
          first: args.first ?? USUAL_FIRST,
        }),
      ),
  }),
}));
