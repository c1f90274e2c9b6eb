/**
 * Operations compiled to functions (graphql-jit): what is asked again and again is not interpreted again and again. Only
 * queries and subscriptions that `compilable.ts` finds safe; a mutation waits for Cal.com, not for the executor. Whatever is
 * not compiled is for graphql-js, whose answers are the measure (docs/adr, "Compiled operations").
 */
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type Source,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { compilable } from './compilable.ts';

type Query<Answer> = (rootValue: unknown, contextValue: unknown, variables: Record<string, unknown> | null | undefined) => Answer;

export interface CompiledOperation {
  /** As graphql-js' `execute`: never rejects, and answers at once where no resolver waits. Errors are not masked yet. */
  query: Query<ExecutionResult | Promise<ExecutionResult>>;
  /**
   * The same, but null, with nothing done, for variables that cannot be, or that mean something else here than for graphql-js: the
   * executor of one's choice says what is wrong with them (and knows defaults that jit misses).
   */
  attempt: Query<ExecutionResult | Promise<ExecutionResult> | null>;
}

export interface OperationCompiler {
  /**
   * Null: execute it with graphql-js. Give the same document object each time: it is remembered by identity, as Yoga's parser
   * cache hands it out.
   */
  compile(document: DocumentNode, operationName?: string | null): CompiledOperation | null;
  /** Whether it is compiled now; no use of it. */
  isCompiled(document: DocumentNode, operationName?: string | null): boolean;
  /** Operations that are compiled and remembered. */
  size(): number;
}

export interface CompilerOptions {
  /** Operations remembered; the one that was not used for longest goes first. A compiled one holds some 100 KB. Default 200. */
  max?: number;
  /** Uses before an operation is compiled: a document that nobody sends twice is not worth it. Default 2. */
  uses?: number;
}

interface Entry {
  uses: number;
  /** Undefined: not tried yet. */
  compiled?: CompiledOperation | null;
}

const MAX_OPERATIONS = 200;
const USES_BEFORE = 2;

export function createOperationCompiler(schema: GraphQLSchema, options: CompilerOptions = {}): OperationCompiler {
  const uses = options.uses ?? USES_BEFORE;
  const entries = new LRUCache<OperationDefinitionNode, Entry>({ max: options.max ?? MAX_OPERATIONS });
  return {
    compile(document, operationName) {
      const operation = getOperationAST(document, operationName);
      if (operation == null) return null;
      let entry = entries.get(operation);
      if (entry === undefined) {
        entry = { uses: 0 };
        entries.set(operation, entry);
      }
      entry.uses += 1;
      if (entry.uses >= uses && entry.compiled === undefined) entry.compiled = compiledOf(schema, document, operation);
      return entry.compiled ?? null;
    },
    isCompiled(document, operationName) {
      const operation = getOperationAST(document, operationName);
      return operation != null && entries.peek(operation)?.compiled != null;
    },
    size: () => [...entries.values()].filter(({ compiled }) => compiled != null).length,
  };
}

function compiledOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): CompiledOperation | null {
  const conditions = compilable(schema, document, operation);
  if (conditions === null) return null;
  const operationName = operation.name?.value;
  const compiled = compileQuery(schema, document, operationName ?? '');
  if (!isCompiledQuery(compiled)) return null;
  const finish = (result: ExecutionResult): ExecutionResult =>
    result.errors === undefined ? result : { ...result, errors: result.errors.map((error) => asGraphqlJs(error, document.loc?.source)) };

  const attempt: CompiledOperation['attempt'] = (rootValue, contextValue, variables) => {
    if (!conditions.needs.every((name) => variables != null && Object.hasOwn(variables, name))) return null;
    const result = compiled.query(rootValue, contextValue, variables ?? {});
    if ('then' in result) return result.then(finish);
    return 'data' in result ? finish(result) : null;
  };

  return {
    attempt,
    query: (rootValue, contextValue, variables) =>
      attempt(rootValue, contextValue, variables) ??
      execute({ schema, document, rootValue, contextValue, variableValues: variables, operationName }),
  };
}

/**
 * jit's errors are no GraphQLErrors inside (no `positions`, no `extensions` where there are none), and those of its own (a null
 * where none may be, a value that cannot be serialised) have no cause, by which graphql-js tells a mistake of the server
 * from words for the client.
 */
function asGraphqlJs(error: GraphQLError, source: Source | undefined): GraphQLError {
  return new GraphQLError(error.message, {
    source,
    positions: source === undefined ? null : (error.locations ?? []).map(({ line, column }) => offsetOf(source.body, line, column)),
    path: error.path,
    originalError: error.originalError == null ? causeOf(error) : asError(error.originalError),
  });
}

function causeOf({ message }: GraphQLError): Error | null {
  return message.startsWith('Argument "') ? null : new Error(message);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`Unexpected error value: ${String(thrown)}`);
}

/** Both count from 1, lines end as in GraphQL (section 2.1.3). */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  const ends = /\r\n|[\n\r]/g;
  for (let at = 1; at < line && ends.exec(text) !== null; at += 1) start = ends.lastIndex;
  return start + column - 1;
}
