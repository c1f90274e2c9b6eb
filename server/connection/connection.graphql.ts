/** Connecting clinicians to Cal.com: for the clinician, and for admins. Keys and tokens go in and never come out. */
import { z } from 'zod';
import { mayConnect } from '../auth/authorize.ts';
import { builder } from '../graphql/builder.ts';
import { callerOf, type GraphqlContext, viewerOf } from '../graphql/context.ts';
import { missing, orThrow } from '../graphql/errors.ts';
import { decodePersonId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { type UserId, userId } from '../kernel/ids.ts';
import { Clinician } from '../users/people.graphql.ts';
import type { ConnectionLack, ConnectionReport, ConnectionView } from './connection.ts';
import { lackSentence } from './lack-sentence.ts';
import { nonceCookie } from './nonce-cookie.ts';

const Method = builder.enumType('CalcomConnectionMethod', {
  description: 'Which credential is used for a clinician.',
  values: {
    NONE: { description: 'None: nothing of theirs can be read or booked.' },
    API_KEY: { description: "A key of the clinician's own." },
    SHARED_KEY: { description: "The one key of the installation, which is this clinician's." },
    OAUTH: { description: 'They signed in at Cal.com and granted access.' },
    MANAGED: { description: 'A Cal.com user that this installation made.' },
  },
});

const State = builder.enumType('CalcomConnectionState', {
  description: 'Whether the connection works.',
  values: {
    NOT_CONNECTED: { description: 'There is none.' },
    USABLE: { description: 'As far as is known.' },
    LINKED_ONLY: { description: 'Known at Cal.com, but the grant reads no bookings: set an API key.' },
    RECONNECT: { description: 'The grant has ended: connect again.' },
  },
});

const Lack = builder.enumType('CalcomLackCode', {
  description: 'What is missing, for programs.',
  values: {
    CREDENTIAL: { description: 'No key, no grant.' },
    CREDENTIAL_REFUSED: { description: 'Cal.com does not take the key or token.' },
    RECONNECT: { description: 'The grant has ended.' },
    ANOTHER_CLINICIAN_HAS_IT: { description: 'That Cal.com user is another clinician here.' },
    ANOTHER_CALCOM_USER: { description: 'The clinician is known as another Cal.com user.' },
    BOOKINGS_NOT_READABLE: { description: 'The credential tells who it belongs to and nothing more.' },
    USERNAME: { description: 'The Cal.com user has no username.' },
    EVENT_TYPES: { description: 'Nothing can be booked there.' },
    WEBHOOK: { description: 'No active webhook is registered.' },
  },
});

const CalcomConnection = builder.objectRef<ConnectionView>('CalcomConnection').implement({
  description: 'How a clinician is connected to Cal.com. Never a key or a token.',
  fields: (t) => ({
    method: t.expose('method', { type: Method, description: 'By which credential.' }),
    state: t.expose('state', { type: State, description: 'Whether it works.' }),
    calcomUsername: t.exposeString('calcomUsername', { nullable: true, description: 'Who they are there; null when not known.' }),
    scope: t.exposeString('scope', { nullable: true, description: 'What the grant allows, as Cal.com names it; null without tokens.' }),
    tokenSince: t.expose('tokenSince', {
      type: 'DateTime',
      nullable: true,
      description: 'When Cal.com last handed out the tokens; null without tokens.',
    }),
    tokenExpiresAt: t.expose('tokenExpiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the access token ends; it is renewed before. Null without tokens.',
    }),
    offersSignIn: t.boolean({
      description: 'Whether `connectCalcom` is possible here.',
      resolve: (_view, _args, { services }) => services.connections.offersSignIn,
    }),
  }),
});

builder.prismaObjectFields(Clinician, (t) => ({
  calcomConnection: t.field({
    type: CalcomConnection,
    nullable: true,
    description: 'How they are connected to Cal.com. For admins and the clinician; null for others.',
    resolve: ({ id }, _args, { viewer, loaders }) => (mayConnect(viewer, id) ? loaders.connections.load(userId(id)) : null),
  }),
}));

const CalcomLack = builder.objectRef<ConnectionLack>('CalcomLack').implement({
  description: 'Something that a clinician still needs to be booked through here.',
  fields: (t) => ({
    code: t.field({ type: Lack, description: 'What.', resolve: (lack) => lack }),
    message: t.string({ description: 'What to do about it.', resolve: (lack) => lackSentence(lack) }),
  }),
});

const clinicianField = { type: Clinician, description: 'As they are now.' } as const;

async function clinicianOf(id: UserId, { loaders }: GraphqlContext) {
  const row = await loaders.users.clear(id).load(id);
  if (row === null) throw missing('The clinician');
  return row;
}

/** Named, or the one who asks. */
function clinicianMeant(id: string | null | undefined, context: GraphqlContext): UserId {
  if (id == null) return viewerOf(context).userId;
  const decoded = decodePersonId(id, 'Clinician');
  if (decoded === null) throw missing('The clinician');
  return decoded;
}

const ConnectCalcomInput = builder.inputType('ConnectCalcomInput', {
  description: 'Who is to be connected.',
  fields: (t) => ({ clinicianId: t.id({ description: 'You, when not given.' }) }),
});

const ConnectCalcomSuccess = builder.objectRef<{ authorizationUrl: string; expiresAt: Date }>('ConnectCalcomSuccess').implement({
  description: 'Go there with this browser: the answer sets a cookie that is needed to come back.',
  fields: (t) => ({
    authorizationUrl: t.exposeString('authorizationUrl', { description: 'At Cal.com. Good once, for this browser.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Be back by then.' }),
  }),
});

