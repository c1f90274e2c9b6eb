/** Ids in the shapes Cal.com hands out. All come from one random source, so a seeded one makes a run repeatable. */
export interface Identifiers {
  /** 22 characters of base 58, as `pXYegPuGWdAqfQCvv6Ag1Z`. */
  bookingUid(): string;
  uuid(): string;
  pick<Item>(items: readonly Item[]): Item;
  random(): number;
}

/** Returns a number in [0, 1). */
export type RandomSource = () => number;

const BASE58 = '123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';

export function createIdentifiers(random: RandomSource): Identifiers {
  const hex = (digits: number): string => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  return {
    bookingUid: () => Array.from({ length: 22 }, () => BASE58[Math.floor(random() * BASE58.length)]).join(''),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(random() * 4)]}${hex(3)}-${hex(12)}`,
    pick: (items) => {
      const item = items[Math.floor(random() * items.length)];
      if (item === undefined) throw new Error('Nothing to pick from');
      return item;
    },
    random,
  };
}

/** A small repeatable source (mulberry32), for tests and for the timetable of a day. */
export function seededRandom(seed: number): RandomSource {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A stable number for a text, to seed from (FNV-1a). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
