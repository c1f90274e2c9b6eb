/** The same kind of appointment at several clinicians: what shares a slug. Pure. */
import type { EventTypeRow } from '../appointments/appointment-store.ts';
import type { ConsultationType } from '../appointments/appointment.ts';

export interface EventTypeGroup<Row extends EventTypeRow = EventTypeRow> {
  slug: string;
  /** The commonest one. */
  title: string;
  /** Ascending; every length that at least one of them has. */
  durations: number[];
  consultationTypes: ConsultationType[];
  /** One for each clinician, in the order given. */
  eventTypes: Row[];
}

/** By title. A group visit and a visit of one's own are never the same kind. */
export function groupsOf<Row extends EventTypeRow>(offered: readonly Row[]): EventTypeGroup<Row>[] {
  const kinds = Map.groupBy(offered, ({ slug, seats, recurring }) => JSON.stringify([slug, seats !== null, recurring]));
  return [...kinds.values()].map(groupOf).sort((a, b) => a.title.localeCompare(b.title) || (a.slug < b.slug ? -1 : 1));
}

function groupOf<Row extends EventTypeRow>(eventTypes: Row[]): EventTypeGroup<Row> {
  return {
    slug: eventTypes[0]?.slug ?? '',
    title: commonest(eventTypes.map(({ title }) => title)),
    durations: [...new Set(eventTypes.flatMap(lengthsOf))].sort((a, b) => a - b),
    consultationTypes: [...new Set(eventTypes.flatMap((eventType) => eventType.consultationTypes))],
    eventTypes,
  };
}

export function lengthsOf({ durationMinutes, durationOptions }: Pick<EventTypeRow, 'durationMinutes' | 'durationOptions'>): number[] {
  return durationOptions.length > 0 ? durationOptions : [durationMinutes];
}

/** Of equally common ones the first. */
function commonest(titles: readonly string[]): string {
  const counted = [...Map.groupBy(titles, (title) => title).entries()];
  return counted.reduce((best, one) => (one[1].length > best[1].length ? one : best), counted[0] ?? ['', []])[0];
}
