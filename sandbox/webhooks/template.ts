/**
 * `payloadTemplate`: Handlebars over the payload, of which the plain `{{path.to.value}}` is enough here.
 * A template that is not JSON is sent as a form; one that stops being JSON when filled becomes the literal `false` (CONTRACT 8).
 */
export function fillTemplate(template: string, data: Record<string, unknown>): { body: string; contentType: string } {
  const filled = template.replaceAll(/\{\{\s*([\w.[\]]+)\s*\}\}/g, (_whole, path: string) => escaped(valueAt(data, path)));
  const readable = filled.replaceAll('&quot;', '"');
  if (!isJson(template)) return { body: readable, contentType: 'application/x-www-form-urlencoded' };
  return { body: isJson(readable) ? JSON.stringify(JSON.parse(readable)) : 'false', contentType: 'application/json' };
}

function valueAt(data: unknown, path: string): string {
  let value = data;
  for (const part of path.replaceAll(/[[\]]/g, '').split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '`': '&#x60;',
  '=': '&#x3D;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"'`=]/g, (character) => ENTITIES[character] ?? character);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
