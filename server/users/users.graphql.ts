/** Admins look through the accounts, make, change, disable and enable them. */
import { builder } from '../graphql/builder.ts';
import { callerOf, refuseInUrl } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodeUuid } from '../graphql/global-id.ts';
import { connection, forwardPage } from '../graphql/page.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { userId, type UserId } from '../kernel/ids.ts';
import { changeUser } from './change-user.ts';
import { disableUser, type Disabled } from './disable-user.ts';
import { enableUser } from './enable-user.ts';
import { findUsers } from './find-users.ts';
import { inviteUser } from './invite-user.ts';
import { RoleEnum, User } from './people.graphql.ts';
import { cursorsOf } from '../appointments/page-cursor.ts';
import { personCursor } from './person-cursor.ts';
import { CreatePersonBounds, IdentityBounds, UpdatePersonBounds } from './person-input.ts';
import type { UserRow } from './user-store.ts';

const UserConnection = builder.connectionObject(
  { type: User, name: 'UserConnection', description: 'A page of accounts.' },
  { name: 'UserEdge', description: 'An account in a list.' },
);

builder.queryFields((t) => ({
  users: t.field({
    type: UserConnection,
    description: 'Accounts, by name. Admins only; every look is audited.',
    args: {
      roles: t.arg({ type: [RoleEnum], description: 'Of these roles; all when not given.' }),
      search: t.arg.string({ description: 'Part of a name or e-mail, at least 2 characters, taken literally. By POST only.' }),
      includeDisabled: t.arg.boolean({ description: 'Also those out of service; false when not given.' }),
      first: t.arg.int({ description: 'How many, 1 to 100; 50 when not given.' }),
      after: t.arg.string({ description: 'Accounts after this cursor.' }),
    },
    resolve: async (_root, args, context) => {
      if (args.search != null) refuseInUrl(context, 'search');
      const page = forwardPage(args);
      const found = orThrow(
        await findUsers(context.services.pool, callerOf(context), {
          roles: args.roles ?? null,
          search: args.search ?? null,
          withDisabled: args.includeDisabled ?? false,
          ...page,
        }),
      );
      return connection(found.rows, cursorsOf(found.rows, personCursor), {
        hasNextPage: found.hasNextPage,
        hasPreviousPage: page.after !== null,
      });
    },
  }),
}));

const SignInIdentityInput = builder.inputType('SignInIdentityInput', {
  description: 'Whom a token of an outside issuer names.',
  validate: IdentityBounds,
  fields: (t) => ({
    issuer: t.string({ required: true, description: 'Its `iss` claim.' }),
    subject: t.string({ required: true, description: 'Its `sub` claim.' }),
  }),
});

const InviteUserInput = builder.inputType('InviteUserInput', {
  description: 'A new account.',
  validate: CreatePersonBounds,
  fields: (t) => ({
    role: t.field({ type: RoleEnum, required: true, description: 'What they are to the clinic.' }),
    name: t.string({ required: true, description: 'Full name.' }),
    email: t.string({ description: 'E-mail address; needed for staff, and of one member of staff only.' }),
    emailVerified: t.boolean({ description: 'True when somebody has checked that the address is theirs. False when not given.' }),
    phone: t.string({ description: 'Telephone number.' }),
    timeZone: t.field({ type: 'TimeZone', description: "The clinic's when not given." }),
    locale: t.string({ description: 'BCP 47 language tag; `en` when not given.' }),
    identity: t.field({ type: SignInIdentityInput, description: 'How they sign in with an outside issuer.' }),
  }),
});

const UpdateUserInput = builder.inputType('UpdateUserInput', {
  description: 'What to change of an account; what is left out stays.',
  validate: UpdatePersonBounds,
  fields: (t) => ({
    userId: t.id({ required: true, description: 'Which account.' }),
    role: t.field({ type: RoleEnum, description: 'What they are to the clinic. Nobody changes the own role.' }),
    name: t.string({ description: 'Full name.' }),
    email: t.string({ description: 'E-mail address; a new one counts as not verified. Null takes it away, not from staff.' }),
    emailVerified: t.boolean({ description: 'True when somebody has checked that the address is theirs.' }),
    phone: t.string({ description: 'Telephone number; null takes it away.' }),
    timeZone: t.field({ type: 'TimeZone', description: 'Times are shown to them in this zone.' }),
    locale: t.string({ description: 'BCP 47 language tag.' }),
    identity: t.field({ type: SignInIdentityInput, description: 'How they sign in with an outside issuer; null takes it away.' }),
  }),
});

