import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { GRAPHIQL_OPTIONS, renderGraphiql, SAMPLE_OPERATIONS } from './graphiql.ts';
import { schema } from './schema.ts';

test('every sample operation is one that the schema answers', () => {
  for (const operations of SAMPLE_OPERATIONS) expect(validate(schema, parse(operations))).toEqual([]);
});

test('the page loads nothing from anywhere', async () => {
  const page = await renderGraphiql(GRAPHIQL_OPTIONS);
  const outside = page.match(/<(?:script|link|img|iframe)[^>]*\s(?:src|href)\s*=\s*["']?(?!data:)[^"'\s>]+/gi) ?? [];
  expect(outside.filter((tag) => !tag.includes('${'))).toEqual([]);
  expect(page).not.toMatch(/unpkg\.com|jsdelivr\.net\/npm\/@graphql-yoga/);
  expect(page).toContain('As a patient');
});

test('a subscription over WebSocket is signed in by the headers of its tab', async () => {
  expect(await renderGraphiql(GRAPHIQL_OPTIONS)).toContain('connectionParams:y?.headers');
});
