/** How long changes take from Cal.com to the screens, for admins: by hour, one by one, and how live delivery is now. */
import { AppointmentChangeKind, ChangeCause } from '../appointments/words.graphql.ts';
import { builder } from '../graphql/builder.ts';
import { viewerOf } from '../graphql/context.ts';
import { invalid, orThrow } from '../graphql/errors.ts';
import { encodeId } from '../graphql/global-id.ts';
import { type LiveStatus, MOST_HOURS } from './delivery-desk.ts';
import type { LatencyHour, Stage, StageLatency, Waterfall, WaterfallOrder } from './delivery-sample-store.ts';

const MOST_WATERFALLS = 20;

const DeliveryStage = builder.enumType('DeliveryStage', {
  description: "A part of a change's way from Cal.com to a screen.",
  values: {
    RECORD: { description: 'From the arrival of the webhook until it was durable.' },
    APPLY: { description: 'Until the appointment was changed.' },
    PUBLISH: { description: 'Until it was handed to the stream.' },
    DELIVER: { description: 'Until it arrived at the screen.' },
    PAINT: { description: 'Until it was shown.' },
    TOTAL: { description: 'From the arrival of the webhook until it was shown.' },
  } satisfies Record<Stage, { description: string }>,
});

const DeliveryStageLatency = builder.objectRef<StageLatency>('DeliveryStageLatency').implement({
  description: 'How long a part took.',
  fields: (t) => ({
    stage: t.expose('stage', { type: DeliveryStage, description: 'Which part.' }),
    p50Ms: t.exposeFloat('p50Ms', { description: 'Half took at most this long, in milliseconds.' }),
    p95Ms: t.exposeFloat('p95Ms', { description: 'Nineteen of twenty took at most this long, in milliseconds.' }),
  }),
});

const DeliveryLatencyHour = builder.objectRef<LatencyHour>('DeliveryLatencyHour').implement({
  description: 'What screens reported of the changes of one hour.',
  fields: (t) => ({
    hour: t.expose('hour', { type: 'DateTime', description: 'When it begins.' }),
    samples: t.exposeInt('samples', { description: 'Changes on screens that were reported.' }),
    webhooks: t.exposeInt('webhooks', { description: 'How many of them a webhook had caused.' }),
    stages: t.field({
      type: [DeliveryStageLatency],
      description: 'The parts that were measured, in their order; at most 6. RECORD, APPLY and TOTAL are measured of webhooks only.',
      resolve: ({ stages }) => stages,
    }),
  }),
});

const DeliveryWaterfall = builder.objectRef<Waterfall>('DeliveryWaterfall').implement({
  description: 'The way of one change to one screen. Instants of the gateway’s clock.',
  fields: (t) => ({
    id: t.id({ description: 'Opaque id of the sample.', resolve: ({ id }) => id }),
    appointmentId: t.id({
      description: 'Global id of the appointment.',
      resolve: ({ appointmentId }) => encodeId('Appointment', appointmentId),
    }),
    kind: t.expose('kind', { type: AppointmentChangeKind, description: 'What the change was.' }),
    cause: t.expose('cause', { type: ChangeCause, description: 'How it came here.' }),
    receivedAt: t.expose('receivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the webhook arrived; null when it was none.',
    }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime', nullable: true, description: 'When it was durable; null when it was none.' }),
    appliedAt: t.expose('appliedAt', { type: 'DateTime', description: 'When the appointment was changed.' }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'When it was handed to the stream.' }),
    deliveredAt: t.expose('deliveredAt', { type: 'DateTime', description: 'When it arrived at the screen.' }),
    paintedAt: t.expose('paintedAt', { type: 'DateTime', description: 'When it was shown.' }),
    clockErrorMs: t.exposeInt('clockErrorMs', {
      description: 'How far the last two may be wrong against the others, in milliseconds.',
    }),
  }),
});

const DeliveryOrder = builder.enumType('DeliveryOrder', {
  description: 'Which come first.',
  values: {
    LATEST: { description: 'The newest.' },
    SLOWEST: { description: 'Those that took longest.' },
  } satisfies Record<WaterfallOrder, { description: string }>,
});

const RedisState = builder.enumType('RedisState', {
  description: 'The bell between instances.',
  values: {
    NONE: { description: 'Not configured: one instance.' },
    UP: { description: 'Rings.' },
    DOWN: { description: 'Does not answer: changes of other instances come up to a second later.' },
  },
});

const LiveStatusType = builder.objectRef<LiveStatus>('LiveStatus').implement({
  description: 'Live delivery at this moment, of the instance that answers.',
  fields: (t) => ({
    streams: t.exposeInt('streams', { description: 'Open streams.' }),
    lagMs: t.exposeInt('lagMs', {
      description: 'How long the oldest undelivered change has been waiting, in milliseconds; 0 when none is.',
    }),
    redis: t.field({ type: RedisState, description: 'The bell between instances.', resolve: ({ redis }) => REDIS[redis] }),
    lastWebhookAt: t.expose('lastWebhookAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last webhook arrived; null: never.',
    }),
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When this was so.' }),
  }),
});

const REDIS = { none: 'NONE', up: 'UP', down: 'DOWN' } as const;

const span = { from: 'Changes from here on.', to: `Changes before; at most ${MOST_HOURS} hours after \`from\`.` };

builder.queryFields((t) => ({
  deliveryLatency: t.field({
    type: [DeliveryLatencyHour],
    description: `Hours of which screens have reported, oldest first; at most ${MOST_HOURS}. Reports are kept for eight days. For admins.`,
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: span.from }),
      to: t.arg({ type: 'DateTime', required: true, description: span.to }),
    },
    resolve: async (_root, { from, to }, context) => orThrow(await context.services.deliveries.latency(viewerOf(context), from, to)),
  }),
  deliveryWaterfalls: t.field({
    type: [DeliveryWaterfall],
    description: `Single reported changes; at most ${MOST_WATERFALLS}. For admins.`,
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: span.from }),
      to: t.arg({ type: 'DateTime', required: true, description: span.to }),
      orderBy: t.arg({ type: DeliveryOrder, description: 'LATEST when not given.' }),
      first: t.arg.int({ description: `How many, 1 to ${MOST_WATERFALLS}; 10 when not given.` }),
    },
    resolve: async (_root, args, context) => {
      const first = args.first ?? 10;
      if (first < 1 || first > MOST_WATERFALLS) throw invalid({ path: 'first', message: `\`first\` is 1 to ${MOST_WATERFALLS}.` });
      return orThrow(await context.services.deliveries.waterfalls(viewerOf(context), args.from, args.to, args.orderBy ?? 'LATEST', first));
    },
  }),
  liveStatus: t.field({
    type: LiveStatusType,
    description: 'Live delivery at this moment. For admins.',
    resolve: async (_root, _args, context) => orThrow(await context.services.deliveries.status(viewerOf(context))),
  }),
}));
