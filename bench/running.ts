/** What runs because of us, so that a Ctrl-C leaves nothing behind: processes, databases, folders. */
const stops = new Set<() => Promise<void>>();

/** `stop` as it is, run once at most, and by `stopEverything` if nobody ran it before. */
export function registered(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const once = () => {
    stops.delete(once);
    stopped ??= stop();
    return stopped;
  };
  stops.add(once);
  return once;
}

/** The last started first; one that fails does not keep the others. */
export async function stopEverything(): Promise<void> {
  for (const stop of [...stops].toReversed()) await stop().catch((error: unknown) => console.error(error));
}