const which = (name: string, description: string) =>
  builder.inputType(name, { description, fields: (t) => ({ userId: t.id({ required: true, description: 'Which account.' }) }) });

const DisableUserInput = which('DisableUserInput', 'Whom to take out of service.');
const EnableUserInput = which('EnableUserInput', 'Whom to bring back into service.');

const success = (name: string, description: string) =>
  builder.objectRef<{ user: UserRow }>(name).implement({
    description,
    fields: (t) => ({ user: t.field({ type: User, description: 'As it is now.', resolve: ({ user }) => user }) }),
  });

const InviteUserSuccess = success('InviteUserSuccess', 'Made.');
const UpdateUserSuccess = success('UpdateUserSuccess', 'Changed.');
const EnableUserSuccess = success('EnableUserSuccess', 'In service.');

const DisableUserSuccess = builder.objectRef<Disabled>('DisableUserSuccess').implement({
  description: 'Out of service. Streams that were open end within ten seconds.',
  fields: (t) => ({
    user: t.field({ type: User, description: 'As it is now.', resolve: ({ user }) => user }),
    futureAppointments: t.exposeInt('futureAppointments', { description: 'Visits to come that they host or attend.' }),
    warning: t.string({
      nullable: true,
      description: 'A sentence for people when visits are still to come; null when none are.',
      resolve: ({ futureAppointments: count }) =>
        count === 0 ? null : `${count} ${count === 1 ? 'appointment is' : 'appointments are'} still to come: hand over or call off.`,
    }),
  }),
});

function accountId(globalId: string | number): UserId {
  const id = decodeUuid(String(globalId), 'User', 'Clinician', 'Patient');
  if (id === null) throw missing('The account');
  return userId(id);
}

builder.mutationFields((t) => ({
  inviteUser: t.field({
    type: InviteUserSuccess,
    errors: resultUnion('InviteUserResult'),
    description: 'Makes an account. Nothing is sent to the person. Admins only, audited.',
    args: { input: t.arg({ type: InviteUserInput, required: true, description: 'Who.' }) },
    resolve: async (_root, { input }, context) => ({
      user: orThrow(
        await inviteUser(context.services.pool, callerOf(context), {
          role: input.role,
          name: input.name,
          email: input.email ?? null,
          emailVerified: input.emailVerified ?? false,
          phone: input.phone ?? null,
          timeZone: input.timeZone ?? context.services.config.clinic.timeZone,
          locale: input.locale ?? 'en',
          identity: input.identity ?? null,
        }),
      ),
    }),
  }),
  updateUser: t.field({
    type: UpdateUserSuccess,
    errors: resultUnion('UpdateUserResult'),
    description: 'Changes an account, also its role. Admins only, audited.',
    args: { input: t.arg({ type: UpdateUserInput, required: true, description: 'Whom, and what.' }) },
    resolve: async (_root, { input }, context) => {
      const user = orThrow(
        await changeUser(context.services.pool, callerOf(context), accountId(input.userId), {
          ...(input.role == null ? {} : { role: input.role }),
          ...(input.name == null ? {} : { name: input.name }),
          ...(input.email === undefined ? {} : { email: input.email }),
          ...(input.emailVerified == null ? {} : { emailVerified: input.emailVerified }),
          ...(input.phone === undefined ? {} : { phone: input.phone }),
          ...(input.timeZone == null ? {} : { timeZone: input.timeZone }),
          ...(input.locale == null ? {} : { locale: input.locale }),
          ...(input.identity === undefined ? {} : { identity: input.identity }),
        }),
      );
      context.loaders.users.clear(user.id).prime(user.id, user);
      return { user };
    },
  }),
  disableUser: t.field({
    type: DisableUserSuccess,
    errors: resultUnion('DisableUserResult'),
    description: 'Takes an account out of service; not the own, and not the last admin. Appointments stay. Admins only, audited.',
    args: { input: t.arg({ type: DisableUserInput, required: true, description: 'Whom.' }) },
    resolve: async (_root, { input }, context) => orThrow(await disableUser(context.services, callerOf(context), accountId(input.userId))),
  }),
  enableUser: t.field({
    type: EnableUserSuccess,
    errors: resultUnion('EnableUserResult'),
    description: 'Brings an account back into service. Admins only, audited.',
    args: { input: t.arg({ type: EnableUserInput, required: true, description: 'Whom.' }) },
    resolve: async (_root, { input }, context) => ({
      user: orThrow(await enableUser(context.services.pool, callerOf(context), accountId(input.userId))),
    }),
  }),
}));
