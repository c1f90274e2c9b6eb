/**
 * The short way for queries that were asked before. What comes as JSON by POST, is a query that Yoga has parsed, checked and
 * executed, and was compiled since, needs nothing more of Yoga: sign-in, the compiled function, the mask. Whatever is out of the
 * ordinary, before or after that, goes to Yoga: its own way stays the only one that knows refusals, GET, streams and negotiation.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DocumentNode, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { OperationCompiler } from './compiled-operation.ts';
import type { GraphqlContext } from './context.ts';

export interface KnownQueries {
  /** Answers `request`, or hands it to `yoga` with the body it has read. */
  answer(request: IncomingMessage, response: ServerResponse, yoga: NodeHandler): unknown;
  /** Requests that were answered without Yoga, since the start. */
  answered(): number;
  /** Last of Yoga's plugins: learns what Yoga answers, and gives it results that only have to be sent. */
  plugin: Plugin;
}

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

export interface KnownQueriesOptions {
  compiler: OperationCompiler;
  /** Null when it was not good: Yoga says why. */
  contextOf: (request: IncomingMessage, response: ServerResponse) => Promise<GraphqlContext | null>;
  mask: (result: ExecutionResult, context: GraphqlContext) => ExecutionResult;
  /** The document that a hash names. */
  textOf: (hash: string) => string | undefined;
  /** Answers to other origins carry headers that Yoga knows. */
  otherOrigins: boolean;
}

const MAX_DOCUMENTS = 500;
const MAX_CHARACTERS = 4_000_000;
const MAX_ACCEPTED = 50;

interface ServerContext {
  req?: IncomingMessage & { body?: Buffer };
}

export function createKnownQueries(options: KnownQueriesOptions): KnownQueries {
  const documents = new LRUCache<string, DocumentNode>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_document, text) => text.length,
  });
  /** By the request's Accept header: the content type that Yoga chose. */
  const contentTypes = new LRUCache<string, string>({ max: MAX_ACCEPTED });
  const results = new WeakMap<IncomingMessage, ExecutionResult>();
  let answered = 0;

  async function answer(request: IncomingMessage, response: ServerResponse, yoga: NodeHandler): Promise<void> {
    const body = await bodyOf(request);
    if (body === null) return;
    Object.assign(request, { body });
    const result = await resultOf(request, response, body);
    if (result === null) return void (await yoga(request, response));
    const contentType = contentTypes.get(request.headers.accept ?? '');
    if (result.errors !== undefined || contentType === undefined) {
      results.set(request, result);
      return void (await yoga(request, response));
    }
    const text = JSON.stringify(result);
    answered += 1;
    response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }).end(text);
  }

  async function resultOf(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<ExecutionResult | null> {
    const question = questionOf(body);
    const text = question === null ? undefined : textOf(question);
    const document = text === undefined ? undefined : documents.get(text);
    if (question === null || document === undefined) return null;
    const compiled = options.compiler.compile(document, question.operationName);
    if (compiled === null) return null;
    const context = await options.contextOf(request, response);
    const result = context === null ? null : await compiled.attempt(undefined, context, question.variables);
    return context === null || result === null ? null : options.mask(result, context);
  }

  /** Undefined: text and hash, which have to agree, or neither. */
  function textOf({ query, extensions }: z.infer<typeof Question>): string | undefined {
    const hash = extensions?.persistedQuery?.sha256Hash;
    if (hash === undefined) return query;
    return query === undefined ? options.textOf(hash) : undefined;
  }

  return {
    answer(request, response, yoga) {
      const { origin } = request.headers;
      const ordinary = request.method === 'POST' && request.url === '/graphql' && isJson(request) && !(options.otherOrigins && origin);
      return ordinary ? answer(request, response, yoga) : yoga(request, response);
    },
    answered: () => answered,
    plugin: {
      onParams({ context, setResult }) {
        const { req } = context as ServerContext;
        const result = req === undefined ? undefined : results.get(req);
        if (result !== undefined) setResult(result);
      },
      onExecute({ args }) {
        const { params } = args.contextValue;
        if (typeof params.query === 'string' && options.compiler.isCompiled(args.document, args.operationName))
          documents.set(params.query, args.document);
      },
      onResponse({ serverContext, response }) {
        const { req } = serverContext as ServerContext;
        const contentType = response.headers.get('content-type');
        if (req?.method === 'POST' && response.status === 200 && contentType?.includes('json') === true)
          contentTypes.set(req.headers.accept ?? '', contentType);
      },
    },
  };
}

function isJson(request: IncomingMessage): boolean {
  return /^application\/json\s*(?:;\s*charset=utf-8)?$/i.test(request.headers['content-type'] ?? '');
}

/** Bounded by whoever hands the request over. Null when the sender went away. */
function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', () => resolve(null))
      .on('close', () => resolve(null));
  });
}

const Question = z.strictObject({
  query: z.string().optional(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.looseObject({ persistedQuery: z.looseObject({ sha256Hash: z.string() }).optional() }).nullish(),
});

function questionOf(body: Buffer): z.infer<typeof Question> | null {
  try {
    return Question.safeParse(JSON.parse(body.toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
