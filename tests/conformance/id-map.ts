/** Recorded ids on the left, the sandbox's on the right: learned from each answer, applied to each later request and expectation. */

export interface IdMap {
  /** Walks both values side by side and remembers each new pair of ids found in the same place; the first sight counts. */
  learn(recorded: unknown, actual: unknown): void;
  /** The recorded value with every known id replaced, in keys, texts and paths alike. */
  translate<Value>(recorded: Value): Value;
}

/** Booking uids, uuids (seats, series, webhooks, reservations); icsUid is a uid with a suffix. */
const ID = /^(?:[1-9A-HJ-NP-Za-km-z]{20,22}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@Cal\.com)?$/;

export function createIdMap(): IdMap {
  const known = new Map<string, string>();

  const learn = (recorded: unknown, actual: unknown): void => {
    if (typeof recorded === 'string' && typeof actual === 'string') {
      const name = recorded.replace('@Cal.com', '');
      if (ID.test(recorded) && ID.test(actual) && !known.has(name)) known.set(name, actual.replace('@Cal.com', ''));
    } else if (Array.isArray(recorded) && Array.isArray(actual)) {
      for (const [index, item] of recorded.entries()) learn(item, actual[index]);
    } else if (isRecord(recorded) && isRecord(actual)) {
      for (const [key, value] of Object.entries(recorded)) learn(value, actual[key]);
    }
  };

  return {
    learn,
    translate: <Value>(recorded: Value): Value => {
      if (recorded === undefined) return recorded;
      let text = JSON.stringify(recorded);
      for (const [from, to] of known) text = text.replaceAll(from, to);
      return JSON.parse(text) as Value;
    },
  };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
