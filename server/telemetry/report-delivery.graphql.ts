/** `reportDelivery` and `serverTime`: how a screen tells when it was given a change and when it showed it. */
import { builder } from '../graphql/builder.ts';
import { viewerOf } from '../graphql/context.ts';
import { orThrow } from '../graphql/errors.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { MOST_SAMPLES, type ReportReceipt } from './delivery-desk.ts';

const DeliverySampleInput = builder.inputType('DeliverySampleInput', {
  description: "One change on its way to one screen. Instants are the gateway's clock, as the screen estimates it by `serverTime`.",
  fields: (t) => ({
    cursor: t.field({ type: 'Cursor', required: true, description: 'Of the update.' }),
    publishedAt: t.field({ type: 'DateTime', required: true, description: '`trace.publishedAt` of the update.' }),
    deliveredAt: t.field({ type: 'DateTime', required: true, description: 'When it arrived.' }),
    paintedAt: t.field({ type: 'DateTime', required: true, description: 'When it was on the screen.' }),
    clockErrorMs: t.int({ required: true, description: 'How far the estimate of the clock may be wrong, in milliseconds.' }),
  }),
});

const ReportDeliveryInput = builder.inputType('ReportDeliveryInput', {
  description: 'Samples of what a screen was given: a few of many, not all.',
  fields: (t) => ({
    samples: t.field({ type: [DeliverySampleInput], required: true, description: `1 to ${MOST_SAMPLES}.` }),
  }),
});

const ReportDeliverySuccess = builder.objectRef<ReportReceipt>('ReportDeliverySuccess').implement({
  description: 'What became of the report.',
  fields: (t) => ({
    kept: t.exposeInt('kept', {
      description: 'How many were kept. The others were of unknown, old or foreign changes, contradicted themselves, or were too many.',
    }),
    nextReportInMs: t.exposeInt('nextReportInMs', { description: 'Send the next report no sooner than this, in milliseconds.' }),
  }),
});

builder.mutationFields((t) => ({
  reportDelivery: t.field({
    type: ReportDeliverySuccess,
    errors: resultUnion('ReportDeliveryResult'),
    description: 'Tells when changes arrived at a screen and were shown there. Kept for eight days without who told it. Never repeat it.',
    args: { input: t.arg({ type: ReportDeliveryInput, required: true, description: 'The samples.' }) },
    resolve: async (_root, { input }, context) =>
      orThrow(
        await context.services.deliveries.report(
          viewerOf(context),
          input.samples.map((sample) => ({
            cursor: sample.cursor,
            publishedAt: sample.publishedAt.getTime(),
            deliveredAt: sample.deliveredAt.getTime(),
            paintedAt: sample.paintedAt.getTime(),
            clockErrorMs: sample.clockErrorMs,
          })),
        ),
      ),
  }),
}));

builder.queryFields((t) => ({
  serverTime: t.field({
    type: 'DateTime',
    skipTypeScopes: true,
    description: "The gateway's clock. Halfway between asking and being answered, it tells how far another clock is off. Public.",
    resolve: (_root, _args, { services }) => services.clock.now(),
  }),
}));
