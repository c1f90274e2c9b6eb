/**
 * A statement for everybody who asks at the same moment: whoever asks while one runs waits for the next, which starts when
 * that one has ended. What is read is never older than the question; nothing is kept.
 */
import DataLoader from 'dataloader';

/** `read` answers in the order of its keys. */
export function groupedLoader<Key, Value>(read: (keys: readonly Key[]) => Promise<readonly Value[]>): DataLoader<Key, Value> {
  let running: Promise<unknown> = Promise.resolve();
  return new DataLoader<Key, Value>(
    (keys) => {
      const values = read(keys);
      running = values.catch(() => {});
      return values;
    },
    // After all promises of this turn, as DataLoader does by itself: they may ask for more.
    { cache: false, batchScheduleFn: (dispatch) => void running.then(() => process.nextTick(dispatch)) },
  );
}
