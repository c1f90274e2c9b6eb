/** Undefined for a text that is no JSON: a proxy's error page, an answer that broke off. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
