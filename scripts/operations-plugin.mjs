/**
 * A plugin of GraphQL Code Generator: the client's operations as they are sent, by the SHA-256 of their text. The gateway answers
 * these and no others where PERSISTED_OPERATIONS=only.
 */
import { createHash } from 'node:crypto';
import { Kind, print, visit } from 'graphql';

/** What Apollo Client takes out before it sends. */
const OF_THE_CLIENT = new Set(['unmask', 'client', 'connection', 'nonreactive']);

export function plugin(_schema, documents) {
  // Documents of tests are sent by nobody.
  const ofClient = documents.filter(({ location }) => !/\.test\.tsx?$/.test(location ?? ''));
  const definitions = ofClient.flatMap(({ document }) => document?.definitions ?? []);
  const fragments = new Map(definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((one) => [one.name.value, one]));
  const texts = definitions
    .filter(({ kind }) => kind === Kind.OPERATION_DEFINITION)
    .toSorted((one, other) => one.name.value.localeCompare(other.name.value))
    .map((operation) => print(sent({ kind: Kind.DOCUMENT, definitions: [operation, ...spreadBy(operation, fragments)] })));
  return JSON.stringify(Object.fromEntries(texts.map((text) => [createHash('sha256').update(text).digest('hex'), text])), null, 2);
}

function sent(document) {
  return visit(document, { Directive: ({ name }) => (OF_THE_CLIENT.has(name.value) ? null : undefined) });
}

/** In the order of their names, each once, also those that fragments spread. */
function spreadBy(operation, fragments) {
  const found = new Map();
  const collect = (node) =>
    visit(node, {
      FragmentSpread({ name: { value } }) {
        const fragment = fragments.get(value);
        if (fragment === undefined || found.has(value)) return;
        found.set(value, fragment);
        collect(fragment);
      },
    });
  collect(operation);
  return [...found.values()].toSorted((one, other) => one.name.value.localeCompare(other.name.value));
}
