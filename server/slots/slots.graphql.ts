/** Free times, and holds on them. */
import { z } from 'zod';
import { EventType } from '../event-types/event-types.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf, type GraphqlContext } from '../graphql/context.ts';
import { CalcomUnavailable, InvalidInput, missing, NotFound, orThrow, SlotTaken } from '../graphql/errors.ts';
import { decodeAppointmentId, decodeEventTypeId, decodeUuid, encodeId, NO_UUID } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { type EventTypeId, eventTypeId } from '../kernel/ids.ts';
import { Slot } from './slot.graphql.ts';
import { LONGEST_RANGE_DAYS } from './slot-window.ts';
import type { SlotList as SlotListShape } from './slot.ts';

const MAX_MINUTES = 1440;

const SlotList = builder.objectRef<SlotListShape>('SlotList').implement({
  description: 'Free times of one event type. Empty means "none"; that Cal.com could not be asked is `stale` or `CalcomUnavailable`.',
  fields: (t) => ({
    slots: t.field({ type: [Slot], description: 'By start. Bounded by the range asked for.', resolve: (list) => list.slots }),
    stale: t.exposeBoolean('stale', { description: 'True when Cal.com is slow or away and this is the last known answer.' }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When Cal.com said so.' }),
    nextFreeDay: t.expose('nextFreeDay', {
      type: 'DateTime',
      nullable: true,
      description: 'When the range has none: where the next free day begins, in `timeZone`; null when there is none for weeks, or unknown.',
    }),
  }),
});

const SlotBounds = z.looseObject({ durationMinutes: z.number().min(1).max(MAX_MINUTES).nullish() });

interface SlotArguments {
  from: Date;
  to: Date;
  timeZone?: string | null;
  durationMinutes?: number | null;
  rescheduling?: string | null;
  holdId?: string | null;
}

async function findSlots(eventType: EventTypeId, args: SlotArguments, { loaders }: GraphqlContext): Promise<SlotListShape> {
  const rescheduling = args.rescheduling == null ? null : decodeAppointmentId(args.rescheduling);
  if (args.rescheduling != null && rescheduling === null) throw missing('The appointment');
  const found = await loaders.slots.load({
    eventTypeId: eventType,
    from: args.from,
    to: args.to,
    timeZone: args.timeZone ?? null,
    durationMinutes: args.durationMinutes ?? null,
    rescheduling,
    holdId: args.holdId == null ? null : (decodeUuid(args.holdId, 'SlotHold') ?? NO_UUID),
  });
  // Whether an event type is hidden from the viewer or unknown is not told apart.
  if (!found.ok && found.failure.kind === 'NotAllowed') throw missing('The event type');
  return orThrow(found);
}

const SlotsResult = builder.errorUnion('SlotsResult', {
  description: 'Free times, or why they cannot be told.',
  types: [SlotList, CalcomUnavailable, InvalidInput, NotFound],
  resolveType: () => 'SlotList',
});

const ARGUMENTS = {
  from: 'Beginning of the range.',
  to: `End of the range, at most ${LONGEST_RANGE_DAYS} days later.`,
  timeZone: 'The zone of `localStart`; that of the clinic when not given.',
  durationMinutes: 'One of `durationOptions`; the usual length when not given.',
  rescheduling: 'The appointment being moved: its own time counts as free.',
  holdId: 'Your own hold: its time counts as free.',
};

builder.queryFields((t) => ({
  slots: t.field({
    type: SlotsResult,
    skipTypeScopes: true,
    description: 'Free times of one event type. Public for event types that are.',
    args: {
      eventTypeId: t.arg.id({ required: true, description: 'Of which event type.' }),
      from: t.arg({ type: 'DateTime', required: true, description: ARGUMENTS.from }),
      to: t.arg({ type: 'DateTime', required: true, description: ARGUMENTS.to }),
      timeZone: t.arg({ type: 'TimeZone', description: ARGUMENTS.timeZone }),
      durationMinutes: t.arg.int({ description: ARGUMENTS.durationMinutes }),
      rescheduling: t.arg.id({ description: ARGUMENTS.rescheduling }),
      holdId: t.arg.id({ description: ARGUMENTS.holdId }),
    },
    validate: SlotBounds,
    resolve: (_root, args, context) => {
      const id = decodeEventTypeId(args.eventTypeId);
      if (id === null) throw missing('The event type');
      return findSlots(id, args, context);
    },
  }),
}));

builder.prismaObjectFields(EventType, (t) => ({
  slots: t.field({
    type: SlotsResult,
    description:
      'Free times. Of up to four weeks, each event type of a list costs one question to Cal.com, two when nothing is free for two weeks.',
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: ARGUMENTS.from }),
      to: t.arg({ type: 'DateTime', required: true, description: ARGUMENTS.to }),
      timeZone: t.arg({ type: 'TimeZone', description: ARGUMENTS.timeZone }),
      durationMinutes: t.arg.int({ description: ARGUMENTS.durationMinutes }),
      rescheduling: t.arg.id({ description: ARGUMENTS.rescheduling }),
      holdId: t.arg.id({ description: ARGUMENTS.holdId }),
    },
    validate: SlotBounds,
    resolve: (eventType, args, context) => findSlots(eventTypeId(eventType.id), args, context),
  }),
}));

