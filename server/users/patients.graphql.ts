/** Staff look for patients, enter and correct them. And the list of clinicians, which is public. */
import { builder } from '../graphql/builder.ts';
import { callerOf, refuseInUrl } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodePersonId } from '../graphql/global-id.ts';
import { connection, forwardPage } from '../graphql/page.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { createPatient } from './create-patient.ts';
import { findPatients } from './find-patients.ts';
import { Clinician, Patient } from './people.graphql.ts';
import { cursorsOf } from '../appointments/page-cursor.ts';
import { personCursor } from './person-cursor.ts';
import { CreatePersonBounds, UpdatePersonBounds } from './person-input.ts';
import { updatePatient } from './update-patient.ts';
import { activeClinicians, type UserRow } from './user-store.ts';

const PatientConnection = builder.connectionObject(
  { type: Patient, name: 'PatientConnection', description: 'A page of patients.' },
  { name: 'PatientEdge', description: 'A patient in a list.' },
);

builder.queryFields((t) => ({
  clinicians: t.field({
    type: [Clinician],
    skipTypeScopes: true,
    description: 'Who may be booked, by name; public. At most 1000.',
    resolve: (_root, _args, { services }) => activeClinicians(services.pool),
  }),
  patients: t.field({
    type: PatientConnection,
    description:
      'Patients whose name or e-mail contains the text (case and accents do not count), by name. Staff only; every search is audited.',
    args: {
      search: t.arg.string({ required: true, description: 'At least 2 characters, taken literally.' }),
      first: t.arg.int({ description: 'How many, 1 to 100; 50 when not given.' }),
      after: t.arg.string({ description: 'Patients after this cursor.' }),
    },
    resolve: async (_root, args, context) => {
      refuseInUrl(context, 'search');
      const request = { search: args.search, ...forwardPage(args) };
      const page = orThrow(await findPatients(context.services.pool, callerOf(context), request));
      return connection(page.rows, cursorsOf(page.rows, personCursor), {
        hasNextPage: page.hasNextPage,
        hasPreviousPage: request.after !== null,
      });
    },
  }),
}));

const CreatePatientInput = builder.inputType('CreatePatientInput', {
  description: 'A new patient.',
  validate: CreatePersonBounds,
  fields: (t) => ({
    name: t.string({ required: true, description: 'Full name.' }),
    email: t.string({ description: 'E-mail address.' }),
    emailVerified: t.boolean({
      description:
        'True when somebody has checked that the address is theirs: what was booked under it becomes theirs. False when not given.',
    }),
    phone: t.string({ description: 'Telephone number.' }),
    timeZone: t.field({ type: 'TimeZone', description: "The clinic's when not given." }),
    locale: t.string({ description: 'BCP 47 language tag; `en` when not given.' }),
  }),
});

const UpdatePatientInput = builder.inputType('UpdatePatientInput', {
  description: 'What to change of a patient; what is left out stays.',
  validate: UpdatePersonBounds,
  fields: (t) => ({
    patientId: t.id({ required: true, description: 'Which patient.' }),
    name: t.string({ description: 'Full name.' }),
    email: t.string({ description: 'E-mail address; a new one counts as not verified. Null takes it away.' }),
    emailVerified: t.boolean({
      description: 'True when somebody has checked that the address is theirs: what was booked under it becomes theirs.',
    }),
    phone: t.string({ description: 'Telephone number; null takes it away.' }),
    timeZone: t.field({ type: 'TimeZone', description: 'Times are shown to them in this zone.' }),
    locale: t.string({ description: 'BCP 47 language tag.' }),
  }),
});

const success = (name: string, description: string) =>
  builder.objectRef<{ patient: UserRow }>(name).implement({
    description,
    fields: (t) => ({ patient: t.field({ type: Patient, description: 'As they are now.', resolve: ({ patient }) => patient }) }),
  });

const CreatePatientSuccess = success('CreatePatientSuccess', 'Entered.');
const UpdatePatientSuccess = success('UpdatePatientSuccess', 'Changed.');

builder.mutationFields((t) => ({
  createPatient: t.field({
    type: CreatePatientSuccess,
    errors: resultUnion('CreatePatientResult'),
    description: 'Enters a patient. Staff only, audited.',
    args: { input: t.arg({ type: CreatePatientInput, required: true, description: 'Who.' }) },
    resolve: async (_root, { input }, context) => ({
      patient: orThrow(
        await createPatient(context.services.pool, callerOf(context), {
          name: input.name,
          email: input.email ?? null,
          emailVerified: input.emailVerified ?? false,
          phone: input.phone ?? null,
          timeZone: input.timeZone ?? context.services.config.clinic.timeZone,
          locale: input.locale ?? 'en',
        }),
      ),
    }),
  }),
  updatePatient: t.field({
    type: UpdatePatientSuccess,
    errors: resultUnion('UpdatePatientResult'),
    description: "Corrects a patient's record. Staff only, audited.",
    args: { input: t.arg({ type: UpdatePatientInput, required: true, description: 'Whom, and what.' }) },
    resolve: async (_root, { input }, context) => {
      const id = decodePersonId(input.patientId, 'Patient');
      if (id === null) throw missing('The patient');
      const patient = orThrow(
        await updatePatient(context.services.pool, callerOf(context), id, {
          ...(input.name == null ? {} : { name: input.name }),
          ...(input.email === undefined ? {} : { email: input.email }),
          ...(input.emailVerified == null ? {} : { emailVerified: input.emailVerified }),
          ...(input.phone === undefined ? {} : { phone: input.phone }),
          ...(input.timeZone == null ? {} : { timeZone: input.timeZone }),
          ...(input.locale == null ? {} : { locale: input.locale }),
        }),
      );
      return { patient };
    },
  }),
}));
