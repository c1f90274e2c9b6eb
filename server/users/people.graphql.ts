/** People in the schema: one table, three faces. What may be shown of whom is decided before a row gets here. */
import { isStaff, mayManageUsers } from '../auth/authorize.ts';
import { builder, column } from '../graphql/builder.ts';
import type { SignInIdentity } from './account-store.ts';

export const RoleEnum = builder.enumType('Role', {
  description: 'What a person is to the clinic; decides what they may see and do.',
  values: {
    PATIENT: { description: 'Own appointments.' },
    CLINICIAN: { description: 'Appointments hosted by them.' },
    FRONT_DESK: { description: 'All appointments; books for others.' },
    ADMIN: { description: 'Everything, and operations.' },
    AUDITOR: { description: 'The audit trail and no appointment.' },
    DISPLAY: { description: 'The board on the wall: initials only.' },
  },
});

const COLUMNS = { id: true, name: true, email: true, phone: true, timezone: true, locale: true } as const;

export const Clinician = builder.prismaNode('User', {
  variant: 'Clinician',
  description: 'A person who hosts appointments.',
  id: { field: 'id' },
  select: COLUMNS,
  fields: (t) => ({
    name: t.string({ ...column('name'), description: 'Full name.', resolve: (person) => person.name }),
    timeZone: t.field({ type: 'TimeZone', description: 'Where they work.', resolve: (person) => person.timezone }),
    email: t.string({
      nullable: true,
      description: 'For staff; null for others.',
      resolve: (person, _args, { viewer }) => (isStaff(viewer) || viewer?.userId === person.id ? person.email : null),
    }),
  }),
});

export const Patient = builder.prismaNode('User', {
  variant: 'Patient',
  description: 'A person who is seen. Visible to staff and to themselves.',
  id: { field: 'id' },
  select: COLUMNS,
  fields: (t) => ({
    name: t.string({ ...column('name'), description: 'Full name; initials for the DISPLAY role.', resolve: (person) => person.name }),
    email: t.string({
      ...column('email'),
      nullable: true,
      description: 'Null when unknown, and for the DISPLAY role.',
      resolve: (person) => person.email,
    }),
    phone: t.string({
      ...column('phone'),
      nullable: true,
      description: 'Null when unknown, and for the DISPLAY role.',
      resolve: (person) => person.phone,
    }),
    timeZone: t.field({ type: 'TimeZone', description: 'Times are shown to them in this zone.', resolve: (person) => person.timezone }),
    locale: t.string({ ...column('locale'), description: 'BCP 47 language tag.', resolve: (person) => person.locale }),
  }),
});

const SignInIdentityType = builder.objectRef<SignInIdentity>('SignInIdentity').implement({
  description: 'Whom a token of an outside issuer names.',
  fields: (t) => ({
    issuer: t.exposeString('issuer', { description: 'Its `iss` claim.' }),
    subject: t.exposeString('subject', { description: 'Its `sub` claim.' }),
  }),
});

export const User = builder.prismaNode('User', {
  description: 'Any person with an account. Visible to staff and to themselves.',
  id: { field: 'id' },
  select: { ...COLUMNS, role: true, emailVerified: true, disabledAt: true, identityIssuer: true, identitySubject: true },
  fields: (t) => ({
    name: t.string({ description: 'Full name.', resolve: (person) => person.name }),
    role: t.field({
      type: RoleEnum,
      description: 'Role of the account; a token may have lowered what applies.',
      resolve: (person) => person.role,
    }),
    email: t.string({ nullable: true, description: 'Null when unknown.', resolve: (person) => person.email }),
    emailVerified: t.boolean({
      description: 'Whether somebody has checked that the address is theirs.',
      resolve: (person) => person.emailVerified,
    }),
    disabledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Out of service since; null while in service.',
      resolve: (person) => person.disabledAt,
    }),
    identity: t.field({
      type: SignInIdentityType,
      nullable: true,
      description: 'How they sign in with an outside issuer; for admins, null for others.',
      resolve: ({ identityIssuer, identitySubject }, _args, { viewer }) =>
        mayManageUsers(viewer) && identityIssuer !== null && identitySubject !== null
          ? { issuer: identityIssuer, subject: identitySubject }
          : null,
    }),
    phone: t.string({ nullable: true, description: 'Null when unknown.', resolve: (person) => person.phone }),
    timeZone: t.field({ type: 'TimeZone', description: 'Times are shown to them in this zone.', resolve: (person) => person.timezone }),
    locale: t.string({ description: 'BCP 47 language tag.', resolve: (person) => person.locale }),
  }),
});
