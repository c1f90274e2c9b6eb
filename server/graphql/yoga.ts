/**
 * GraphQL at the door: authentication, limits, masking, GraphiQL, over HTTP and (by `getEnveloped`) over WebSocket.
 * Knows HTTP as Yoga knows it; sockets are the business of `live/websocket`.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Authenticate, SignInFailure } from '../auth/authenticate.ts';
import type { Services } from '../services.ts';
import { createOperationCompiler, type OperationCompiler } from './compiled-operation.ts';
import { createContext, type GraphqlContext, type HttpExchange } from './context.ts';
import { maskError, maskResult, useErrorMask } from './error-mask.ts';
import { createKnownQueries } from './known-queries.ts';
import { GRAPHIQL_OPTIONS, renderGraphiql } from './graphiql.ts';
import { documentLimits, requestLimits } from './limits.ts';
import { schema } from './schema.ts';
import { anyOperations, type PersistedOperations } from './persisted-operations.ts';
import { createSubscriptions, type Subscriptions, useSharedSubscriptions } from './subscriptions.ts';

/** What the server around it knows of an operation: the first two over HTTP, the others over a socket. */
export interface ServerContext {
  req?: IncomingMessage;
  res?: ServerResponse;
  /** As sent with `connection_init`, or what stands in for them. */
  connectionParams?: Record<string, unknown>;
  requestId?: string;
}

export interface Graphql {
  /** Answers everything under /graphql; bodies must be bounded by the caller. Takes the request id from the response's `x-request-id`. */
  handler: (request: IncomingMessage, response: ServerResponse) => unknown;
  /**
   * `parse`, `validate`, `contextFactory`, `execute` and `subscribe` of one operation over a socket. `contextFactory`
   * rejects with a GraphQLError (UNAUTHENTICATED) when the token is not good: return it as the operation's result.
   */
  getEnveloped: YogaServerInstance<ServerContext, GraphqlContext>['getEnveloped'];
  /** What a socket needs besides, to carry subscriptions. */
  subscriptions: Subscriptions;
  /** For operations over a socket. */
  persisted: PersistedOperations;
  schema: GraphQLSchema;
  /** Requests that took the short way (`known-queries`), since the start. */
  answeredWithoutYoga(): number;
}

export function createGraphql(services: Services, options: { authenticate: Authenticate; persisted?: PersistedOperations }): Graphql {
  const { config, log } = services;
  const persisted = options.persisted ?? anyOperations();
  const compiler = createOperationCompiler(schema);

  async function contextOf(initial: ServerContext & { request?: Request }): Promise<GraphqlContext> {
    const requestId = requestIdOf(initial);
    try {
      const signedIn = await options.authenticate(authorizationOf(initial));
      if (!signedIn.ok) throw signInError(signedIn.failure);
      return createContext({
        services,
        viewer: signedIn.value,
        requestId,
        inUrl: initial.connectionParams === undefined && initial.request?.method === 'GET',
        exchange: exchangeOf(initial),
      });
    } catch (error) {
      throw maskError(error, requestId, log);
    }
  }

  async function signedInContext(req: IncomingMessage, res: ServerResponse): Promise<GraphqlContext | null> {
    const signedIn = await options.authenticate(req.headers.authorization ?? null).catch(() => null);
    if (signedIn?.ok !== true) return null;
    const requestId = requestIdOf({ res });
    return createContext({ services, viewer: signedIn.value, requestId, inUrl: false, exchange: exchangeOf({ req, res }) });
  }

  const subscriptions = createSubscriptions(schema, services);
  const known = createKnownQueries({
    compiler,
    contextOf: signedInContext,
    mask: (result, context) => maskResult(result, context.requestId, log),
    textOf: persisted.known,
    otherOrigins: config.allowedOrigins.length > 0,
  });

  const yoga = createYoga<ServerContext, GraphqlContext>({
    schema,
    graphqlEndpoint: '/graphql',
    context: contextOf,
    plugins: [
      ...requestLimits(),
      usePersistedOperations(persisted),
      ...documentLimits(),
      useErrorMask(log),
      useCompiledOperations(compiler),
      known.plugin,
      useSharedSubscriptions(subscriptions.execution),
    ],
    maskedErrors: { errorMessage: 'Something went wrong here.', isDev: false },
    graphiql: persisted.strict ? false : GRAPHIQL_OPTIONS,
    renderGraphiQL: renderGraphiql,
    landingPage: false,
    batching: false,
    multipart: false,
    logging: false,
    cors:
      config.allowedOrigins.length === 0
        ? false
        : {
            origin: config.allowedOrigins,
            credentials: false,
            methods: ['GET', 'POST', 'OPTIONS'],
            allowedHeaders: ['authorization', 'content-type', 'x-requested-with'],
          },
  });
  return {
    handler: (request, response) => known.answer(request, response, yoga),
    getEnveloped: yoga.getEnveloped,
    subscriptions,
    persisted,
    schema,
    answeredWithoutYoga: known.answered,
  };
}

function usePersistedOperations(persisted: PersistedOperations): Plugin {
  return {
    async onParams({ params, setParams }) {
      const query = await persisted.textOf(params);
      if (query !== undefined) setParams({ ...params, query });
    },
  };
}

/** What cannot be compiled is executed as Yoga does it. */
function useCompiledOperations(compiler: OperationCompiler): Plugin {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const compiled = compiler.compile(args.document, args.operationName);
      if (compiled === null) return;
      setExecuteFn(
        (given: ExecutionArgs): unknown => compiled.attempt(given.rootValue, given.contextValue, given.variableValues) ?? executeFn(given),
      );
    },
  };
}

function requestIdOf({ res, requestId }: ServerContext): string {
  const given = requestId ?? res?.getHeader('x-request-id');
  return typeof given === 'string' ? given : randomUUID();
}

function exchangeOf({ req, res }: ServerContext): HttpExchange | null {
  if (req === undefined || res === undefined) return null;
  return { host: req.headers.host ?? null, setCookie: (cookie) => void res.appendHeader('set-cookie', cookie) };
}

/** A socket says it once, when it connects; any spelling of the key, because GraphiQL sends its headers as they were typed. */
function authorizationOf({ connectionParams, request }: ServerContext & { request?: Request }): string | null {
  if (connectionParams === undefined) return request?.headers.get('authorization') ?? null;
  const given = Object.entries(connectionParams).find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? null;
  return given === null || typeof given === 'string' ? given : 'malformed';
}

function signInError(failure: SignInFailure): GraphQLError {
  const status = failure.code === 'UNAUTHENTICATED' ? 401 : 503;
  return new GraphQLError(failure.message, { extensions: { code: failure.code, http: { status } } });
}
