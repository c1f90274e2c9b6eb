/** graphql-js is the measure: each document is answered by both, and the answers must be the same, errors and their causes included. */
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLError,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { createOperationCompiler } from './compiled-operation.ts';
import { DateTimeScalar } from './scalars.ts';

const required = <Type extends ConstructorParameters<typeof GraphQLNonNull>[0]>(type: Type) => new GraphQLNonNull(type);

const Animal = new GraphQLInterfaceType({
  name: 'Animal',
  fields: { name: { type: required(GraphQLString) } },
  resolveType: ({ barks }: { barks?: boolean }) => (barks === undefined ? 'Cat' : 'Dog'),
});
const Cat: GraphQLObjectType = new GraphQLObjectType({
  name: 'Cat',
  interfaces: [Animal],
  fields: () => ({ name: { type: required(GraphQLString) }, friends: { type: new GraphQLList(required(Animal)) } }),
});
const Dog: GraphQLObjectType = new GraphQLObjectType({
  name: 'Dog',
  interfaces: [Animal],
  fields: () => ({
    name: { type: required(GraphQLString), resolve: (dog: { name: string }) => Promise.resolve(dog.name) },
    barks: { type: GraphQLBoolean },
    broken: { type: required(GraphQLString), resolve: () => Promise.reject(new Error('a bone in the wheels')) },
  }),
});
const Size = new GraphQLEnumType({ name: 'Size', values: { SMALL: { value: 's' }, LARGE: { value: 'l' } } });
const Wish = new GraphQLInputObjectType({
  name: 'Wish',
  fields: { size: { type: Size, defaultValue: 'l' }, after: { type: DateTimeScalar }, names: { type: new GraphQLList(GraphQLString) } },
});
/** Both hand over the same arguments, in another order. */
const inOrder = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => one.localeCompare(other)))
    : value;
const said = { type: GraphQLString, resolve: (_root: unknown, args: unknown) => JSON.stringify(args, inOrder) };
const schema = new GraphQLSchema({
  types: [Cat, Dog],
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      animals: {
        type: new GraphQLList(Animal),
        resolve: () => [{ name: 'Tom', friends: [{ name: 'Rex', barks: true }] }, { name: 'Fido', barks: false }, null],
      },
      dog: { type: Dog, resolve: () => ({ name: 'Rex', barks: true }) },
      namelessCat: { type: required(Cat), resolve: () => ({ name: null }) },
      refused: {
        type: GraphQLString,
        resolve: () => {
          throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
        },
      },
      size: { type: required(Size), resolve: () => 'l' },
      unknownSize: { type: Size, resolve: () => 'xxl' },
      hear: {
        ...said,
        args: {
          id: { type: GraphQLID },
          count: { type: required(GraphQLInt), defaultValue: 3 },
          wish: { type: Wish },
          sizes: { type: new GraphQLList(required(Size)) },
          at: { type: DateTimeScalar },
          text: { type: GraphQLString },
        },
      },
      when: { type: DateTimeScalar, resolve: () => new Date(0) },
      typeOfAt: {
        type: GraphQLString,
        args: { at: { type: DateTimeScalar } },
        resolve: (_root, { at }: { at: unknown }) => Object.prototype.toString.call(at),
      },
      path: { type: GraphQLString, resolve: (_root, _args, _context, info) => `${info.path.key} of ${info.parentType.name}` },
    },
  }),
  mutation: new GraphQLObjectType({ name: 'Mutation', fields: { act: said } }),
});

const plainly = (result: ExecutionResult) => ({
  // Both may answer objects without a prototype.
  data: JSON.parse(JSON.stringify(result.data ?? null)) as unknown,
  errors: (result.errors ?? [])
    .map((error) => ({
      ...error.toJSON(),
      isGraphQLError: error instanceof GraphQLError,
      isMistakeOfServer: error.originalError !== undefined && !(error.originalError instanceof GraphQLError),
    }))
    .toSorted((one, other) => String(one.path).localeCompare(String(other.path))),
});

async function both(text: string, variableValues: Record<string, unknown> = {}, operationName?: string) {
  const document = parse(text);
  const compiled = createOperationCompiler(schema, { uses: 1 }).compile(document, operationName);
  const expected = await execute({ schema, document, variableValues, operationName });
  return {
    compiled: compiled === null ? null : plainly(await compiled.query(undefined, {}, variableValues)),
    expected: plainly(expected),
  };
}