interface HoldShape {
  id: string;
  startsAt: Date;
  endsAt: Date;
  expiresAt: Date;
}

const SlotHold = builder.objectRef<HoldShape>('SlotHold').implement({
  description: 'A short reservation of a slot while a person fills the form.',
  fields: (t) => ({
    id: t.id({ description: 'Give it back when booking, or to release it.', resolve: (hold) => encodeId('SlotHold', hold.id) }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'Start of the slot.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'End of the slot.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the slot is free for others again.' }),
  }),
});

const HoldSlotInput = builder.inputType('HoldSlotInput', {
  description: 'Which slot to hold.',
  validate: z.looseObject({ durationMinutes: z.number().min(1).max(MAX_MINUTES).nullish() }),
  fields: (t) => ({
    eventTypeId: t.id({ required: true, description: 'Of which event type.' }),
    startsAt: t.field({ type: 'DateTime', required: true, description: 'Start of the slot.' }),
    durationMinutes: t.int({ description: ARGUMENTS.durationMinutes }),
  }),
});

const HoldSlotSuccess = builder.objectRef<{ hold: HoldShape }>('HoldSlotSuccess').implement({
  description: 'The slot is yours for a while.',
  fields: (t) => ({ hold: t.field({ type: SlotHold, description: 'The hold.', resolve: ({ hold }) => hold }) }),
});

const ReleaseSlotInput = builder.inputType('ReleaseSlotInput', {
  description: 'Which hold to give up.',
  fields: (t) => ({ holdId: t.id({ required: true, description: 'As given by `holdSlot`.' }) }),
});

const ReleaseSlotSuccess = builder.objectRef<{ id: string }>('ReleaseSlotSuccess').implement({
  description: 'The slot is free for others again.',
  fields: (t) => ({ holdId: t.id({ description: 'The hold that was given up.', resolve: ({ id }) => encodeId('SlotHold', id) }) }),
});

builder.mutationFields((t) => ({
  holdSlot: t.field({
    type: HoldSlotSuccess,
    errors: resultUnion('HoldSlotResult', SlotTaken),
    description: 'Reserves a slot for a few minutes.',
    args: { input: t.arg({ type: HoldSlotInput, required: true, description: 'Which slot.' }) },
    resolve: async (_root, { input }, context) => {
      const id = decodeEventTypeId(input.eventTypeId);
      if (id === null) throw missing('The event type');
      const hold = await context.services.slots.hold(callerOf(context), {
        eventTypeId: id,
        startsAt: input.startsAt,
        durationMinutes: input.durationMinutes ?? null,
      });
      return { hold: orThrow(hold) };
    },
  }),
  releaseSlot: t.field({
    type: ReleaseSlotSuccess,
    errors: resultUnion('ReleaseSlotResult'),
    description: 'Gives up a hold before it ends.',
    args: { input: t.arg({ type: ReleaseSlotInput, required: true, description: 'Which hold.' }) },
    resolve: async (_root, { input }, context) => {
      const holdId = decodeUuid(input.holdId, 'SlotHold');
      if (holdId === null) throw missing('The hold');
      return orThrow(await context.services.slots.release(callerOf(context), { holdId }));
    },
  }),
}));