const DisconnectCalcomInput = builder.inputType('DisconnectCalcomInput', {
  description: 'Whose connection ends.',
  fields: (t) => ({
    clinicianId: t.id({ description: 'You, when not given.' }),
    forgetIdentity: t.boolean({
      defaultValue: false,
      description: 'Also forget who they are at Cal.com, to connect them as somebody else. Their events then wait.',
    }),
  }),
});

const DisconnectCalcomSuccess = builder.objectRef<{ clinicianId: UserId }>('DisconnectCalcomSuccess').implement({
  description: 'Key and tokens are gone here. Withdraw the grant at Cal.com as well.',
  fields: (t) => ({
    clinician: t.field({ ...clinicianField, resolve: ({ clinicianId }, _args, context) => clinicianOf(clinicianId, context) }),
  }),
});

const SetCalcomApiKeyInput = builder.inputType('SetCalcomApiKeyInput', {
  description: "A key of the clinician's own.",
  fields: (t) => ({
    clinicianId: t.id({ description: 'You, when not given.' }),
    apiKey: t.string({
      required: true,
      description: 'From Cal.com: Settings, API keys. Tried, encrypted, never shown again; it replaces any other connection.',
      validate: z
        .string()
        .trim()
        .min(8, 'This is too short for a key.')
        .max(500, 'This is too long for a key.')
        .regex(/^[\x21-\x7e]+$/, 'A key has no spaces.'),
    }),
  }),
});

const SyncUserToCalcomInput = builder.inputType('SyncUserToCalcomInput', {
  description: 'Which clinician.',
  fields: (t) => ({ userId: t.id({ description: 'You, when not given.' }) }),
});

const report = (name: string, description: string) =>
  builder.objectRef<ConnectionReport>(name).implement({
    description,
    fields: (t) => ({
      clinician: t.field({ ...clinicianField, resolve: ({ clinicianId }, _args, context) => clinicianOf(clinicianId, context) }),
      linked: t.exposeBoolean('linked', { description: 'Whether Cal.com says who they are, and it is recorded: id, username, time zone.' }),
      created: t.exposeBoolean('created', { description: 'Whether a Cal.com user was made for them just now.' }),
      missing: t.field({
        type: [CalcomLack],
        description: 'What is still missing, in the order to mend it. At most 9.',
        resolve: ({ lacks }) => lacks,
      }),
    }),
  });

const SetCalcomApiKeySuccess = report('SetCalcomApiKeySuccess', 'The key works and is in use.');
const SyncUserToCalcomSuccess = report('SyncUserToCalcomSuccess', 'Looked, linked where possible; see what is missing.');

const SECONDS = 600;

builder.mutationFields((t) => ({
  connectCalcom: t.field({
    type: ConnectCalcomSuccess,
    errors: resultUnion('ConnectCalcomResult'),
    description: 'Begins to connect a clinician to Cal.com by signing in there. Clinicians for themselves, admins for anyone.',
    args: { input: t.arg({ type: ConnectCalcomInput, required: true, description: 'Who.' }) },
    resolve: async (_root, { input }, context) => {
      const { exchange, services } = context;
      const address = localAddress(exchange?.host ?? null);
      const clinicianId = clinicianMeant(input.clinicianId, context);
      const begun = orThrow(await services.connections.begin(callerOf(context), { clinicianId, address }));
      const secure = services.config.calcom?.oauth?.redirectUrl?.startsWith('https:') === true;
      exchange?.setCookie(nonceCookie(begun.nonce, SECONDS, secure));
      return begun;
    },
  }),
  disconnectCalcom: t.field({
    type: DisconnectCalcomSuccess,
    errors: resultUnion('DisconnectCalcomResult'),
    description: 'Ends the connection of a clinician: their own, or by an admin.',
    args: { input: t.arg({ type: DisconnectCalcomInput, required: true, description: 'Whose.' }) },
    resolve: async (_root, { input }, context) => {
      const request = { clinicianId: clinicianMeant(input.clinicianId, context), forgetIdentity: input.forgetIdentity === true };
      return { clinicianId: orThrow(await context.services.connections.disconnect(callerOf(context), request)) };
    },
  }),
  setCalcomApiKey: t.field({
    type: SetCalcomApiKeySuccess,
    errors: resultUnion('SetCalcomApiKeyResult'),
    description: 'Connects a clinician by an API key of Cal.com: their own, or by an admin.',
    args: { input: t.arg({ type: SetCalcomApiKeyInput, required: true, description: 'Whose, and the key.' }) },
    resolve: async (_root, { input }, context) => {
      const request = { clinicianId: clinicianMeant(input.clinicianId, context), apiKey: input.apiKey };
      return orThrow(await context.services.connections.setApiKey(callerOf(context), request));
    },
  }),
  syncUserToCalcom: t.field({
    type: SyncUserToCalcomSuccess,
    errors: resultUnion('SyncUserToCalcomResult'),
    description:
      'Links a clinician to their Cal.com user by their own credential, and says what is missing. Makes a user only with a platform client.',
    args: { input: t.arg({ type: SyncUserToCalcomInput, required: true, description: 'Whom.' }) },
    resolve: async (_root, { input }, context) =>
      orThrow(await context.services.connections.sync(callerOf(context), clinicianMeant(input.userId, context))),
  }),
}));

/** Where this browser reaches us, when that is this machine: any other host may be made up by whoever asks. */
function localAddress(host: string | null): string | null {
  return host !== null && /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host) ? `http://${host}` : null;
}
