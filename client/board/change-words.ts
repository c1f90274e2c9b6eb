/** A live change in words: `moved 10:00 → 10:30 · 0.4 s after Cal.com`. */
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import type { Text } from '../i18n/en.ts';
import type { AppointmentChange } from '../live/appointment-change.ts';
import { clockTime, dayOf, shortDay } from '../time/clinic-time.ts';

export interface Words {
  text: Text;
  /** BCP 47 */
  language: string;
  timeZone: string;
}

type Now = Pick<LiveAppointmentFragment, 'startsAt' | 'status' | 'careState'>;

export function changeWords(change: AppointmentChange, now: Now | null, words: Words): string {
  const { change: say } = words.text;
  switch (change.kind) {
    case 'CREATED':
      return say.created;
    case 'RESCHEDULED':
      return now !== null && change.previous !== null ? moved(change.previous.startsAt, now.startsAt, words) : say.updated;
    case 'STATUS_CHANGED':
      return now === null ? say.updated : say.status[now.status];
    case 'CARE_CHANGED':
      return now?.careState == null ? say.updated : say.care[now.careState];
    case 'CLINICIAN_CHANGED':
      return say.clinician;
    case 'MERGED':
      return say.merged;
    case 'LEFT_FILTER':
      return say.left;
    case 'REMOVED':
      return say.removed;
    case 'UPDATED':
    case 'POSITION':
    case 'RESYNC':
      return say.updated;
  }
}

export function latencyWords(change: AppointmentChange, { text, language }: Words): string | null {
  if (change.latencyMs === null) return null;
  const seconds = new Intl.NumberFormat(language, {
    maximumFractionDigits: change.latencyMs < 10_000 ? 1 : 0,
    minimumFractionDigits: change.latencyMs < 10_000 ? 1 : 0,
  });
  return text.change.afterCalcom(seconds.format(Math.max(change.latencyMs, 100) / 1000));
}

function moved(from: string, to: string, { text, language, timeZone }: Words): string {
  if (dayOf(from, timeZone).equals(dayOf(to, timeZone)))
    return text.change.moved(clockTime(from, timeZone, language), clockTime(to, timeZone, language));
  const dayAndTime = (at: string): string => `${shortDay(at, timeZone, language)} ${clockTime(at, timeZone, language)}`;
  return text.change.movedDay(dayAndTime(from), dayAndTime(to));
}