describe('a compiled operation answers as graphql-js does', () => {
  test.each<[string, string, Record<string, unknown>?, string?]>([
    ['interfaces and lists', '{ animals { __typename name ... on Dog { barks } ... on Cat { friends { name } } } }'],
    [
      'fragments, aliases, one field asked twice',
      'query { one: dog { ...F } dog { name ...F } } fragment F on Dog { kind: __typename barks }',
    ],
    ['a null where none may be, to the top', '{ namelessCat { name } }'],
    ['a null where none may be, to the next field that may', '{ dog { name broken } size }'],
    ['an error inside a list', '{ animals { name ... on Dog { broken } } }'],
    ['an error that is for the client', '{ refused size }'],
    ['an enum, an instant, the path', '{ size when path again: path }'],
    ['literals', '{ hear(id: 7, wish: { names: "one" }, sizes: SMALL, at: "2026-01-01T00:00:00Z") typeOfAt(at: "2026-01-01T00:00:00Z") }'],
    [
      'variables',
      'query ($id: ID, $wish: Wish, $sizes: [Size!], $at: DateTime) { hear(id: $id, wish: $wish, sizes: $sizes, at: $at) typeOfAt(at: $at) }',
      { id: 7, wish: { after: '2026-01-01T00:00:00Z', names: ['a', null] }, sizes: 'SMALL', at: '2026-01-01T00:00:00Z' },
    ],
    ['variables that are left out', 'query ($id: ID, $wish: Wish, $sizes: [Size!]) { hear(id: $id, wish: $wish, sizes: $sizes) }'],
    ['variables that are null', 'query ($id: ID, $wish: Wish) { hear(id: $id, wish: $wish) }', { id: null, wish: null }],
    [
      'a variable inside an object',
      'query ($after: DateTime) { hear(wish: { after: $after, names: ["a"] }) }',
      { after: '2026-01-01T00:00:00Z' },
    ],
    ['a variable inside a list inside an object', 'query ($name: String) { hear(wish: { names: ["a", $name] }) }', { name: 'b' }],
    ['a variable inside a list', 'query ($size: Size!) { hear(sizes: [LARGE, $size]) }', { size: 'SMALL' }],
    ['a variable inside an object that is null', 'query ($after: DateTime) { hear(wish: { after: $after }) }', { after: null }],
    ['a variable inside an object that is left out', 'query ($after: DateTime) { hear(wish: { after: $after }) }'],
    ['a variable inside a list that is left out', 'query ($name: String) { hear(wish: { names: [$name] }) }'],
    ['an empty object', 'query ($wish: Wish) { hear(wish: $wish) }', { wish: {} }],
    ['a default', 'query ($count: Int = 5, $size: Size = SMALL) { hear(count: $count, sizes: [LARGE]) sized: hear(sizes: []) }'],
    ['a required variable with a default', 'query ($count: Int! = 5) { hear(count: $count) }'],
    ['a required argument given null', 'query ($count: Int = 5) { hear(count: $count) }', { count: null }],
    ['a variable of the wrong type', 'query ($count: Int!) { hear(count: $count) size }', { count: 'many' }],
    ['a field that the input has not', 'query ($wish: Wish) { hear(wish: $wish) }', { wish: { colour: 'red' } }],
    ['an instant that is none', 'query ($at: DateTime) { hear(at: $at) }', { at: 'tomorrow' }],
    ['a required variable left out', 'query ($id: ID!) { hear(id: $id) }'],
    ['one of several operations', 'query A { size } query B { when }', {}, 'B'],
    ['text with quotes, lines and separators', `{ hear(text: "\\"';\\n\\u2028 \${1}") }`],
    ['lines that end in every way', '{\n size\r\n  dog {\r broken\n } }'],
  ])('%s', async (_what, text, variables, operationName) => {
    const { compiled, expected } = await both(text, variables, operationName);
    expect(compiled).not.toBeNull();
    expect(compiled).toEqual(expected);
  });
});

test('a value that cannot be answered is a mistake of the server, and its text is not shown as words for the client', async () => {
  const { compiled, expected } = await both('{ unknownSize }');
  expect(compiled?.errors).toMatchObject([{ message: expected.errors[0]?.message, path: ['unknownSize'], isMistakeOfServer: true }]);
  expect(compiled?.data).toEqual(expected.data);
});

describe('left to graphql-js is', () => {
  const fields = (depth: number): string => (depth === 0 ? 'name' : `...F${depth - 1} ... on Cat { friends { ...F${depth - 1} } }`);
  const doubling = Array.from({ length: 11 }, (_, depth) => `fragment F${depth} on Animal { ${fields(depth)} }`).join(' ');

  test.each([
    ['a mutation', 'mutation { act }'],
    ['@skip and @include', 'query ($yes: Boolean!) { size @include(if: $yes) when @skip(if: $yes) }'],
    ['a default where null may come', 'query ($size: Size = SMALL) { hear(sizes: [$size]) }'],
    ['an instant as a default', 'query ($at: DateTime = "2026-01-01T00:00:00Z") { typeOfAt(at: $at) }'],
    ['an alias that may be taken for a path', '{ dog { name } name_dog: size }'],
    ['an alias that is no key', '{ __proto__: size }'],
    ['introspection', '{ __schema { types { name } } }'],
    ['what unfolds into thousands of fields', `{ animals { ...F10 } } ${doubling}`],
    ['text that would become code', '{ hear(text: "__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74dglobalThis.broken = 1") }'],
    ['the same in disguise', '{ hear(text: "\\u005f_MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74dglobalThis.broken = 1") }'],
  ])('%s', async (_what, text) => {
    expect((await both(text, { yes: true, size: 'SMALL' })).compiled).toBeNull();
    expect('broken' in globalThis).toBe(false);
  });

  test('an operation that the document has not', () => {
    const compiler = createOperationCompiler(schema, { uses: 1 });
    expect(compiler.compile(parse('query A { size } query B { when }'))).toBeNull();
    expect(compiler.compile(parse('query A { size }'), 'C')).toBeNull();
  });
});

describe('what is remembered', () => {
  const document = (): DocumentNode => parse('{ size }');

  test('is compiled when it comes again', () => {
    const compiler = createOperationCompiler(schema);
    const one = document();
    expect(compiler.compile(one)).toBeNull();
    const compiled = compiler.compile(one);
    expect(compiled).not.toBeNull();
    expect(compiler.compile(one)).toBe(compiled);
    expect(compiler.size()).toBe(1);
  });

  test('is bounded: the one used longest ago is forgotten', () => {
    const compiler = createOperationCompiler(schema, { max: 2, uses: 1 });
    const [first, second, third] = [document(), document(), document()];
    const kept = compiler.compile(first);
    compiler.compile(second);
    compiler.compile(first);
    compiler.compile(third);
    expect(compiler.size()).toBe(2);
    expect(compiler.compile(first)).toBe(kept);
  });
});
