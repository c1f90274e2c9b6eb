/** The sandbox's personas. In any other installation the list is empty and the mutation answers NotAllowed. */
import { builder } from '../graphql/builder.ts';
import { orThrow } from '../graphql/errors.ts';
import { decodeUuid, encodeId } from '../graphql/global-id.ts';
import { resultUnion } from '../graphql/result-union.ts';
import { RoleEnum } from '../users/people.graphql.ts';
import type { UserRow } from '../users/user-store.ts';
import { type DemoSignIn, demoPersonas, personaDescription, signInAs } from './demo-personas.ts';

const DemoPersona = builder.objectRef<UserRow>('DemoPersona').implement({
  description: 'Somebody one can be in the sandbox.',
  fields: (t) => ({
    id: t.id({ description: 'For `signInAs`.', resolve: (persona) => encodeId('Persona', persona.id) }),
    name: t.exposeString('name', { description: 'Full name.' }),
    role: t.expose('role', { type: RoleEnum, description: 'What they are.' }),
    description: t.string({
      description: 'One sentence: what this person sees and does.',
      resolve: (persona) => personaDescription(persona.role),
    }),
  }),
});

const SignInAsInput = builder.inputType('SignInAsInput', {
  description: 'Who to be.',
  fields: (t) => ({ personaId: t.id({ required: true, description: 'From `demoPersonas`.' }) }),
});

const SignInAsSuccess = builder.objectRef<DemoSignIn>('SignInAsSuccess').implement({
  description: 'You are somebody now.',
  fields: (t) => ({
    token: t.exposeString('token', {
      description: 'Send it as `Authorization: Bearer …`, and as `authorization` in the connection params of a WebSocket.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when.' }),
    persona: t.field({ type: DemoPersona, description: 'Who.', resolve: ({ persona }) => persona }),
  }),
});

builder.queryFields((t) => ({
  demoPersonas: t.field({
    type: [DemoPersona],
    skipTypeScopes: true,
    description: 'Who one can be in the sandbox; empty anywhere else. At most 60.',
    resolve: (_root, _args, { services }) => demoPersonas(services.pool, services.config),
  }),
}));

builder.mutationFields((t) => ({
  signInAs: t.field({
    type: SignInAsSuccess,
    skipTypeScopes: true,
    errors: resultUnion('SignInAsResult'),
    description: 'A token for one hour. Sandbox only.',
    args: { input: t.arg({ type: SignInAsInput, required: true, description: 'Who to be.' }) },
    resolve: async (_root, { input }, { services, requestId }) =>
      orThrow(await signInAs(services, requestId, decodeUuid(input.personaId, 'Persona', 'User', 'Clinician', 'Patient'))),
  }),
}));
