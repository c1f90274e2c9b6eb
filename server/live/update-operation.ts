/**
 * What is executed for each update of a stream: the subscription without the arguments of its root field. Those decide which
 * updates a stream is given, and from where on, which is done before; what is shown of one update depends on the update,
 * the selection, the variables used in it, and the viewer. Dashboards that look at different days share the text of a change
 * that both are shown, and because the arguments are not in what is executed, they cannot make a difference.
 */
import { type DefinitionNode, type DocumentNode, type FieldNode, Kind, type OperationDefinitionNode, print, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import { viewerScopeKey } from '../auth/authorize.ts';
import type { Viewer } from '../auth/viewer.ts';

export interface UpdateOperation {
  /** The same object for the same text, as long as it is remembered. */
  document: DocumentNode;
  operation: OperationDefinitionNode;
  text: string;
  /** Names of the variables that are left. */
  variables: ReadonlySet<string>;
}

export interface UpdateOperations {
  /** Of a valid document. */
  of(document: DocumentNode, operation: OperationDefinitionNode): UpdateOperation;
}

/** `max`: texts remembered, the one not used for longest goes first. */
export function createUpdateOperations(max = 500): UpdateOperations {
  // Documents are parsed once and shared; one that is parsed again is found by its text.
  const known = new WeakMap<OperationDefinitionNode, UpdateOperation>();
  const byText = new LRUCache<string, UpdateOperation>({ max });
  return {
    of(document, operation) {
      const found = known.get(operation);
      if (found !== undefined) return found;
      const reduced = reduce(document, operation);
      const shared = byText.get(reduced.text) ?? reduced;
      byText.set(shared.text, shared);
      known.set(operation, shared);
      return shared;
    },
  };
}

/**
 * Subscribers of one key are sent the same text. A wrong key shows one person another's data: it is made of everything that
 * an execution can read, and `viewerScopeKey` (the role, and the person where the role shows own things).
 */
export function groupKey(operation: UpdateOperation, variables: Record<string, unknown>, viewer: Viewer): string {
  return JSON.stringify([operation.text, ordered(usedVariables(operation, variables)), viewerScopeKey(viewer)]);
}

export function usedVariables({ variables: names }: UpdateOperation, given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => names.has(name)));
}

function reduce(document: DocumentNode, operation: OperationDefinitionNode): UpdateOperation {
  const root = operation.selectionSet.selections[0];
  const bare = root?.kind === Kind.FIELD ? withoutArguments(operation, root) : operation;
  const fragments = fragmentsUsed(document, bare);
  const used = new Set<string>();
  const note = (node: DefinitionNode) =>
    void visit(node, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  for (const definition of [bare, ...fragments]) note(definition);
  const left: OperationDefinitionNode = {
    ...bare,
    variableDefinitions: (bare.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
  };
  const reduced: DocumentNode = { kind: Kind.DOCUMENT, definitions: [left, ...fragments] };
  return { document: reduced, operation: left, text: print(reduced), variables: used };
}

/** A subscription has one root field (GraphQL, 5.2.3.1); one that stands in a fragment keeps its arguments. */
function withoutArguments(operation: OperationDefinitionNode, root: FieldNode): OperationDefinitionNode {
  return { ...operation, selectionSet: { ...operation.selectionSet, selections: [{ ...root, arguments: [] }] } };
}

function fragmentsUsed(document: DocumentNode, operation: OperationDefinitionNode): DefinitionNode[] {
  const names = new Set<string>();
  const follow = (node: DefinitionNode): void =>
    void visit(node, {
      FragmentSpread({ name: { value } }) {
        if (names.has(value)) return;
        names.add(value);
        for (const definition of document.definitions)
          if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === value) follow(definition);
      },
    });
  follow(operation);
  return document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION && names.has(definition.name.value));
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
