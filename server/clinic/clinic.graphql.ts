/** The clinic, as configured. */
import type { Config } from '../config.ts';
import { builder } from '../graphql/builder.ts';

const Clinic = builder.objectRef<Config>('Clinic').implement({
  description: 'The clinic this gateway serves.',
  fields: (t) => ({
    name: t.string({ description: 'Shown at the top of every page.', resolve: ({ clinic }) => clinic.name }),
    timeZone: t.field({ type: 'TimeZone', description: 'Zone of the clinic day.', resolve: ({ clinic }) => clinic.timeZone }),
    waitAmberMinutes: t.int({
      description: 'Minutes of waiting that are shown in amber.',
      resolve: ({ clinic }) => clinic.waitAmberMinutes,
    }),
    waitRedMinutes: t.int({ description: 'Minutes of waiting that are shown in red.', resolve: ({ clinic }) => clinic.waitRedMinutes }),
    patientChangeCutoffMinutes: t.int({
      description: 'Patients may reschedule and cancel until this many minutes before the start.',
      resolve: (config) => config.patientChangeCutoffMinutes,
    }),
    sandbox: t.boolean({ description: 'The built-in Cal.com is used and demo personas may sign in.', resolve: (config) => config.sandbox }),
    tokenUrl: t.string({
      nullable: true,
      description:
        'Path of this origin where a browser gets a token of its person, as `{"token"}` or `{"access_token"}`; null when not configured.',
      resolve: ({ auth }) => auth.tokenUrl,
    }),
    calcomWebappUrl: t.string({
      nullable: true,
      description: 'Origin of the Cal.com web app, for its own booking page; null when not configured.',
      resolve: (config) => config.calcom?.webappUrl ?? null,
    }),
  }),
});

builder.queryFields((t) => ({
  clinic: t.field({
    type: Clinic,
    skipTypeScopes: true,
    description: 'The clinic; public.',
    resolve: (_root, _args, { services }) => services.config,
  }),
}));
