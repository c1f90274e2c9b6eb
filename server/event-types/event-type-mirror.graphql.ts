/** The copy of Cal.com's event types: what it differed in, and making it equal now. Admins only. */
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { orThrow } from '../graphql/errors.ts';
import { encodeId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { Clinician } from '../users/people.graphql.ts';
import type { EventTypeDrift as Drift, EventTypeDriftKind } from './event-type-drift.ts';
import type { MirrorReport } from './mirror-report.ts';

const EventTypeDriftKindEnum = builder.enumType('EventTypeDriftKind', {
  description: 'How an event type differed.',
  values: {
    MISSING: { description: 'Cal.com offers it and we did not.' },
    CHANGED: { description: 'Something about it was different.' },
    DELETED: { description: 'We offered it and Cal.com no longer does.' },
  } satisfies Record<EventTypeDriftKind, { description: string }>,
});

const EventTypeDrift = builder.objectRef<Drift>('EventTypeDrift').implement({
  description: 'One event type that differed.',
  fields: (t) => ({
    kind: t.expose('kind', { type: EventTypeDriftKindEnum, description: 'How.' }),
    eventTypeId: t.id({
      description: 'Global id; not to be found while it is missing.',
      resolve: (drift) => encodeId('EventType', drift.eventTypeId),
    }),
    slug: t.exposeString('slug', { description: 'Its short name.' }),
    title: t.exposeString('title', { description: 'Its name for people.' }),
    fields: t.exposeStringList('fields', { description: 'With CHANGED: what differed.' }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'Whose it is.',
      resolve: (drift, _args, { loaders }) => loaders.users.load(drift.clinicianId),
    }),
  }),
});

const EventTypeMirrorReport = builder.objectRef<MirrorReport>('EventTypeMirrorReport').implement({
  description: 'One comparison of our event types with those at Cal.com.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    dryRun: t.exposeBoolean('dryRun', { description: 'True: nothing was changed, so what differed still does.' }),
    clinicians: t.exposeInt('clinicians', { description: 'How many clinicians Cal.com was asked about.' }),
    eventTypes: t.exposeInt('eventTypes', { description: 'How many event types they have there.' }),
    failed: t.field({
      type: [Clinician],
      description: 'Whom Cal.com could not be asked about: theirs are as they were.',
      resolve: async ({ failed }, _args, { loaders }) =>
        (await Promise.all(failed.map((id) => loaders.users.load(id)))).filter((user) => user !== null),
    }),
    drift: t.field({ type: [EventTypeDrift], description: 'What differed. At most 1000.', resolve: ({ drift }) => drift }),
  }),
});

builder.queryFields((t) => ({
  eventTypeMirror: t.field({
    type: EventTypeMirrorReport,
    nullable: true,
    description: 'What the last comparison found; null: there was none yet. Admins only.',
    resolve: async (_root, _args, context) => orThrow(await context.services.eventTypes.lastMirror(callerOf(context))),
  }),
}));

const MirrorEventTypesInput = builder.inputType('MirrorEventTypesInput', {
  description: 'How to compare.',
  fields: (t) => ({ dryRun: t.boolean({ description: 'Only say what differs; false when not given.' }) }),
});

const MirrorEventTypesSuccess = builder.objectRef<{ report: MirrorReport }>('MirrorEventTypesSuccess').implement({
  description: 'Compared.',
  fields: (t) => ({ report: t.field({ type: EventTypeMirrorReport, description: 'What was found.', resolve: ({ report }) => report }) }),
});

builder.mutationFields((t) => ({
  mirrorEventTypes: t.field({
    type: MirrorEventTypesSuccess,
    errors: resultUnion('MirrorEventTypesResult'),
    description: 'Copies the event types from Cal.com now and says what differed. Admins only, audited.',
    args: { input: t.arg({ type: MirrorEventTypesInput, required: true, description: 'How.' }) },
    resolve: async (_root, { input }, context) => ({
      report: orThrow(await context.services.eventTypes.mirror(callerOf(context), { dryRun: input.dryRun ?? false })),
    }),
  }),
}));
