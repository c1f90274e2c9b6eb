/**
 * Doors that Cal.com puts into its webhooks (CONTRACT 8): `videoCallData.password` is a Daily owner token,
 * `oneTimePassword` lets anyone approve the booking, the links are bearer URLs. None may be stored.
 */
const SECRET_KEYS = new Set(['oneTimePassword', 'connectAndJoinUrl', 'downloadLink', 'downloadLinks', 'secret']);
const DEEPEST = 32;

/** The same JSON without the secrets; nothing is kept below 32 levels. */
export function withoutSecrets(json: unknown, insideVideo = false, depth = 0): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(json)) return json.map((item) => withoutSecrets(item, insideVideo, depth + 1));
  const kept: [string, unknown][] = [];
  for (const [key, value] of Object.entries(json)) {
    if (SECRET_KEYS.has(key) || (insideVideo && key === 'password')) continue;
    kept.push([key, withoutSecrets(value, insideVideo || key === 'videoCallData', depth + 1)]);
  }
  return Object.fromEntries(kept);
}
