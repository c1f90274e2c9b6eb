import { expect, test } from 'vitest';
import { connection } from './page.ts';

const MORE = { hasNextPage: true, hasPreviousPage: false };

test('cursors are made for what is selected only', () => {
  const made: number[] = [];
  const page = connection(
    ['a', 'b', 'c'],
    (index) => {
      made.push(index);
      return `cursor ${index}`;
    },
    MORE,
  );
  expect(page.edges.map(({ node }) => node)).toEqual(['a', 'b', 'c']);
  expect(page.pageInfo).toMatchObject(MORE);
  expect(made).toEqual([]);
  expect([page.pageInfo.startCursor, page.pageInfo.endCursor, page.edges[1]?.cursor]).toEqual(['cursor 0', 'cursor 2', 'cursor 1']);
  expect(made).toEqual([0, 2, 1]);
});

test('an empty page begins and ends nowhere', () => {
  const { edges, pageInfo } = connection([], () => 'a cursor', { hasNextPage: false, hasPreviousPage: false });
  expect([edges, pageInfo.startCursor, pageInfo.endCursor]).toEqual([[], null, null]);
});
