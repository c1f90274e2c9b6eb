import { expect, test } from 'vitest';
import { createGroupCommit, type GroupBounds, GroupCommitFull } from './group-commit.ts';

const BOUNDS: GroupBounds = { groupItems: 4, groupBytes: 100, waitingItems: 10, waitingBytes: 1_000 };

/** A store that finishes a group when told to. */
function heldStore(bounds: Partial<GroupBounds> = {}) {
  const groups: number[][] = [];
  const open: { items: number[]; finish: (answers: (string | Error)[]) => void; fail: (error: unknown) => void }[] = [];
  let begun: () => void = () => {};
  const store = createGroupCommit<number, string>({
    commit: (items) =>
      new Promise((finish, fail) => {
        groups.push([...items]);
        open.push({ items: [...items], finish, fail });
        begun();
      }),
    bytesOf: (item) => item,
    bounds: { ...BOUNDS, ...bounds },
  });
  return {
    store,
    groups,
    /** Resolves with the oldest group that is on its way. */
    async next() {
      while (open.length === 0) await new Promise<void>((resolve) => void (begun = resolve));
      const group = open.shift();
      if (group === undefined) throw new Error('There is none.');
      return { ...group, finish: () => group.finish(group.items.map(String)) };
    },
  };
}

test('what arrives at the same moment goes together, and what arrives while two groups are on their way is the next one', async () => {
  const { store, groups, next } = heldStore();
  const first = [store(1), store(2), store(3)];
  const one = await next();
  const second = [store(4)];
  const two = await next();
  const third = [store(5), store(6)];
  two.finish();
  expect(await Promise.all(second)).toEqual(['4']);
  (await next()).finish();
  expect(await Promise.all(third)).toEqual(['5', '6']);
  one.finish();
  expect(await Promise.all(first)).toEqual(['1', '2', '3']);
  expect(groups).toEqual([[1, 2, 3], [4], [5, 6]]);
});

test('a group has a bound in items and in bytes, and what is too heavy goes alone', async () => {
  const { store, groups, next } = heldStore();
  const all = [1, 2, 3, 4, 5, 60, 60, 300].map((item) => store(item));
  for (let group = 0; group < 4; group += 1) (await next()).finish();
  expect(await Promise.all(all)).toEqual(['1', '2', '3', '4', '5', '60', '60', '300']);
  expect(groups).toEqual([[1, 2, 3, 4], [5, 60], [60], [300]]);
});

test('more than may wait is refused, and there is room again afterwards', async () => {
  const { store, next } = heldStore({ waitingItems: 2 });
  const waiting = [store(1), store(2)];
  await expect(store(3)).rejects.toThrow(GroupCommitFull);
  (await next()).finish();
  expect(await Promise.all(waiting)).toEqual(['1', '2']);
  const again = store(3);
  (await next()).finish();
  expect(await again).toBe('3');
});

test('more bytes than may wait are refused', async () => {
  const { store, next } = heldStore({ waitingBytes: 500 });
  const waiting = store(400);
  await expect(store(101)).rejects.toThrow(GroupCommitFull);
  (await next()).finish();
  expect(await waiting).toBe('400');
});

test('an error of one item is its own, an error of the group is everybody’s, and the next group is tried', async () => {
  const { store, next } = heldStore();
  const mixed = Promise.allSettled([store(1), store(2)]);
  const group = await next();
  group.fail(new Error('away'));
  expect((await mixed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const later = store(3);
  (await next()).finish();
  expect(await later).toBe('3');
});
