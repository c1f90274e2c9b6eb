/** When clinicians are away, as Cal.com told of it. For staff and the board on the wall. */
import { maySeeSchedules } from '../auth/authorize.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf } from '../graphql/context.ts';
import { invalid, orThrow } from '../graphql/errors.ts';
import { decodeUuid, encodeId, NO_UUID } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { Clinician } from '../users/people.graphql.ts';
import type { BlockedTime as BlockedTimeShape } from './blocked-time-store.ts';

const LONGEST_DAYS = 366;
const DAY_MS = 86_400_000;

const BlockedTime = builder.objectRef<BlockedTimeShape>('BlockedTime').implement({
  description: 'A clinician is away. Why is not kept.',
  fields: (t) => ({
    id: t.id({ description: 'To dismiss it.', resolve: ({ id }) => encodeId('BlockedTime', id) }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'From then on.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'Until then; for whole days the last second of the last one.' }),
  }),
});

builder.prismaObjectFields(Clinician, (t) => ({
  blockedTimes: t.field({
    type: [BlockedTime],
    description: 'Time off that touches the range, by start; for staff and the board on the wall, empty for others. At most 1000.',
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'Beginning of the range.' }),
      to: t.arg({ type: 'DateTime', required: true, description: `End of the range, at most ${LONGEST_DAYS} days later.` }),
    },
    resolve: (clinician, { from, to }, { viewer, loaders }) => {
      if (to <= from) throw invalid({ path: 'to', message: 'The end of the range must be after its start.' });
      if (to.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS)
        throw invalid({ path: 'to', message: `Ask for at most ${LONGEST_DAYS} days at a time.` });
      return maySeeSchedules(viewer) ? loaders.blockedTimes.load({ clinicianId: clinician.id, from, to }) : [];
    },
  }),
}));

const DismissBlockedTimeInput = builder.inputType('DismissBlockedTimeInput', {
  description: 'Which time off is none any more.',
  fields: (t) => ({ blockedTimeId: t.id({ required: true, description: 'Which.' }) }),
});

const DismissBlockedTimeSuccess = builder.objectRef<{ id: string }>('DismissBlockedTimeSuccess').implement({
  description: 'It is not shown any more.',
  fields: (t) => ({ blockedTimeId: t.id({ description: 'Which one it was.', resolve: ({ id }) => encodeId('BlockedTime', id) }) }),
});

builder.mutationFields((t) => ({
  dismissBlockedTime: t.field({
    type: DismissBlockedTimeSuccess,
    errors: resultUnion('DismissBlockedTimeResult'),
    description:
      'Takes time off away that was deleted at Cal.com, which tells nobody of that. Changes nothing at Cal.com. The clinician and admins; audited.',
    args: { input: t.arg({ type: DismissBlockedTimeInput, required: true, description: 'Which.' }) },
    resolve: async (_root, { input }, context) =>
      orThrow(
        await context.services.schedules.dismissBlockedTime(callerOf(context), decodeUuid(input.blockedTimeId, 'BlockedTime') ?? NO_UUID),
      ),
  }),
}));
