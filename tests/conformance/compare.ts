/**
 * Two answers are alike when they have the same fields with the same values, apart from what can never be the same:
 * ids, the instants of writing, and free error texts, which are compared up to the first such thing.
 */
import { isRecord } from './id-map.ts';

/** Only the kind of value is compared. */
const VOLATILE = new Set([
  'id',
  'bookingId',
  'rescheduleId',
  'createdAt',
  'updatedAt',
  'timestamp',
  'reservationUntil',
  'idempotencyKey',
  'oneTimePassword',
  'requestId',
]);

/** Differences as readable lines; empty when alike. `translated`: the recorded value with ids already replaced. */
export function differences(translated: unknown, actual: unknown, at = ''): string[] {
  const key = at.slice(at.lastIndexOf('.') + 1);
  if (VOLATILE.has(key)) return kindOf(translated) === kindOf(actual) ? [] : [`${at}: ${kindOf(translated)} became ${kindOf(actual)}`];
  if (Array.isArray(translated) && Array.isArray(actual)) {
    if (translated.length !== actual.length) return [`${at}: ${translated.length} items became ${actual.length}`];
    return translated.flatMap((item, index) => differences(item, actual[index], `${at}[${index}]`));
  }
  if (isRecord(translated) && isRecord(actual)) {
    const missing = Object.keys(translated).filter((name) => !(name in actual));
    const added = Object.keys(actual).filter((name) => !(name in translated));
    return [
      ...missing.map((name) => `${at}.${name}: missing`),
      ...added.map((name) => `${at}.${name}: added`),
      ...Object.keys(translated)
        .filter((name) => name in actual)
        .flatMap((name) => differences(translated[name], actual[name], `${at}.${name}`)),
    ];
  }
  if (typeof translated === 'string' && typeof actual === 'string') {
    const wanted = stableText(translated);
    const alike = key === 'message' ? stableText(actual).startsWith(wanted) : stableText(actual) === wanted;
    return alike ? [] : [`${at}: "${wanted}" became "${stableText(actual)}"`];
  }
  return Object.is(translated, actual) ? [] : [`${at}: ${JSON.stringify(translated)} became ${JSON.stringify(actual)}`];
}

/** The moment of the call, named inside an error text (161). */
const stableText = (text: string): string => text.replace(/Current time in UTC\+0: [^,]+,/, 'Current time in UTC+0: …,');

/** `instant`, `uuid`, or the type; a string that changes its form is a difference. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'string') return typeof value;
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value)) return 'instant with milliseconds';
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return 'uuid';
  return 'string';
}

/**
 * Lists promise an order of starts only: rows that start together may come in any order (28 before 10 in recording 260).
 * Sorts such ties of both lists alike.
 */
export function settleTies(answer: unknown): unknown {
  if (!isRecord(answer) || !Array.isArray(answer['data'])) return answer;
  const data = answer['data'] as unknown[];
  if (!data.every((item) => isRecord(item) && typeof item['start'] === 'string' && typeof item['uid'] === 'string')) return answer;
  const rows = data as { start: string; uid: string }[];
  const starts = rows.map((row) => row.start);
  const byUid = [...rows].sort((a, b) => a.uid.localeCompare(b.uid));
  const settled = starts.map((start) => {
    const index = byUid.findIndex((row) => row.start === start);
    return byUid.splice(index, 1)[0];
  });
  return { ...answer, data: settled };
}
