/**
 * The schema builder. The rules that hold everywhere are here: nothing is nullable unless it says so, everything below
 * the three root types needs a signed-in viewer unless a field opts out (`skipTypeScopes`), arguments are checked by zod
 * before a resolver runs.
 */
import SchemaBuilder from '@pothos/core';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import ValidationPlugin from '@pothos/plugin-validation';
import { GraphQLError } from 'graphql';
import type PrismaTypes from '../generated/pothos-types.ts';
import { getDatamodel } from '../generated/pothos-types.ts';
import type { GraphqlContext } from './context.ts';
import { invalid, unauthenticated } from './errors.ts';
import { decodeId, encodeId, type NodeType } from './global-id.ts';
import { CursorScalar, DateTimeScalar, TimeZoneScalar } from './scalars.ts';

interface SchemaTypes {
  PrismaTypes: PrismaTypes;
  Context: GraphqlContext;
  AuthScopes: { signedIn: boolean };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | number };
    TimeZone: { Input: string; Output: string };
    Cursor: { Input: string; Output: string };
  };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin, DataloaderPlugin, ValidationPlugin],
  defaultFieldNullability: false,
  relay: {
    encodeGlobalID: (type, id) => encodeId(type as NodeType, String(id)),
    decodeGlobalID: (globalId) => {
      const decoded = decodeId(globalId);
      return { typename: decoded?.type ?? '', id: decoded?.id ?? '' };
    },
    nodesOnConnection: { description: 'The rows without their cursors.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Anything with a global id.' },
    idFieldOptions: { description: 'Global id.' },
    pageInfoTypeOptions: { description: 'Where a page of a list begins and ends.' },
    pageInfoFieldOptions: { description: 'Where this page begins and ends.' },
    hasNextPageFieldOptions: { description: 'Whether rows follow.' },
    hasPreviousPageFieldOptions: { description: 'Whether rows precede.' },
    startCursorFieldOptions: { description: 'Cursor of the first row; null on an empty page.' },
    endCursorFieldOptions: { description: 'Cursor of the last row; null on an empty page.' },
    beforeArgOptions: { description: 'Rows before this cursor.' },
    afterArgOptions: { description: 'Rows after this cursor.' },
    firstArgOptions: { description: 'How many from the beginning, 1 to 100; 50 when neither `first` nor `last` is given.' },
    lastArgOptions: { description: 'How many from the end, 1 to 100.' },
    edgesFieldOptions: { nullable: { list: false, items: false }, description: 'The rows with their cursors.' },
    nodeFieldOptions: { nullable: false, description: 'The row.' },
    cursorFieldOptions: { description: 'Give it back as `after` or `before`.' },
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: (context) => ({ signedIn: context.viewer !== null }),
    unauthorizedError: (_parent, context) =>
      context.viewer === null ? unauthenticated() : new GraphQLError('Your role may not ask this.', { extensions: { code: 'FORBIDDEN' } }),
  },
  // Arguments are checked before a field's scopes; the answer to a bad argument depends on nothing but the argument.
  errors: { directResult: true, unsafelyHandleInputErrors: true },
  prisma: { client: (context) => context.services.prisma, dmmf: getDatamodel(), exposeDescriptions: false },
  validation: {
    validationError: ({ issues }) => invalid(...issues.map((issue) => ({ path: fieldPath(issue.path ?? []), message: issue.message }))),
  },
});

/** `input.attendee.email` as the person who filled the form knows it: `attendee.email`. */
function fieldPath(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
  return (names[0] === 'input' ? names.slice(1) : names).join('.');
}

/**
 * For a field of a Prisma object that is the column of its own name: it is read without a call (Pothos' own mark of
 * `t.expose`, which would also make the plugin look after what was selected). Rows here are always complete.
 */
export const column = (name: string) => ({ extensions: { pothosExposedField: name } });

builder.addScalarType('DateTime', DateTimeScalar);
builder.addScalarType('TimeZone', TimeZoneScalar);
builder.addScalarType('Cursor', CursorScalar);

builder.queryType({ description: 'Reads. Cal.com is asked for slots only.', authScopes: { signedIn: true } });
builder.mutationType({
  description: 'Writes. Each answers with a union: the success, or a failure with a name.',
  authScopes: { signedIn: true },
});
builder.subscriptionType({ description: 'Live updates, over WebSocket (graphql-transport-ws) or SSE.', authScopes: { signedIn: true } });
