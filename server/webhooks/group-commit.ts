/**
 * Group commit: what waits at the same moment is stored by one statement and one flush of the disk. While groups are on
 * their way the next one gathers, so groups grow with the load by themselves and nobody waits for a timer.
 */

/** The second is parsed and written by PostgreSQL while the first waits for the disk; a third would only make them smaller. */
const IN_FLIGHT = 2;

export interface GroupCommitOptions<Item, Stored> {
  /** One statement for all of them, answers in their order; an `Error` is the answer to one item. Rejects: nothing is stored. */
  commit: (items: readonly Item[]) => Promise<(Stored | Error)[]>;
  /** What an item weighs in memory and on the wire. */
  bytesOf: (item: Item) => number;
  bounds: GroupBounds;
}

export interface GroupBounds {
  groupItems: number;
  groupBytes: number;
  /** Of all that wait, the group on its way apart. */
  waitingItems: number;
  waitingBytes: number;
}

/** Too much waits already. */
export class GroupCommitFull extends Error {
  constructor() {
    super('Too many wait to be stored.');
    this.name = 'GroupCommitFull';
  }
}

interface Waiting<Item, Stored> {
  item: Item;
  bytes: number;
  resolve: (stored: Stored) => void;
  reject: (error: unknown) => void;
}

/** The function stores one item: durable when it resolves. */
export function createGroupCommit<Item, Stored>({
  commit,
  bytesOf,
  bounds,
}: GroupCommitOptions<Item, Stored>): (item: Item) => Promise<Stored> {
  let waiting: Waiting<Item, Stored>[] = [];
  let waitingBytes = 0;
  let inFlight = 0;
  let starting = false;

  /** After everything that has already arrived was read: it goes along. */
  function startSoon(): void {
    if (starting || inFlight >= IN_FLIGHT) return;
    starting = true;
    setImmediate(() => {
      starting = false;
      while (inFlight < IN_FLIGHT && waiting.length > 0) void commitGroup(nextGroup());
    });
  }

  async function commitGroup(group: readonly Waiting<Item, Stored>[]): Promise<void> {
    inFlight += 1;
    try {
      const answers = await commit(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const answer = answers[index];
        if (answer instanceof Error || answer === undefined) reject(answer ?? new Error('Nothing was said about it.'));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    inFlight -= 1;
    if (waiting.length > 0) startSoon();
  }

  function nextGroup(): Waiting<Item, Stored>[] {
    let bytes = 0;
    let size = 0;
    while (size < waiting.length && size < bounds.groupItems) {
      bytes += waiting[size]?.bytes ?? 0;
      // One that is too heavy for a group goes alone.
      if (size > 0 && bytes > bounds.groupBytes) break;
      size += 1;
    }
    const group = waiting.slice(0, size);
    waiting = waiting.slice(size);
    waitingBytes -= group.reduce((sum, one) => sum + one.bytes, 0);
    return group;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      const bytes = bytesOf(item);
      if (waiting.length >= bounds.waitingItems || waitingBytes + bytes > bounds.waitingBytes) {
        reject(new GroupCommitFull());
        return;
      }
      waiting.push({ item, bytes, resolve, reject });
      waitingBytes += bytes;
      startSoon();
    });
}
