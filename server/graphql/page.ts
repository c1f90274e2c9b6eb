/** Page arguments: bounds with a message that says them, and the same default everywhere. */
import { invalid } from './errors.ts';

export const MAX_PAGE = 100;
const DEFAULT_PAGE = 50;
const MAX_CURSOR_LENGTH = 512;

export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

export interface PageRequest {
  first?: number;
  last?: number;
  after?: string;
  before?: string;
}

/** Exactly one of `first` and `last`. Throws InvalidInput. */
export function pageRequest(args: PageArguments): PageRequest {
  if (args.first != null && args.last != null) throw invalid({ path: 'last', message: 'Give `first` or `last`, not both.' });
  const cursors = { ...cursor('after', args.after), ...cursor('before', args.before) };
  if (args.last != null) return { last: pageSize('last', args.last), ...cursors };
  return { first: args.first == null ? DEFAULT_PAGE : pageSize('first', args.first), ...cursors };
}

function pageSize(path: 'first' | 'last', size: number): number {
  if (size < 1 || size > MAX_PAGE)
    throw invalid({ path, message: `\`${path}\` must be from 1 to ${MAX_PAGE}; ask for the next page with a cursor.` });
  return size;
}

function cursor(path: 'after' | 'before', value: string | null | undefined): { after?: string; before?: string } {
  if (value == null) return {};
  if (value.length > MAX_CURSOR_LENGTH) throw invalid({ path, message: 'This cursor is not one of this list.' });
  return { [path]: value };
}

/** A list that is only read forward. */
export function forwardPage(args: { first?: number | null; after?: string | null }): { first: number; after: string | null } {
  const request = pageRequest(args);
  return { first: request.first ?? DEFAULT_PAGE, after: request.after ?? null };
}

/** The shape every Relay connection is answered from. `cursorOf`, of the row at an index, is called for what is selected only. */
export function connection<Node>(
  nodes: readonly Node[],
  cursorOf: (index: number) => string,
  more: { hasNextPage: boolean; hasPreviousPage: boolean },
) {
  return { edges: nodes.map((node, index) => new Edge(node, index, cursorOf)), pageInfo: new Ends(nodes.length, cursorOf, more) };
}

class Edge<Node> {
  readonly node: Node;
  readonly #index: number;
  readonly #cursorOf: (index: number) => string;

  constructor(node: Node, index: number, cursorOf: (index: number) => string) {
    this.node = node;
    this.#index = index;
    this.#cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.#cursorOf(this.#index);
  }
}

class Ends {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #length: number;
  readonly #cursorOf: (index: number) => string;

  constructor(length: number, cursorOf: (index: number) => string, more: { hasNextPage: boolean; hasPreviousPage: boolean }) {
    this.hasNextPage = more.hasNextPage;
    this.hasPreviousPage = more.hasPreviousPage;
    this.#length = length;
    this.#cursorOf = cursorOf;
  }

  get startCursor(): string | null {
    return this.#length === 0 ? null : this.#cursorOf(0);
  }

  get endCursor(): string | null {
    return this.#length === 0 ? null : this.#cursorOf(this.#length - 1);
  }
}
