/**
 * Doors that Cal.com puts into its webhooks (CONTRACT 8): `videoCallData.password` is a Daily owner token,
 * `oneTimePassword` lets anyone approve the booking, the links are bearer URLs. None may be stored.
 */
const DEEPEST = 32;

/**
 * Removes them from a body that was parsed just now and is nobody else's yet: a copy without them would cost ten times as
 * much, for each webhook. What is removed is `undefined`, which JSON does not write. Nothing is kept below 32 levels.
 */
export function removeSecrets(json: unknown): void {
  if (isContainer(json)) removeFrom(json, false, 0);
}

type Container = unknown[] | Record<string, unknown>;

function removeFrom(container: Container, insideVideo: boolean, depth: number): void {
  if (Array.isArray(container)) {
    for (const [index, item] of container.entries()) {
      if (!isContainer(item)) continue;
      if (depth >= DEEPEST) container[index] = null;
      else removeFrom(item, insideVideo, depth + 1);
    }
    return;
  }
  for (const key of Object.keys(container)) {
    const value = container[key];
    if (isSecret(key, insideVideo)) container[key] = undefined;
    else if (isContainer(value)) {
      if (depth >= DEEPEST) container[key] = null;
      else removeFrom(value, insideVideo || key === 'videoCallData', depth + 1);
    }
  }
}

function isSecret(key: string, insideVideo: boolean): boolean {
  switch (key) {
    case 'oneTimePassword':
    case 'connectAndJoinUrl':
    case 'downloadLink':
    case 'downloadLinks':
    case 'secret':
      return true;
    case 'password':
      return insideVideo;
    default:
      return false;
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}
