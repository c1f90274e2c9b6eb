/** Which recordings may be asked of somebody's real instance, and how they are put to it. */
import type { Recording } from './recordings.ts';

/** The instance under test, as its own answers describe it. */
export interface Instance {
  apiKey: string;
  username: string;
  /** One of its own event types; undefined when it has none. */
  eventTypeId: number | undefined;
  eventTypeSlug: string | undefined;
}

const RECORDED_KEY = 'cal_0123456789abcdef0123456789abcdef';
const OTHER_KEY = 'cal_fedcba9876543210fedcba9876543210';

/** Why it is skipped; undefined when it is safe: it reads, and needs nothing that only the recorded server had. */
export function reasonToSkip(recording: Recording, instance: Instance): string | undefined {
  const { method, path, headers } = recording.request;
  if (method !== 'GET') return 'writes';
  if (headers['authorization']?.includes(OTHER_KEY)) return 'needs a second user';
  if (recording.name.startsWith('023-')) return 'needs a second user';
  if (/\/v2\/(?:bookings|webhooks|slots\/reservations|event-types)\/(?=[\w-]{10})/.test(path) && !isUnknownOnPurpose(path))
    return 'needs a row of the recorded server';
  if (/\/event-types\/3\/webhooks/.test(path)) return 'needs a row of the recorded server';
  if (/take=1&skip=1/.test(path)) return 'needs two webhooks';
  if (/eventTypeId=[35]\b/.test(path)) return 'needs an event type of several lengths, or with seats';
  if (/slots/.test(path) && instance.eventTypeId === undefined) return 'the instance has no event type';
  return undefined;
}

const isUnknownOnPurpose = (path: string): boolean => path.includes('doesnotexist') || path.includes('00000000-0000');

/** The same question in the instance's own terms. */
export function adapted(recording: Recording, instance: Instance): { path: string; headers: Record<string, string> } {
  const path = recording.request.path
    .replaceAll('username=olga', `username=${encodeURIComponent(instance.username)}`)
    .replaceAll('=intro-30', `=${instance.eventTypeSlug ?? 'intro-30'}`)
    .replaceAll(/eventTypeId=1\b/g, `eventTypeId=${instance.eventTypeId ?? 1}`)
    .replaceAll(/event-types\/1\b/g, `event-types/${instance.eventTypeId ?? 1}`);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(recording.request.headers)) headers[name] = value.replace(RECORDED_KEY, instance.apiKey);
  return { path, headers };
}
