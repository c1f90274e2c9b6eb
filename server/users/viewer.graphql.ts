/** The person who asks. */
import type { Viewer as ViewerShape } from '../auth/viewer.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf, type GraphqlContext, viewerOf } from '../graphql/context.ts';
import { orThrow, unauthenticated } from '../graphql/errors.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { Clinician, Patient, RoleEnum, User } from './people.graphql.ts';
import { UpdatePersonBounds } from './person-input.ts';
import { updateViewer } from './update-viewer.ts';
import type { UserRow } from './user-store.ts';

async function ownRow({ loaders }: GraphqlContext, viewer: ViewerShape): Promise<UserRow> {
  const row = await loaders.users.load(viewer.userId);
  if (row === null) throw unauthenticated('This account is gone.');
  return row;
}

export const Viewer = builder.objectRef<ViewerShape>('Viewer').implement({
  description: 'Who you are here.',
  fields: (t) => ({
    user: t.field({ type: User, description: 'Your account.', resolve: (viewer, _args, context) => ownRow(context, viewer) }),
    role: t.expose('role', { type: RoleEnum, description: 'The role that applies to you now.' }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When your sign-in ends; streams close then.',
      resolve: (viewer) => viewer.expiresAt,
    }),
    clinician: t.field({
      type: Clinician,
      nullable: true,
      description: 'You as a clinician; null for other roles.',
      resolve: (viewer, _args, context) => (viewer.role === 'CLINICIAN' ? ownRow(context, viewer) : null),
    }),
    patient: t.field({
      type: Patient,
      nullable: true,
      description: 'You as a patient; null for other roles.',
      resolve: (viewer, _args, context) => (viewer.role === 'PATIENT' ? ownRow(context, viewer) : null),
    }),
  }),
});

const UpdateViewerInput = builder.inputType('UpdateViewerInput', {
  description: 'What to change of yourself; what is left out stays.',
  validate: UpdatePersonBounds,
  fields: (t) => ({
    name: t.string({ description: 'Full name; patients ask the clinic to correct theirs.' }),
    phone: t.string({ description: 'Telephone number; null takes it away.' }),
    timeZone: t.field({ type: 'TimeZone', description: 'Times are shown to you in this zone.' }),
    locale: t.string({ description: 'BCP 47 language tag.' }),
  }),
});

const UpdateViewerSuccess = builder.objectRef<{ viewer: ViewerShape }>('UpdateViewerSuccess').implement({
  description: 'Changed.',
  fields: (t) => ({ viewer: t.field({ type: Viewer, description: 'You, as you are now.', resolve: ({ viewer }) => viewer }) }),
});

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    nullable: true,
    skipTypeScopes: true,
    description: 'You; null when nobody is signed in.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
}));

builder.mutationFields((t) => ({
  updateViewer: t.field({
    type: UpdateViewerSuccess,
    errors: resultUnion('UpdateViewerResult'),
    description: 'Changes your own account. Not the e-mail: bookings are linked by it.',
    args: { input: t.arg({ type: UpdateViewerInput, required: true, description: 'What to change.' }) },
    resolve: async (_root, { input }, context) => {
      const user = orThrow(
        await updateViewer(context.services.pool, callerOf(context), {
          ...(input.name == null ? {} : { name: input.name }),
          ...(input.phone === undefined ? {} : { phone: input.phone }),
          ...(input.timeZone == null ? {} : { timeZone: input.timeZone }),
          ...(input.locale == null ? {} : { locale: input.locale }),
        }),
      );
      context.loaders.users.clear(user.id).prime(user.id, user);
      return { viewer: viewerOf(context) };
    },
  }),
}));
