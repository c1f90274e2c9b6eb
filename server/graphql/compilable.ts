/**
 * Which operations may be compiled by graphql-jit 0.8: those for which its answers are known to be the ones of graphql-js, and
 * whose compiled form stays small. Each refusal names what would go wrong; all of them are held by compiled-operation.test.ts.
 */
import {
  type ASTNode,
  BREAK,
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from 'graphql';

/** Fields after fragments are spread and abstract types multiplied. The client's largest operation has some 150. */
const MAX_FIELDS = 1_000;

const PLAIN: ReadonlySet<Kind> = new Set([Kind.INT, Kind.FLOAT, Kind.BOOLEAN, Kind.ENUM, Kind.NULL]);

export interface Compilable {
  /** Inside a literal a variable that is not given becomes null, instead of nothing (issue 230): only for requests that give these. */
  needs: readonly string[];
}

/** Null: execute it with graphql-js. */
export function compilable(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Compilable | null {
  if (operation.operation === OperationTypeNode.MUTATION || hasPitfall(document)) return null;
  if (!isSmall(schema, document, operation)) return null;
  const needs = variablesInLiterals(document);
  // The only null that validation lets through to where none may be: the value of a variable that has a default instead of one.
  const mayBeNull = (operation.variableDefinitions ?? []).some(
    ({ variable, type, defaultValue }) => needs.has(variable.name.value) && type.kind !== Kind.NON_NULL_TYPE && defaultValue !== undefined,
  );
  return mayBeNull ? null : { needs: [...needs] };
}

function variablesInLiterals(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  const note = (value: ValueNode) => void (value.kind === Kind.VARIABLE && names.add(value.name.value));
  visit(document, { ListValue: ({ values }) => values.forEach(note), ObjectField: ({ value }) => note(value) });
  return names;
}

function hasPitfall(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    enter(node) {
      if (!isPitfall(node)) return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}

function isPitfall(node: ASTNode): boolean {
  switch (node.kind) {
    // @skip and @include go wrong beside fragments (graphql-jit issue 111), and what they mean is written into the document.
    case Kind.DIRECTIVE:
      return true;
    // Facts about a field are kept by its path, joined with "_"; and `__proto__` as a key of an object literal is no key.
    case Kind.FIELD:
      return (node.alias?.value.includes('_') ?? false) || node.name.value === '__schema' || node.name.value === '__type';
    // A default is written into the code as JSON, in which an instant is a string.
    case Kind.VARIABLE_DEFINITION:
      return node.defaultValue !== undefined && !PLAIN.has(node.defaultValue.kind);
    // Dates and infinities in literals are written into the code by way of marked strings: a string that has the mark would
    // itself become code.
    case Kind.STRING:
      return node.value.includes('__MAGIC');
    default:
      return false;
  }
}

/** Fragments are spread at each place and abstract types unfold into all their members, so a short document may be a huge function. */
function isSmall(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  let left = MAX_FIELDS;

  function spread(type: GraphQLCompositeType, selections: SelectionSetNode, times: number): void {
    for (const selection of selections.selections) {
      if (left < 0) return;
      if (selection.kind === Kind.FIELD) spreadField(type, selection.name.value, selection.selectionSet, times);
      else {
        const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (fragment !== undefined) spread(typeNamed(fragment.typeCondition?.name.value) ?? type, fragment.selectionSet, times);
      }
    }
  }

  function spreadField(type: GraphQLCompositeType, name: string, selections: SelectionSetNode | undefined, times: number): void {
    left -= times;
    if (selections === undefined || !('getFields' in type)) return;
    const below = getNamedType(type.getFields()[name]?.type);
    if (!isCompositeType(below)) return;
    spread(below, selections, isAbstractType(below) ? times * schema.getPossibleTypes(below).length : times);
  }

  function typeNamed(name: string | undefined): GraphQLCompositeType | null {
    const type = name === undefined ? undefined : schema.getType(name);
    return isCompositeType(type) ? type : null;
  }

  const root = schema.getRootType(operation.operation);
  if (root == null) return false;
  spread(root, operation.selectionSet, 1);
  return left >= 0;
}
