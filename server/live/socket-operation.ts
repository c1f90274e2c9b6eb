/** One operation as it came over a socket: found, parsed, and held to be a subscription and valid. */
import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';

/** What Yoga's `getEnveloped` yields for one operation. */
export interface Enveloped {
  schema: GraphQLSchema;
  parse: (source: string) => DocumentNode;
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
}

export interface ReadOptions {
  getEnveloped: (operation: { connectionParams: { authorization?: string }; params: SubscribePayload }) => Enveloped;
  /** The document of an operation, which may be named by its hash. Throws a GraphQLError where it is not answered. */
  textOf: (payload: SubscribePayload) => string | undefined | Promise<string | undefined>;
}

export interface SocketOperation {
  schema: GraphQLSchema;
  document: DocumentNode;
  operation: OperationDefinitionNode;
}

export async function readOperation(
  payload: SubscribePayload,
  authorization: string | null,
  { getEnveloped, textOf }: ReadOptions,
): Promise<SocketOperation | { errors: readonly GraphQLError[] }> {
  const { schema, parse, validate } = getEnveloped({
    connectionParams: authorization === null ? {} : { authorization },
    params: payload,
  });
  const document = parse((await textOf(payload)) ?? payload.query);
  // The operation is kept for as long as the stream runs; its text is one for all who sent it.
  Object.assign(payload, { query: document.loc?.source.body ?? payload.query });
  const operation = getOperationAST(document, payload.operationName);
  if (operation == null) return { errors: [refusal('BAD_REQUEST', 'Name one operation of the document in operationName.')] };
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    return { errors: [refusal('SUBSCRIPTIONS_ONLY', 'Only subscriptions come over the WebSocket; send queries and mutations with POST.')] };
  }
  const errors = validate(schema, document);
  return errors.length > 0 ? { errors } : { schema, document, operation };
}

export function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
