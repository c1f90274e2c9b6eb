/**
 * One execution and one serialisation for all subscribers who would get the same text: same document, operation, variables
 * and viewer scope. The hub hands equal subscribers the same `LiveUpdate` object, and the text of a result is remembered
 * for as long as that object lives.
 *
 * A wrong key shows one person another's data. It is made of everything a result can depend on: the text of the document,
 * the operation's name, the variables, and `viewerScopeKey` (the role, and the person where the role shows own things).
 * Left out is only the variable that names where the stream begins (`since`), where nothing else uses it.
 */
import { type DocumentNode, execute, type ExecutionResult, type GraphQLSchema, Kind, type OperationDefinitionNode, visit } from 'graphql';
import { viewerScopeKey } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { LiveUpdate } from '../services.ts';

export interface SharedOperation {
  schema: GraphQLSchema;
  /** As it was sent. */
  query: string;
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
  viewer: Viewer;
}

export interface ExecutionGroup {
  /** The result of the operation for this update, as JSON. Executed once, whoever asks. */
  textFor(update: LiveUpdate): Promise<string>;
  leave(): void;
}

export interface SharedExecution {
  join(operation: SharedOperation): ExecutionGroup;
  /** Groups that somebody is in. */
  groups(): number;
}

export interface SharedExecutionOptions {
  /** A context of its own for each execution: loaders must not remember an earlier one. */
  contextFor: (viewer: Viewer) => unknown;
  /** What a client may learn of errors. */
  mask: (result: ExecutionResult) => ExecutionResult;
}

interface Group {
  members: number;
  texts: WeakMap<LiveUpdate, Promise<string>>;
}

export function createSharedExecution({ contextFor, mask }: SharedExecutionOptions): SharedExecution {
  const groups = new Map<string, Group>();

  async function run({ schema, document, operation, variables, viewer }: SharedOperation, update: LiveUpdate): Promise<string> {
    const result = await execute({
      schema,
      document,
      operationName: operation.name?.value ?? null,
      variableValues: variables,
      // As graphql-js does for each event of a stream (GraphQL, 6.2.3.2): the root field resolves from the event.
      rootValue: update,
      contextValue: contextFor(viewer),
    });
    return JSON.stringify(mask(result));
  }

  return {
    join(operation) {
      const key = groupKey(operation);
      const group = groups.get(key) ?? { members: 0, texts: new WeakMap<LiveUpdate, Promise<string>>() };
      groups.set(key, group);
      group.members += 1;
      let here = true;
      return {
        textFor(update) {
          let text = group.texts.get(update);
          if (text === undefined) {
            text = run(operation, update);
            group.texts.set(update, text);
          }
          return text;
        },
        leave() {
          if (!here) return;
          here = false;
          group.members -= 1;
          if (group.members === 0) groups.delete(key);
        },
      };
    },
    groups: () => groups.size,
  };
}

/** Exported for its tests, which are adversarial. */
export function groupKey({ query, document, operation, variables, viewer }: Omit<SharedOperation, 'schema'>): string {
  const start = startVariable(document, operation);
  const counted = Object.fromEntries(Object.entries(variables).filter(([name]) => name !== start));
  return JSON.stringify([query, operation.name?.value ?? null, ordered(counted), viewerScopeKey(viewer)]);
}

/** The variable given as `since` to the root field, unless it is used anywhere else in the document. */
function startVariable(document: DocumentNode, operation: OperationDefinitionNode): string | null {
  const fields = operation.selectionSet.selections.filter((selection) => selection.kind === Kind.FIELD);
  const value = fields.length === 1 ? fields[0]?.arguments?.find((argument) => argument.name.value === 'since')?.value : undefined;
  if (value?.kind !== Kind.VARIABLE) return null;
  const name = value.name.value;
  let uses = 0;
  visit(document, {
    Variable(node, _key, parent) {
      const defines = parent !== undefined && !Array.isArray(parent) && 'kind' in parent && parent.kind === Kind.VARIABLE_DEFINITION;
      if (node.name.value === name && !defines) uses += 1;
    },
  });
  return uses === 1 ? name : null;
}

/** The same value for the same variables, whatever the order of their keys. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, ordered(part)]),
  );
}
