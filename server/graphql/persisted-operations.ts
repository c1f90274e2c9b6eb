/**
 * Operations by their hash. Anybody may leave a document here and name it by its SHA-256 from then on (automatic persisted
 * queries, as Apollo's clients speak them); or, in strict mode, the gateway knows its own client's operations and answers no
 * others, whichever way they come.
 */
import { createHash } from 'node:crypto';
import { type DocumentNode, GraphQLError, Kind, parse, print, visit } from 'graphql';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { MAX_TOKENS } from './limits.ts';

export interface PersistedOperations {
  /**
   * The document of a request, by its own text or by hash; undefined where it names none. Throws (or rejects with) a GraphQLError
   * for a hash that is not known, is not that of the text, and for what strict mode does not answer.
   */
  textOf(request: OperationRequest): string | undefined | Promise<string | undefined>;
  /** Without asking anybody. */
  known(hash: string): string | undefined;
  /** Only the client's own operations. */
  strict: boolean;
}

export interface OperationRequest {
  query?: unknown;
  extensions?: unknown;
}

/** What instances know together. Never rejects; null also when it cannot be asked in time. */
export interface SharedDocuments {
  read(hash: string): Promise<string | null>;
  write(hash: string, text: string): void;
}

const MAX_DOCUMENTS = 1_000;
const MAX_CHARACTERS = 4_000_000;
/** More than any operation within the limits has, unless it is comments. */
const LONGEST_TEXT = 50_000;

/** Extensions as Apollo's clients send them; others are none of ours. */
const Named = z.looseObject({
  persistedQuery: z.looseObject({ version: z.literal(1), sha256Hash: z.string().regex(/^[0-9a-f]{64}$/) }),
});

const boundedTexts = <Value extends object | string | boolean>() =>
  new LRUCache<string, Value>({ max: MAX_DOCUMENTS, maxSize: MAX_CHARACTERS, sizeCalculation: (_value, key) => Math.max(1, key.length) });

/** Every document, and those that were sent before also by hash. */
export function anyOperations(shared: SharedDocuments | null = null): PersistedOperations {
  const texts = new LRUCache<string, string>({
    max: MAX_DOCUMENTS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (text) => Math.max(1, text.length),
  });

  async function find(hash: string): Promise<string> {
    const text = (await shared?.read(hash)) ?? null;
    if (text === null || sha256(text) !== hash) throw notFound();
    texts.set(hash, text);
    return text;
  }

  return {
    strict: false,
    known: (hash) => texts.get(hash),
    textOf({ query, extensions }) {
      const hash = hashOf(extensions);
      if (hash === null) return textIn(query);
      const text = textIn(query);
      if (text === undefined) return texts.get(hash) ?? find(hash);
      if (texts.get(hash) === text) return text;
      if (sha256(text) !== hash) throw wrongHash();
      if (text.length <= LONGEST_TEXT) {
        texts.set(hash, text);
        shared?.write(hash, text);
      }
      return text;
    },
  };
}

/** `operations`: texts by their SHA-256. A client may send one of them in any layout, and with `__typename` where it likes. */
export function onlyOperations(operations: Readonly<Record<string, string>>): PersistedOperations {
  const texts = new Map(Object.entries(operations));
  const forms = new Set([...texts.values()].map((text) => formOf(parse(text))));
  const judged = boundedTexts<boolean>();

  function isOurs(text: string): boolean {
    let ours = judged.get(text);
    if (ours === undefined) {
      ours = isKnown(text);
      judged.set(text, ours);
    }
    return ours;
  }

  function isKnown(text: string): boolean {
    try {
      return forms.has(formOf(parse(text, { maxLexicalTokens: MAX_TOKENS })));
    } catch {
      return false;
    }
  }

  return {
    strict: true,
    known: (hash) => texts.get(hash),
    textOf({ query, extensions }) {
      const hash = hashOf(extensions);
      const text = textIn(query) ?? (hash === null ? undefined : texts.get(hash));
      if (text === undefined) {
        if (hash !== null) throw notFound();
        return undefined;
      }
      if (!isOurs(text)) throw notOurs();
      return text;
    },
  };
}

/** An empty text stands for none: over a socket there must be one. */
function textIn(query: unknown): string | undefined {
  return typeof query === 'string' && query !== '' ? query : undefined;
}

function hashOf(extensions: unknown): string | null {
  return Named.safeParse(extensions).data?.persistedQuery.sha256Hash ?? null;
}

/** The same for documents that ask for the same: without layout, in the order of the definitions' names, without `__typename`. */
function formOf(document: DocumentNode): string {
  const bare = visit(document, {
    Field: ({ name, alias, directives = [] }) =>
      name.value === '__typename' && alias === undefined && directives.length === 0 ? null : undefined,
  });
  const definitions = bare.definitions.toSorted((one, other) => nameOf(one).localeCompare(nameOf(other)));
  return sha256(print({ kind: Kind.DOCUMENT, definitions }));
}

function nameOf(definition: DocumentNode['definitions'][number]): string {
  return `${definition.kind} ${'name' in definition ? (definition.name?.value ?? '') : ''}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Apollo's clients send the text once more when they see this message or code. */
const notFound = () =>
  new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { spec: true, status: 400 } } });

const wrongHash = () =>
  new GraphQLError('The hash in extensions.persistedQuery is not the SHA-256 of the query. Send one of them, or the right hash.', {
    extensions: { code: 'BAD_REQUEST', http: { spec: true, status: 400 } },
  });

const notOurs = () =>
  new GraphQLError(
    "This gateway answers its own client's operations only. Whoever runs it can allow others with PERSISTED_OPERATIONS=any.",
    { extensions: { code: 'OPERATION_NOT_ALLOWED', http: { spec: true, status: 400 } } },
  );
